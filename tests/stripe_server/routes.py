"""What is asked where: method and path, the package's parameter type, who answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from stripe import params as of
from stripe.params import checkout as of_checkout

from tests.stripe_server import (
    accounts,
    checkout,
    coupons,
    disputes,
    listing,
    promotion_codes,
    refunds,
    webhook_endpoints,
)
from tests.stripe_server.listing import filter_by, lister
from tests.stripe_server.world import Call, Thing

Handler = Callable[[Call], Thing]


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    path: str
    shape: type
    handler: Handler
    permission: str
    """What a restricted key must be allowed; writing includes reading."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path as an expression."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


def finder(kind: str) -> Handler:
    """Return the handler that gives one object by its id."""
    return lambda call: call.find(kind)


def line_items(call: Call) -> Thing:
    """List what a session is for."""
    items = call.find("checkout.session")["_items"]
    return listing.page(call.path, items, call.params, "item")


PAYMENT = {"charge": listing.by_charge, "payment_intent": listing.by_payment_intent}

ROUTES = [
    Route(
        "GET",
        "/v1/account",
        of.AccountRetrieveCurrentParams,
        accounts.retrieve_current,
        "accounts_kyc_basic_read",
    ),
    Route(
        "GET",
        "/v1/accounts/{id}",
        of.AccountRetrieveParams,
        accounts.retrieve,
        "accounts_kyc_basic_read",
    ),
    Route("POST", "/v1/coupons", of.CouponCreateParams, coupons.create, "coupon_write"),
    Route("GET", "/v1/coupons", of.CouponListParams, lister("coupon"), "coupon_read"),
    Route("GET", "/v1/coupons/{id}", of.CouponRetrieveParams, coupons.retrieve, "coupon_read"),
    Route("POST", "/v1/coupons/{id}", of.CouponUpdateParams, coupons.update, "coupon_write"),
    Route("DELETE", "/v1/coupons/{id}", of.CouponDeleteParams, coupons.delete, "coupon_write"),
    Route(
        "POST",
        "/v1/promotion_codes",
        of.PromotionCodeCreateParams,
        promotion_codes.create,
        "promotion_code_write",
    ),
    Route(
        "GET",
        "/v1/promotion_codes",
        of.PromotionCodeListParams,
        lister(
            "promotion_code",
            {
                "active": filter_by("active"),
                "code": listing.by_code,
                "coupon": listing.by_coupon,
                "customer": filter_by("customer"),
                "customer_account": filter_by("customer_account"),
            },
        ),
        "promotion_code_read",
    ),
    Route(
        "GET",
        "/v1/promotion_codes/{id}",
        of.PromotionCodeRetrieveParams,
        promotion_codes.retrieve,
        "promotion_code_read",
    ),
    Route(
        "POST",
        "/v1/promotion_codes/{id}",
        of.PromotionCodeUpdateParams,
        promotion_codes.update,
        "promotion_code_write",
    ),
    Route(
        "POST",
        "/v1/checkout/sessions",
        of_checkout.SessionCreateParams,
        checkout.create,
        "checkout_session_write",
    ),
    Route(
        "GET",
        "/v1/checkout/sessions",
        of_checkout.SessionListParams,
        lister(
            "checkout.session",
            {
                "payment_intent": listing.by_payment_intent,
                "status": filter_by("status"),
                "customer": filter_by("customer"),
            },
        ),
        "checkout_session_read",
    ),
    Route(
        "GET",
        "/v1/checkout/sessions/{id}",
        of_checkout.SessionRetrieveParams,
        finder("checkout.session"),
        "checkout_session_read",
    ),
    Route(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        of_checkout.SessionExpireParams,
        checkout.expire,
        "checkout_session_write",
    ),
    Route(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        of_checkout.SessionLineItemListParams,
        line_items,
        "checkout_session_read",
    ),
    Route(
        "GET",
        "/v1/payment_intents",
        of.PaymentIntentListParams,
        lister("payment_intent"),
        "payment_intent_read",
    ),
    Route(
        "GET",
        "/v1/payment_intents/{id}",
        of.PaymentIntentRetrieveParams,
        finder("payment_intent"),
        "payment_intent_read",
    ),
    Route(
        "GET",
        "/v1/charges",
        of.ChargeListParams,
        lister("charge", {"payment_intent": listing.by_payment_intent}),
        "charge_read",
    ),
    Route("GET", "/v1/charges/{id}", of.ChargeRetrieveParams, finder("charge"), "charge_read"),
    Route("POST", "/v1/refunds", of.RefundCreateParams, refunds.create, "charge_write"),
    Route("GET", "/v1/refunds", of.RefundListParams, lister("refund", PAYMENT), "charge_read"),
    Route("GET", "/v1/refunds/{id}", of.RefundRetrieveParams, finder("refund"), "charge_read"),
    Route("POST", "/v1/refunds/{id}", of.RefundUpdateParams, refunds.update, "charge_write"),
    Route("GET", "/v1/disputes", of.DisputeListParams, lister("dispute", PAYMENT), "dispute_read"),
    Route("GET", "/v1/disputes/{id}", of.DisputeRetrieveParams, finder("dispute"), "dispute_read"),
    Route(
        "POST", "/v1/disputes/{id}/close", of.DisputeCloseParams, disputes.close, "dispute_write"
    ),
    Route(
        "GET",
        "/v1/events",
        of.EventListParams,
        lister("event", {"type": listing.by_type, "types": listing.by_types}),
        "event_read",
    ),
    Route("GET", "/v1/events/{id}", of.EventRetrieveParams, finder("event"), "event_read"),
    Route(
        "POST",
        "/v1/webhook_endpoints",
        of.WebhookEndpointCreateParams,
        webhook_endpoints.create,
        "webhook_write",
    ),
    Route(
        "GET",
        "/v1/webhook_endpoints",
        of.WebhookEndpointListParams,
        lister("webhook_endpoint"),
        "webhook_read",
    ),
    Route(
        "GET",
        "/v1/webhook_endpoints/{id}",
        of.WebhookEndpointRetrieveParams,
        finder("webhook_endpoint"),
        "webhook_read",
    ),
    Route(
        "POST",
        "/v1/webhook_endpoints/{id}",
        of.WebhookEndpointUpdateParams,
        webhook_endpoints.update,
        "webhook_write",
    ),
    Route(
        "DELETE",
        "/v1/webhook_endpoints/{id}",
        of.WebhookEndpointDeleteParams,
        webhook_endpoints.delete,
        "webhook_write",
    ),
]


PERMISSIONS = frozenset(
    f"{route.permission.rpartition('_')[0]}_{verb}"
    for route in ROUTES
    for verb in ("read", "write")
)
"""What a restricted key can be allowed, in Stripe's names without their ``rak_``."""


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the endpoint for a request, and the parts of its path."""
    for route in ROUTES:
        matched = route.pattern.fullmatch(path)
        if route.method == method and matched:
            return route, matched.groupdict()
    return None
