"""Paid checkouts: the code that was used is used up here too, and the order comes in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from rewards.money import Money
from server import tokens
from server.errors import CodeRefused, Invalid, OrderRefTaken, RedemptionEnded, RefusalKey
from server.services import conversions, redemptions, stripe_codes
from server.services.attribution import Evidence
from server.services.stripe_work import Happened, Later, Outcome, wake
from server.services.validations import Use
from server.store import codes as code_store
from server.store import conversions as conversion_store
from server.store import stripe_codes as mirror_store
from server.store import stripe_events, stripe_payments, visits, writing
from server.store.stripe_events import EventState

PAID = frozenset({"paid", "no_payment_required"})
ONE_TIME = "payment"
ORDER_REF_MAX = 100
VISIT_TOKEN_MAX = 32


@dataclass(frozen=True, slots=True)
class _Used:
    """A code of ours that a checkout used, by which of its promotion codes."""

    code_id: int
    code: str
    generation: int


def completed(db: Session, happened: Happened, now: datetime) -> Outcome:
    """Record a paid checkout: the code's use, the order, and where the ledger says otherwise.

    Raises:
        Later: the code is held for another order right now.

    """
    facts = happened.facts
    account_id, session_ref = happened.account_id, facts["session"]
    if facts["status"] not in PAID or "currency" not in facts:
        return Outcome("It waits for its payment.")
    if stripe_payments.find_by_session(db, account_id=account_id, session_ref=session_ref):
        return Outcome("This checkout was recorded before.")
    used = _used(db, happened)
    redemption_id, differs = _redeem(db, happened, used, now) if used else (None, None)
    conversion_id, differs_too = _report(db, happened, used, now)
    difference = " ".join(filter(None, [differs, differs_too])) or None
    first = writing.put_first(
        db,
        stripe_payments.StripePayment,
        {
            "account_id": account_id,
            "session_ref": session_ref,
            "payment_ref": happened.payment_ref,
            "paid_minor": facts["paid"],
            "currency": facts["currency"],
            "conversion_id": conversion_id,
            "redemption_id": redemption_id,
            "difference": difference[:200] if difference else None,
            "recorded_at": now,
        },
    )
    if first is None:
        return Outcome("This checkout was recorded at the same moment.")
    if used is not None:
        _heard(db, happened, used, now)
    _wake_others(db, happened, now)
    return _outcome(conversion_id, redemption_id, difference)


def may_be_ours(facts: dict[str, Any]) -> bool:
    """Tell whether a paid checkout may be one that we brought, as far as its event says."""
    return facts.get("status") in PAID and bool(facts["promotions"] or facts["reference"])


def _outcome(
    conversion_id: int | None, redemption_id: int | None, difference: str | None
) -> Outcome:
    if difference:
        return Outcome(difference)
    if conversion_id is None and redemption_id is None:
        return Outcome("Neither a code of ours nor a visit brought it.", is_done=False)
    return Outcome("The order is recorded." if conversion_id else "The code is used up.")


def failed(db: Session, happened: Happened, now: datetime) -> Outcome:
    """Give a code back to the shop's checkout whose late payment failed."""
    used = _used(db, happened)
    if used is None:
        return Outcome("No code of ours was used.", is_done=False)
    _heard(db, happened, used, now)
    return Outcome("Nothing was paid; the code can be used again.")


def _heard(db: Session, happened: Happened, used: _Used, now: datetime) -> None:
    stripe_codes.heard(
        db,
        account_id=happened.account_id,
        code_id=used.code_id,
        generation=used.generation,
        now=now,
    )


def _used(db: Session, happened: Happened) -> _Used | None:
    """Return the code of ours that was used: as we know it, or as Stripe's metadata says."""
    for ref in happened.facts["promotions"]:
        row = mirror_store.find_by_promotion(db, account_id=happened.account_id, promotion_ref=ref)
        if row is not None:
            code = code_store.find(db, row.code_id)
            assert code is not None
            return _Used(row.code_id, code.code, row.generation)
        promotion = happened.promotions.get(ref)
        if promotion is None or promotion.code is None:
            continue
        found = code_store.find_by_code(db, tokens.discount_code_as_kept(promotion.code))
        if found is not None and found.id is not None and found.brand_id == happened.brand_id:
            return _Used(found.id, found.code, promotion.generation)
    return None


