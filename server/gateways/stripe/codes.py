"""Coupons and promotion codes: one coupon for each value, one promotion code for each code.

Everything that is made has a name that we choose, so that making it twice makes it once: a coupon
its id, a promotion code its Idempotency-Key.  Stripe forgets those after a day, and repeats an
answer of 500 under them until then; so whatever fails is first looked for by its id or its code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stripe import StripeClient

from rewards.money import Money
from server.gateways.stripe.amounts import to_stripe
from server.gateways.stripe.failures import Broken, Refused, told

if TYPE_CHECKING:
    from stripe import PromotionCode
    from stripe.params import CouponCreateParams, PromotionCodeCreateParams

CODE_KEY = "fanfare_code"
GENERATION_KEY = "fanfare_generation"
OFFER_KEY = "fanfare_offer"
PAGE = 100
EDITIONS_MAX = 10


@dataclass(frozen=True, slots=True)
class Coupon:
    """A value: an amount off, or with ``rate_basis_points`` a share of an order."""

    most: Money
    rate_basis_points: int | None = None

    @property
    def ref(self) -> str:
        """The id of such a coupon; where one was deleted, ``.2`` and so on follow."""
        if self.rate_basis_points is not None:
            return f"fanfare-share-{self.rate_basis_points}"
        return f"fanfare-{self.most.currency.lower()}-{self.most.minor}"

    def is_called(self, ref: str | None) -> bool:
        """Tell whether an id is that of such a coupon, of whichever edition."""
        return ref is not None and ref.partition(".")[0] == self.ref


@dataclass(frozen=True, slots=True)
class Wanted:
    """A promotion code as it should be; ``least`` is the smallest order that it is for."""

    code: str
    coupon: Coupon
    generation: int
    offer_id: str
    least: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion code as it is; ``code`` is ours, or None where the shop made it by itself."""

    ref: str
    is_active: bool
    times_used: int
    code: str | None
    coupon_ref: str | None
    generation: int


def make_coupon(client: StripeClient, coupon: Coupon, *, key: str | None) -> str:
    """See to it that a coupon exists and return its id: the next edition where one was deleted.

    Raises:
        AmountInvalid: Stripe has no such amount.
        Failed: Stripe did not make it.

    """
    params: CouponCreateParams = {"duration": "once"}
    if coupon.rate_basis_points is None:
        params["amount_off"] = to_stripe(coupon.most)
        params["currency"] = coupon.most.currency.lower()
        params["name"] = f"{coupon.most} off"
    else:
        params["percent_off"] = coupon.rate_basis_points / 100
        params["name"] = f"{params['percent_off']:g} % off"
    for edition in range(1, EDITIONS_MAX):
        params["id"] = coupon.ref if edition == 1 else f"{coupon.ref}.{edition}"
        if _create_coupon(client, params, key):
            return params["id"]
    raise Refused("Too many coupons of this value were deleted.", code=None, status=None)


def _create_coupon(client: StripeClient, params: "CouponCreateParams", key: str | None) -> bool:
    """Create a coupon; tell whether there is one of this id now, rather than a deleted one."""
    try:
        with told():
            client.v1.coupons.create(
                params, {"idempotency_key": f"{key}:{params['id']}" if key else None}
            )
    except (Broken, Refused) as failure:
        if _has_coupon(client, params["id"]):
            return True
        if isinstance(failure, Refused) and failure.code == "resource_already_exists":
            return False
        if key is None or not isinstance(failure, Broken):
            raise
        return _create_coupon(client, params, None)
    return True


def _has_coupon(client: StripeClient, ref: str) -> bool:
    try:
        with told():
            client.v1.coupons.retrieve(ref)
    except Refused as refusal:
        if refusal.is_missing:
            return False
        raise
    return True


def make_promotion(
    client: StripeClient, wanted: Wanted, *, coupon_ref: str, key: str | None
) -> Promotion:
    """Make a promotion code, or return the one that was made for this code and generation.

    Raises:
        AmountInvalid: Stripe has no such amount.
        Failed: Stripe did not make it.

    """
    params: PromotionCodeCreateParams = {
        "promotion": {"type": "coupon", "coupon": coupon_ref},
        "code": wanted.code,
        "max_redemptions": 1,
        "expires_at": int(wanted.expires_at.timestamp()),
        "metadata": {
            CODE_KEY: wanted.code,
            GENERATION_KEY: str(wanted.generation),
            OFFER_KEY: wanted.offer_id,
        },
    }
    if wanted.least.minor:
        params["restrictions"] = {
            "minimum_amount": to_stripe(wanted.least),
            "minimum_amount_currency": wanted.least.currency.lower(),
        }
    try:
        with told():
            return _promotion(client.v1.promotion_codes.create(params, {"idempotency_key": key}))
    except (Broken, Refused) as failure:
        made = _made_before(client, wanted)
        if made is not None:
            return made
        if key is None or not isinstance(failure, Broken):
            raise
    return make_promotion(client, wanted, coupon_ref=coupon_ref, key=None)


def set_active(client: StripeClient, ref: str, *, is_active: bool) -> Promotion:
    """Switch a promotion code on or off.

    Raises:
        Failed: Stripe did not do it.

    """
    with told():
        return _promotion(client.v1.promotion_codes.update(ref, {"active": is_active}))


def find_promotion(client: StripeClient, ref: str) -> Promotion | None:
    """Return a promotion code, or None when there is none of this name.

    Raises:
        Failed: Stripe does not say.

    """
    try:
        with told():
            return _promotion(client.v1.promotion_codes.retrieve(ref))
    except Refused as refusal:
        if refusal.is_missing:
            return None
        raise


def promotions(client: StripeClient) -> Iterator[Promotion]:
    """Go through every promotion code of the account that is ours.

    Raises:
        Failed: Stripe does not say.

    """
    with told():
        for found in client.v1.promotion_codes.list({"limit": PAGE}).auto_paging_iter():
            promotion = _promotion(found)
            if promotion.code is not None:
                yield promotion


def coupon_refs(client: StripeClient) -> set[str]:
    """Return the ids of all coupons of the account.

    Raises:
        Failed: Stripe does not say.

    """
    with told():
        found = client.v1.coupons.list({"limit": PAGE}).auto_paging_iter()
        return {coupon.id for coupon in found}


def _made_before(client: StripeClient, wanted: Wanted) -> Promotion | None:
    """Return what an attempt made whose answer was lost: this one, or one that is as good."""
    with told():
        found = client.v1.promotion_codes.list({"code": wanted.code, "limit": PAGE})
        own = [p for p in map(_promotion, found.auto_paging_iter()) if p.code == wanted.code]
    for promotion in own:
        if promotion.generation == wanted.generation:
            return promotion
    for promotion in own:
        if promotion.is_active and wanted.coupon.is_called(promotion.coupon_ref):
            return promotion
    return None


def _promotion(found: "PromotionCode") -> Promotion:
    metadata = found.metadata.to_dict() if found.metadata else {}
    coupon = found.promotion.coupon
    generation = str(metadata.get(GENERATION_KEY, ""))
    return Promotion(
        ref=found.id,
        is_active=found.active,
        times_used=found.times_redeemed,
        code=metadata.get(CODE_KEY),
        coupon_ref=coupon if isinstance(coupon, str) or coupon is None else coupon.id,
        generation=int(generation) if generation.isdecimal() else 0,
    )


def moment(seconds: int) -> datetime:
    """Return a moment that Stripe wrote as seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
