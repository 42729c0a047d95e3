"""Orders that partners report: attributed, credited, pending, and vested."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rewards import explain
from rewards.decision import Reason
from rewards.explain import Explanation
from rewards.facts import Order, OrderPlaced, OrderVested
from rewards.money import Money
from server import tokens
from server.errors import Invalid, OrderRefTaken, TimesInvalid
from server.services import attribution, events, forests, identities
from server.store import arrivals, brands, cases, holds, members, offers, outbox
from server.store import conversions as store

CLOCK_SKEW = timedelta(minutes=10)
VEST = "order.vest"


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

    Reporting the same order again returns the first answer, so a partner may retry freely; what a
    repetition says of the buyer is neither compared nor learnt.

    Raises:
        OrderRefTaken: the reference was used for an order with other values.
        Invalid: the currency is not the brand's.
        TimesInvalid: the order lies in the future.

    """
    said = (net.minor, net.currency, is_new_customer, evidence.described(), ordered_at)
    fingerprint = tokens.kept(repr(said))
    earlier = store.find_by_order(db, brand_id=brand_id, order_ref=order_ref)
    if earlier is not None:
        return _first_answer(db, earlier, fingerprint)
    moment = _checked(db, brand_id, net, ordered_at, now)
    found = attribution.attribute(db, brand_id=brand_id, evidence=evidence, ordered_at=moment)
    buyer_id = _living(db, found.buyer_id)
    known_by = evidence.buyer if buyer_id == found.buyer_id else ()
    offer = None
    if found.offer_id is not None:
        offer = offers.lock(db, found.offer_id)  # before the insert, so that locks have one order
        if found.visit_id is not None and not arrivals.is_there(db, found.visit_id):
            found = replace(found, visit_id=None)  # its visitor was forgotten while we looked
            known_by = ()
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
        buyer_id=buyer_id,
        reason=found.reason,
        ordered_at=moment,
        reported_at=now,
    )
    try:
        with db.begin_nested():  # the unique constraint decides who was first
            db.add(row)
    except IntegrityError:
        first = store.find_by_order(db, brand_id=brand_id, order_ref=order_ref)
        assert first is not None, "only the order constraint can have refused the row"
        return _first_answer(db, first, fingerprint)
    if offer is not None and found.reason is None:
        _credit(db, row, offer, is_new_customer=is_new_customer, now=now)
        identities.note(db, conversion_id=row.id, identities=known_by)
    if buyer_id is not None:
        identities.learn(db, member_id=buyer_id, identities=known_by, now=now)
    tell(db, row, events.ConversionCreated, now=now)
    return view(db, row, is_new=True)


def _living(db: Session, buyer_id: int | None) -> int | None:
    """Return as whom to keep the buyer: whoever was erased is nobody."""
    return buyer_id if buyer_id is not None and members.lock_living(db, buyer_id) else None


def vest(db: Session, *, conversion_id: int, now: datetime) -> None:
    """Let an order count as vested when its return window is over; twice changes nothing."""
    row = store.find(db, conversion_id)
    assert row is not None
    if row.offer_id is None or row.participant_id is None:
        return
    offer = offers.lock(db, row.offer_id)
    row = store.lock(db, conversion_id)
    assert row.participant_id is not None
    if row.vested_at is not None or row.vests_at is None or row.vests_at > now:
        return
    if cases.is_held(db, conversion_id):
        return  # whoever closes the case resumes it
    again_at = holds.unvested_order(db, conversion_id, now=now)
    if again_at is not None:  # whoever ends the hold resumes it before
        outbox.put(db, kind=VEST, content={"conversion_id": row.id}, due_at=again_at)
        return
    opened = forests.load(db, offer, row.participant_id)
    fact = OrderVested(f"vest:{row.public_id}", row.participant_id, order_of(row))
    forests.apply(db, opened, fact, now=now)
    row.vested_at = now
    db.flush()
    identities.settle(db, conversion_id)
    tell(db, row, events.ConversionVested, now=now)


def tell(
    db: Session, row: store.Conversion, kind: type[events.OfConversion], *, now: datetime
) -> None:
    """Tell the brand's endpoints what became of an order."""
    offer = offers.find(db, row.offer_id) if row.offer_id is not None else None
    told = kind(
        conversion_id=row.public_id,
        order_ref=row.order_ref,
        offer_id=offer.public_id if offer else None,
        net_minor=row.net_minor,
        refunded_minor=row.refunded_minor,
        credited_minor=row.credited_minor,
        currency=row.currency,
        reason=row.reason,
    )
    events.publish(db, brand_id=row.brand_id, event=told, now=now)


def resume(db: Session, row: store.Conversion, *, now: datetime) -> None:
    """Let an order that was held vest when its return window is over, or at once."""
    if row.vested_at is None and row.vests_at is not None:
        due_at = max(now, row.vests_at)
        outbox.put(db, kind=VEST, content={"conversion_id": row.id}, due_at=due_at)


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
    outbox.put(db, kind=VEST, content={"conversion_id": row.id}, due_at=row.vests_at)


def counts(row: store.Conversion) -> bool:
    """Tell whether an order was credited to somebody, if only partly."""
    return row.reason is None or row.reason not in attribution.REFUSED


def order_of(row: store.Conversion) -> Order:
    """Return an order as the engine knows it."""
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
    """Return the English sentence that explains what an order counts for."""
    if row.reason in attribution.REFUSED:
        return attribution.REFUSED[row.reason]
    if row.offer_id is None:
        return attribution.REFUSED[attribution.Unattributed.NO_EVIDENCE]
    return explained(db, row).sentence


def explained(db: Session, row: store.Conversion) -> Explanation:
    """Return why an order that counts for somebody counts for so much."""
    assert counts(row)
    assert row.offer_id is not None
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    reason = Reason(row.reason) if row.reason else None
    return explain.why_order(forests.terms_of(offer), order_of(row), reason)


def view(db: Session, row: store.Conversion, *, is_new: bool) -> ConversionView:
    """Return an order as others see it."""
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
    return view(db, first, is_new=False)