def _redeem(
    db: Session, happened: Happened, used: _Used, now: datetime
) -> tuple[int | None, str | None]:
    """Use the code up; return the use, and a sentence where our ledger says otherwise."""
    facts = happened.facts
    use = Use(happened.brand_id, Money(facts["subtotal"], facts["currency"]))
    try:
        redemption = redemptions.redeem(
            db,
            client_id=None,
            code=used.code,
            order_ref=order_ref(happened),
            use=use,
            now=now,
            buyer=happened.buyer,
        )
    except CodeRefused as refusal:
        if refusal.key is RefusalKey.RESERVED_ELSEWHERE:
            raise Later("The code is held for another order; that ends within minutes.") from None
        return None, f"Stripe took {used.code}, but here it could not be used ({refusal.key})."
    except (OrderRefTaken, RedemptionEnded) as error:
        return None, str(error)
    given = Money(facts["discount"], facts["currency"])
    booked = Money(redemption.discount_minor, redemption.currency)
    if given != booked:
        return redemption.id, f"Stripe gave {given} off for {used.code}, the ledger {booked}."
    return redemption.id, None


def _report(
    db: Session, happened: Happened, used: _Used | None, now: datetime
) -> tuple[int | None, str | None]:
    """Report the order, if it is one that somebody can have brought."""
    facts = happened.facts
    reference = facts.get("reference")
    if used is not None:
        evidence = Evidence(code=used.code, buyer=happened.buyer)
    elif (
        reference
        and len(reference) <= VISIT_TOKEN_MAX
        and visits.find_by_token(db, reference) is not None
    ):
        evidence = Evidence(visit_token=reference, buyer=happened.buyer)
    else:
        return None, None
    if facts["mode"] != ONE_TIME:
        return None, "It is a subscription, whose orders are not counted."
    if facts["net"] <= 0:
        return None, None
    try:
        conversions.report(
            db,
            brand_id=happened.brand_id,
            order_ref=order_ref(happened),
            net=Money(facts["net"], facts["currency"]),
            is_new_customer=_is_new(happened),
            evidence=evidence,
            ordered_at=min(happened.happened_at, now),
            now=now,
        )
    except OrderRefTaken:
        return None, f"A partner reported {order_ref(happened)} with other values."
    except Invalid as error:
        return None, str(error)
    row = conversion_store.find_by_order(
        db, brand_id=happened.brand_id, order_ref=order_ref(happened)
    )
    assert row is not None
    return row.id, None


def order_ref(happened: Happened) -> str:
    """Return the shop's own reference where it gave one, else the checkout's; too long, its hash.

    A reference that is cut could be that of another order.
    """
    reference = str(happened.facts.get("order_ref") or happened.facts["session"])
    return reference if len(reference) <= ORDER_REF_MAX else tokens.kept(reference)


def _is_new(happened: Happened) -> bool:
    """Tell whether a buyer is new: as the shop says in the metadata; else we do not know.

    Stripe knows guests and customers, and neither says whether somebody bought before, so that the
    unknown counts as returning: the brand never pays more than it can know.
    """
    return bool(happened.facts.get("is_new"))


def _wake_others(db: Session, happened: Happened, now: datetime) -> None:
    """Let everything be worked that came before the payment which it is about."""
    if happened.payment_ref is None:
        return
    for event in stripe_events.about_payment(
        db, account_id=happened.account_id, payment_ref=happened.payment_ref
    ):
        assert event.id is not None
        if event.id == happened.event_id or not event.facts:
            continue
        event.state = EventState.WAITING
        wake(db, account_id=happened.account_id, event_id=event.id, due_at=now)
