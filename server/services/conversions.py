"""Orders that partners report: attributed, credited, vested, and reversed exactly."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rewards import explain
from rewards.decision import Reason
from rewards.facts import Order, OrderPlaced, OrderReversed, OrderVested
from rewards.money import Money
from server import tokens
from server.errors import Conflict, Invalid, NotFound, OrderRefTaken, ReversalRefTaken, TimesInvalid
from server.services import attribution, forests
from server.store import brands, offers, reversals
from server.store import conversions as store

CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ConversionView:
    """One reported order: whether it counts, for how much, and why."""

    public_id: str
    order_ref: str
    offer_public_id: str | None
    net_minor: int
    currency: str
    credited_minor: int
    refunded_minor: int
    reason: str | None
    why: str
    vests_at: datetime | None
    vested_at: datetime | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class ReversalView:
    """One refund, and what the order counts for after it."""

    reversal_ref: str
    amount_minor: int
    credited_before_minor: int
    credited_after_minor: int
    conversion: ConversionView
    is_new: bool


def report(
    db: Session,
    *,
    brand_id: int,
    order_ref: str,
    net: Money,
    is_new_customer: bool,
    evidence: attribution.Evidence,
    ordered_at: datetime | None,
    now: datetime,
) -> ConversionView:
    """Record an order, attribute it, and credit the branch that brought it, pending.

    Reporting the same order again returns the first answer, so a partner may retry freely.

    Raises:
        OrderRefTaken: the reference was used for an order with other values.
        Invalid: the currency is not the brand's.
        TimesInvalid: the order lies in the future.

    """
    fingerprint = tokens.kept(
        repr((net.minor, net.currency, is_new_customer, evidence.described(), ordered_at))
    )
    earlier = store.find_by_order(db, brand_id=brand_id, order_ref=order_ref)
    if earlier is not None:
        return _first_answer(db, earlier, fingerprint)
    moment = _checked(db, brand_id, net, ordered_at, now)
    found = attribution.attribute(db, brand_id=brand_id, evidence=evidence, ordered_at=moment)
    row = store.Conversion(
        public_id=tokens.public_id(),
        brand_id=brand_id,
        order_ref=order_ref,
        fingerprint=fingerprint,
        net_minor=net.minor,
        currency=net.currency,
        offer_id=found.offer_id,
        participant_id=found.participant_id,
        share_id=found.share_id,
        visit_id=found.visit_id,
        buyer_id=found.buyer_id,
        buyer_hash=evidence.buyer_hash,
        reason=found.reason,
        ordered_at=moment,
        reported_at=now,
    )
    offer = None
    if found.offer_id is not None:
        offer = offers.lock(db, found.offer_id)  # before the insert, so that locks have one order
    try:
        with db.begin_nested():  # the unique constraint decides who was first
            db.add(row)
    except IntegrityError:
        first = store.find_by_order(db, brand_id=brand_id, order_ref=order_ref)
        assert first is not None, "only the order constraint can have refused the row"
        return _first_answer(db, first, fingerprint)
    if offer is not None and found.reason is None:
        _credit(db, row, offer, is_new_customer=is_new_customer, now=now)
    return _view(db, row, is_new=True)


def reverse(
    db: Session,
    *,
    brand_id: int,
    conversion_public_id: str,
    reversal_ref: str,
    amount_minor: int | None,
    now: datetime,
) -> ReversalView:
    """Take back an order, in part or (without an amount) all that is left of it.

    Reporting the same refund again returns the first answer.

    Raises:
        NotFound: the brand has no such conversion.
        ReversalRefTaken: the reference was used for a refund with another amount.
        Conflict: nothing is left of the order.
        Invalid: more is refunded than is left of the order.

    """
    row = store.find_by_public_id(db, brand_id=brand_id, public_id=conversion_public_id)
    if row is None or row.id is None:
        raise NotFound("There is no such conversion.")
    offer = offers.lock(db, row.offer_id) if row.offer_id is not None else None
    row = store.lock(db, row.id)
    assert row.id is not None
    first = reversals.find(db, conversion_id=row.id, reversal_ref=reversal_ref)
    if first is not None:
        return _first_reversal(db, first, row, amount_minor)
    left = row.net_minor - row.refunded_minor
    if left == 0:
        raise Conflict("All of this order was refunded already.")
    amount = left if amount_minor is None else amount_minor
    if amount > left:
        raise Invalid(
            f"Only {Money(left, row.currency)} are left of this order; refund at most this."
        )
    before = row.credited_minor
    if (
        offer is not None
        and row.participant_id is not None
        and row.reason not in attribution.REFUSED
    ):
        opened = forests.load(db, offer, row.participant_id)
        cause = f"reversal:{row.public_id}:{reversal_ref}"[:80]
        fact = OrderReversed(
            cause, row.participant_id, _order(row), amount, undoes=f"order:{row.public_id}"
        )
        decision = forests.apply(db, opened, fact, now=now)
        assert decision.order is not None
        row.credited_minor = decision.order.credited_minor
    row.refunded_minor += amount
    if row.refunded_minor == row.net_minor:
        row.vests_at = None
    reversal = reversals.Reversal(
        conversion_id=row.id,
        reversal_ref=reversal_ref,
        amount_minor=amount,
        credited_before_minor=before,
        credited_after_minor=row.credited_minor,
        reversed_at=now,
    )
    db.add(reversal)
    db.flush()
    return _reversal_view(db, reversal, row, is_new=True)


def vest_due(db: Session, *, now: datetime, limit: int) -> int:
    """Let orders whose return window is over count as vested; return how many."""
    vested = 0
    by_offer: dict[int, list[int]] = {}
    for row in store.due(db, now=now, limit=limit):
        assert row.offer_id is not None
        assert row.id is not None
        by_offer.setdefault(row.offer_id, []).append(row.id)
    for offer_id in sorted(by_offer):
        offer = offers.lock(db, offer_id)
        for row_id in by_offer[offer_id]:
            row = store.lock(db, row_id)
            if row.vested_at is None and row.vests_at is not None:
                _vest(db, row, offer, now=now)
                vested += 1
    return vested


def _credit(
    db: Session, row: store.Conversion, offer: offers.Offer, *, is_new_customer: bool, now: datetime
) -> None:
    assert row.participant_id is not None
    opened = forests.load(db, offer, row.participant_id)
    terms = opened.terms
    row.weight_basis_points = (
        terms.new_weight_basis_points if is_new_customer else terms.returning_weight_basis_points
    )
    fact = OrderPlaced(
        f"order:{row.public_id}", row.participant_id, row.net_minor, row.weight_basis_points
    )
    decision = forests.apply(db, opened, fact, now=now)
    assert decision.order is not None
    row.admitted_minor = row.credited_minor = decision.order.credited_minor
    row.reason = decision.reason
    row.vests_at = now + timedelta(days=terms.return_days)
    db.flush()


def _vest(db: Session, row: store.Conversion, offer: offers.Offer, *, now: datetime) -> None:
    assert row.participant_id is not None
    opened = forests.load(db, offer, row.participant_id)
    fact = OrderVested(f"vest:{row.public_id}", row.participant_id, _order(row))
    forests.apply(db, opened, fact, now=now)
    row.vested_at = now
    db.flush()


def _counts(row: store.Conversion) -> bool:
    return row.reason is None or row.reason not in attribution.REFUSED


def _order(row: store.Conversion) -> Order:
    return Order(
        net_minor=row.net_minor,
        weight_basis_points=row.weight_basis_points,
        credited_minor=row.credited_minor,
        refunded_minor=row.refunded_minor,
        vested=row.vested_at is not None,
    )


def _checked(
    db: Session, brand_id: int, net: Money, ordered_at: datetime | None, now: datetime
) -> datetime:
    brand = brands.find(db, brand_id)
    assert brand is not None
    if net.currency != brand.currency:
        raise Invalid(
            f"{brand.name} sells in {brand.currency}; report the order in {brand.currency}."
        )
    if ordered_at is not None and ordered_at > now + CLOCK_SKEW:
        raise TimesInvalid("The order lies in the future; give its moment with a time zone.")
    return min(ordered_at or now, now)


def why(db: Session, row: store.Conversion) -> str:
    """Return the sentence that explains what an order counts for."""
    if row.reason in attribution.REFUSED:
        return attribution.REFUSED[row.reason]
    if row.offer_id is None:
        return attribution.REFUSED[attribution.Unattributed.NO_EVIDENCE]
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    reason = Reason(row.reason) if row.reason else None
    return explain.why_order(forests.terms_of(offer), _order(row), reason).sentence


def _view(db: Session, row: store.Conversion, *, is_new: bool) -> ConversionView:
    offer = offers.find(db, row.offer_id) if row.offer_id is not None else None
    return ConversionView(
        public_id=row.public_id,
        order_ref=row.order_ref,
        offer_public_id=offer.public_id if offer else None,
        net_minor=row.net_minor,
        currency=row.currency,
        credited_minor=row.credited_minor,
        refunded_minor=row.refunded_minor,
        reason=row.reason,
        why=why(db, row),
        vests_at=row.vests_at,
        vested_at=row.vested_at,
        is_new=is_new,
    )


def _first_answer(db: Session, first: store.Conversion, fingerprint: str) -> ConversionView:
    if first.fingerprint != fingerprint:
        raise OrderRefTaken(first.order_ref)
    return _view(db, first, is_new=False)


def _reversal_view(
    db: Session, row: reversals.Reversal, conversion: store.Conversion, *, is_new: bool
) -> ReversalView:
    return ReversalView(
        reversal_ref=row.reversal_ref,
        amount_minor=row.amount_minor,
        credited_before_minor=row.credited_before_minor,
        credited_after_minor=row.credited_after_minor,
        conversion=_view(db, conversion, is_new=is_new),
        is_new=is_new,
    )


def _first_reversal(
    db: Session, first: reversals.Reversal, row: store.Conversion, amount_minor: int | None
) -> ReversalView:
    if amount_minor is not None and first.amount_minor != amount_minor:
        raise ReversalRefTaken(first.reversal_ref)
    return _reversal_view(db, first, row, is_new=False)
