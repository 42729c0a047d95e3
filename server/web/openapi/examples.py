"""An example for every body, put together from one example for every member.

A member that is new needs a line in ``MEMBERS`` when its type alone would make a poor example.
"""

from typing import Any

MEMBERS: dict[str, Any] = {
    "amount_minor": 2_000,
    "attribution_days": 30,
    "average_order_minor": 6_000,
    "brand": "Berta's Boots",
    "brought_by": "Ada",
    "budget_minor": 500_000,
    "buyer_ref": "customer-77",
    "budget_spent": False,
    "channel": "whatsapp",
    "channels": ["copy", "whatsapp"],
    "claimed_at": "2026-11-24T12:00:00Z",
    "code": "7KQF-9M2X-4TBH",
    "code_days": 90,
    "consent_hash": "8b1f0c6ed2b6a1b1a5a9c1a8b2f4f0a3c5d6e7f8091a2b3c4d5e6f708192a3b4",
    "conversion_id": "4fJ8kQmZr2Ws",
    "created_at": "2026-11-24T12:00:00Z",
    "counts_wide": False,
    "credit_minor": 33_000,
    "credited_after_minor": 4_000,
    "credited_before_minor": 6_000,
    "credited_minor": 6_000,
    "currency": "EUR",
    "detail": "This code was used before.",
    "dialog": "https://wa.me/?text={text}%20{link}",
    "disclosure": "Ad: I get a reward.",
    "discount_minor": 2_040,
    "delivery_hash": "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069",
    "delivery_id": "3cVb7NmQw9Rt",
    "deliveries": 12,
    "description": "The warehouse",
    "disabled_at": None,
    "disabled_why": None,
    "due_at": "2026-11-24T12:00:05Z",
    "done_at": None,
    "duration_ms": 84,
    "ended_at": None,
    "endpoint_id": "6kTg2HsPd4Zu",
    "error": None,
    "failing_since": None,
    "happened_at": "2026-11-24T12:00:00Z",
    "made_at": "2026-11-24T12:00:05Z",
    "old_secret_until": None,
    "request_body": '{"type":"webhook.test","timestamp":"2026-11-24T12:00:00+00:00","data":{}}',
    "request_headers": {"webhook-id": "evt_5rYx8KdLq2Wm"},
    "response_body": "ok",
    "response_headers": {"Content-Type": "text/plain"},
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "since": "2026-11-24T00:00:00Z",
    "types": ["redemption.created", "redemption.rolled_back"],
    "url": "https://boots.example/hooks/fanfare",
    "event_id": "0b0c6c3e-7d5f-4c1e-9a51-6b3f1d9c2a10",
    "payment_hash": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "expires_at": "2027-02-22T12:00:00Z",
    "has_ended": False,
    "hosts": ["boots.example"],
    "instance": "/api/partner/v1/redemptions",
    "is_new_customer": True,
    "key": "already_redeemed",
    "language": "en",
    "link": "https://go.example/r/4fJ8kQmZr2",
    "min_grant_minor": 500,
    "net_minor": 6_000,
    "new_weight_basis_points": 10_000,
    "next_cursor": "b2Zmc2V0LTAwMDAwMDAx8Q",
    "offer_id": "Hx3vTq9LmN7c",
    "offer_title": "Winter boots",
    "order_ref": "A-1001",
    "order_total_minor": 10_000,
    "ordered_at": "2026-11-24T11:58:00Z",
    "orders": 3,
    "page_url": "https://boots.example/boots",
    "landing": "page",
    "payable_minor": 2_040,
    "pending_minor": 360,
    "promise": "Everything your link sets in motion earns 4 % to 10 %.",
    "published_at": "2026-11-01T09:00:00Z",
    "purpose": "share",
    "rates_basis_points": [400, 600, 800, 1_000],
    "reason": None,
    "redeemed_at": "2026-11-24T12:00:00Z",
    "redemption_id": "9dLw5YtGb3Xe",
    "refunded_minor": 0,
    "remaining_minor": 493_600,
    "reservation_id": "Vn6pRc2KsJ8h",
    "return_days": 14,
    "returning_weight_basis_points": 5_000,
    "reversal_ref": "R-1001-1",
    "sentence": "Your link brought orders of 330.00 EUR.",
    "share_id": 17,
    "share_text": "These boots kept my feet warm all winter:",
    "shown_as": "Ada",
    "status": "published",
    "text": "Ad: I get a reward. These boots kept my feet warm: https://go.example/r/4fJ8kQmZr2",
    "thresholds_minor": [0, 6_000, 24_000, 96_000],
    "title": "Winter boots",
    "value_minor": 2_040,
    "version": "2026-11",
    "vested_at": None,
    "vests_at": "2026-12-08T12:00:00Z",
    "visit_credit_minor": 30,
    "visit_share_basis_points": 1_000,
    "visit_token": "q3T8vJmXw6LbN9dKcR2pYs",
    "visits": 12,
    "why": "This order counts with 60.00 EUR.",
    "withdrawn": False,
    "worked": "330.00 x 4 % = 13.20",
    "address": "https://fanfare.example/p/",
    "decision": "confirm",
    "id": "4fJ8kQmZr2Ws",
    "kid": "pQ3T8vJmXw6LbN9dKcR2pY",
    "outcome": "confirmed",
    "spoken": "7KQF-9M2X",
    "nonce": "q7Wd0PxVb2E",
    "taken_at": "2026-11-24T12:00:00Z",
    "decide_until": "2026-12-01T12:00:00Z",
    "token": "AQ" * 70,
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}

