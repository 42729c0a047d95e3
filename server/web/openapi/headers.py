"""The headers of requests and answers, as the document describes them."""

from typing import Any

EXAMPLES = {
    "Idempotency-Key": "5d1f0d1c-6f0f-4a57-9a6e-2f0c5a0e7a11",
    "X-Request-Id": "8sJ2mVqXw4Lb",
}
SENT = {
    "Idempotency-Key": "Makes the request safe to repeat for 24 hours: 1 to 255 visible characters,"
    " such as a UUID. The same request under the same key gets the first answer.",
}
"""What headers of requests mean."""


def _text(description: str, example: str, *, required: bool = False) -> dict[str, Any]:
    header: dict[str, Any] = {
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }
    return header | ({"required": True} if required else {})


COMPONENTS: dict[str, Any] = {
    "X-Request-Id": _text(
        "The name of this request, yours if you sent one. Tell it to us.",
        EXAMPLES["X-Request-Id"],
        required=True,
    ),
    "RateLimit-Policy": _text(
        "How many requests (`q`) are allowed in how many seconds (`w`), for each policy.",
        '"requests";q=1200;w=60',
    ),
    "RateLimit": _text(
        "How many are left (`r`), and in how many seconds (`t`) a new window begins.",
        '"requests";r=1199;t=60',
    ),
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 17,
    },
    "WWW-Authenticate": _text("How to show who asks.", 'Bearer realm="fanfare"', required=True),
    "Idempotent-Replayed": {
        "description": "`true` when this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "ETag": _text("Names this answer; send it as If-None-Match.", '"9b2f"', required=True),
    "Link": _text(
        'Where the next page and the first one are: `rel="next"`, `rel="first"` (RFC 8288).',
        '<https://fanfare.example/api/partner/v1/offers?cursor=b2Zm>; rel="next"',
        required=True,
    ),
}

_EVERYWHERE = ("X-Request-Id", "RateLimit-Policy", "RateLimit")


def of_answer(status: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return the headers of an answer that is no problem."""
    sent = {parameter["name"] for parameter in said["parameters"]}
    names = list(_EVERYWHERE)
    if "Idempotency-Key" in sent:
        names.append("Idempotent-Replayed")
    if "304" in said["responses"]:
        names.append("ETag")
    if "cursor" in sent and status == "200":
        names.append("Link")
    return _refer(names)


def of_problem(status: int) -> dict[str, Any]:
    """Return the headers of a problem."""
    more = {401: ["WWW-Authenticate"], 429: ["Retry-After"]}.get(status, [])
    return _refer([*_EVERYWHERE, *more])


def _refer(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