LINK_CODE = "4fJ8kQmZr2"
"""What ``code`` is in the extension's API."""

IN_SHAPES: dict[str, dict[str, Any]] = {
    "ReversalIn": {"amount_minor": 2_000},
    "ShareOut": {"code": LINK_CODE},
    "ShareLineOut": {"code": LINK_CODE},
    "DeliveryOut": {
        "event_id": "evt_5rYx8KdLq2Wm",
        "state": "waiting",
        "type": "redemption.created",
        "attempts": 0,
    },
    "AttemptOut": {"status": 200},
    "ChannelOut": {"key": "whatsapp", "title": "WhatsApp"},
    "CodeOut": {"state": "issued"},
    "WhyOut": {"sentence": "Your link brought orders of 330.00 EUR."},
}
"""Members that mean something else in one shape."""

DETAILS: dict[str, str] = {
    "not-signed-in": "The access token is not valid, has expired or was revoked.",
    "not-allowed": "The access token does not include the scope codes:redeem.",
    "not-found": "There is no such thing here.",
    "invalid-body": "Some members of the request are not valid.",
    "code-refused": "This code was used before.",
    "order-ref-taken": "Order 'A-1001' was already reported with other values. Use a new reference"
    " for a new order, or a reversal for a refund.",
    "reversal-ref-taken": "Reversal 'R-1001-1' was already reported with another amount. Use a new"
    " reference for each refund.",
    "idempotency-key-reused": "This Idempotency-Key belongs to another request.",
    "rate-limited": "You sent more requests than one caller may send in a minute. Wait 17 seconds.",
    "too-large": "The data value transmitted exceeds the capacity limit.",
    "unsupported-media-type": "Send the body as JSON, with Content-Type: application/json.",
    "cursor-invalid": "This list did not give this cursor. Begin again without one, and take each"
    " next one from next_cursor.",
    "internal": "We have noted it. Nothing was changed; please try again.",
    "unavailable": "The database does not answer. Nothing was changed; please try again in a"
    " minute.",
}
"""What the sentence of a problem may say."""

PROBLEM_MEMBERS: dict[str, dict[str, Any]] = {
    "code-refused": {"key": "already_redeemed"},
    "claim-refused": {"key": "own_link"},
    "grant-refused": {"key": "below_minimum"},
    "invalid-body": {
        "errors": [{"pointer": "/currency", "detail": "String should match pattern '^[A-Z]{3}$'"}]
    },
    "rate-limited": {"violated-policies": ["requests"]},
}
"""Members that only some kinds of problems have."""

_BY_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": True}


def of(schema: dict[str, Any], components: dict[str, Any], name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return an example of what a schema describes; ``name`` is the member's."""
    if "$ref" in schema:
        return _of_shape(schema["$ref"].rsplit("/", 1)[1], components)
    if "properties" in schema:
        members = schema["properties"].items()
        return {member: of(inner, components, member) for member, inner in members}
    if name in MEMBERS and not _is_of_shapes(schema):
        return MEMBERS[name]
    if "anyOf" in schema:
        return of(schema["anyOf"][0], components, name)
    if schema.get("type") == "array":
        return [of(schema.get("items", {}), components, name.removesuffix("s"))]
    return _of_type(schema)


def _of_type(schema: dict[str, Any]) -> Any:  # noqa: ANN401
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2026-11-24T12:00:00Z"
    return schema.get("const", _BY_TYPE.get(schema.get("type", ""), {}))


def _of_shape(shape: str, components: dict[str, Any]) -> Any:  # noqa: ANN401
    made = of(components[shape], components)
    return made | IN_SHAPES.get(shape, {}) if isinstance(made, dict) else made


def _is_of_shapes(schema: dict[str, Any]) -> bool:
    """Tell whether a member holds shapes of their own, one or a list of them."""
    return "$ref" in schema.get("items", {}) or any(
        "$ref" in one for one in schema.get("anyOf", ())
    )
