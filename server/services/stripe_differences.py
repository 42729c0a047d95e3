"""Where Stripe and our ledger differ: each found, said in a sentence, and repaired where ours."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from rewards.money import Money
from server import tokens
from server.gateways.stripe.codes import Promotion
from server.gateways.stripe.events import Event
from server.services import stripe_codes, stripe_events, stripe_refunds
from server.services.stripe_means import Means
from server.store import codes as code_store
from server.store import stripe_codes as mirror_store
from server.store import stripe_events as event_store
from server.store import stripe_payments, writing
from server.store.stripe_accounts import StripeAccount
from server.store.stripe_codes import StripeCode

STUCK_AFTER = timedelta(days=1)
SETTLES_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Found:
    """What Stripe has of one account; refunds in all, by payment."""

    events: tuple[Event, ...]
    promotions: tuple[Promotion, ...]
    coupon_refs: frozenset[str]
    refunded: dict[str, Money] = field(default_factory=dict)


class Difference(NamedTuple):
    """One difference: its kind for programs, a sentence for people, whether we repair it."""

    kind: str
    sentence: str
    is_repaired: bool


def events(
    db: Session, means: Means, account: StripeAccount, found: Found, now: datetime
) -> list[Difference]:
    """Take in the events that never reached us."""
    assert account.id is not None
    refs = [event.ref for event in found.events]
    known = event_store.known_refs(db, account_id=account.id, event_refs=refs)
    missing = [event for event in reversed(found.events) if event.ref not in known]
    for event in missing:
        stripe_events.take_in(
            db, means, account_id=account.id, event=event, now=now, is_fetched=True
        )
    return [
        _repaired("event_missed", f"{e.type} of {e.happened_at:%Y-%m-%d %H:%M} had not reached us.")
        for e in missing
    ]


def promotions(
    db: Session, account: StripeAccount, found: Found, began_at: datetime
) -> list[Difference]:
    """Compare every promotion code with its code, and look again at what differs."""
    assert account.id is not None
    mirrors = {row.code_id: row for row, _ in mirror_store.of_account(db, account.id)}
    there, differences = _by_code(db, account, found)
    here = mirror_store.usable_of_brand(db, brand_id=account.brand_id, now=began_at)
    usable = {code.id: code for code in here if code.id is not None}
    for code_id in sorted(usable.keys() | there.keys()):
        code = usable.get(code_id) or code_store.find(db, code_id)
        mirror = mirrors.get(code_id)
        assert code is not None
        if _is_in_motion(code, mirror, began_at):
            continue
        own = sorted(there.get(code_id, []), key=lambda promotion: promotion.generation)
        difference = _of_code(code, own, mirror, is_usable=code_id in usable)
        if difference is None:
            continue
        differences.append(difference)
        if difference.is_repaired:
            ids = {"account_id": account.id, "code_id": code_id}
            writing.put_first(db, StripeCode, {**ids, "changed_at": began_at})
            _correct(mirror_store.lock(db, **ids), own)
            db.flush()
            stripe_codes.look_again(db, account_id=account.id, code_id=code_id, now=began_at)
    return differences


def refunds(db: Session, account: StripeAccount, found: Found, now: datetime) -> list[Difference]:
    """Book what was refunded there and not here; say where more was reversed here."""
    assert account.id is not None
    differences = []
    for ref, total in sorted(found.refunded.items()):
        payment = stripe_payments.lock(db, account_id=account.id, payment_ref=ref)
        if payment is None or payment.currency != total.currency:
            continue
        booked = Money(payment.refunded_minor, payment.currency)
        if total > booked:
            stripe_refunds.refund_to(
                db, payment, total_minor=total.minor, brand_id=account.brand_id, now=now
            )
            sentence = f"Of {ref}, {total} were refunded at Stripe and {booked} here."
            differences.append(_repaired("refunded_more_there", sentence))
        elif total < booked:
            sentence = f"Of {ref}, {booked} were refunded here, but only {total} at Stripe."
            differences.append(_told("refunded_less_there", sentence))
    return differences


def noted(db: Session, account: StripeAccount, since: datetime, now: datetime) -> list[Difference]:
    """Return what was noted when payments came in, and the events that wait for too long."""
    assert account.id is not None
    return [
        *(
            _told("payment", f"{payment.session_ref}: {payment.difference}")
            for payment in stripe_payments.differing(db, account_id=account.id, since=since)
        ),
        *(
            _told("event_waits", f"{event.event_ref} ({event.type}): {event.outcome}")
            for event in event_store.stuck(db, account_id=account.id, before=now - STUCK_AFTER)
        ),
    ]


def _of_code(
    code: code_store.DiscountCode,
    own: list[Promotion],
    mirror: StripeCode | None,
    *,
    is_usable: bool,
) -> Difference | None:
    """Return what differs between one code and its promotion codes, oldest first."""
    newest = own[-1] if own else None
    unheard = newest is not None and newest.times_used > 0 and _is_unheard(newest, mirror)
    if unheard:
        words = f"{code.code} was used at Stripe, and here we have not heard of it."
        return _told("used_there", words)
    working = [promotion for promotion in own if promotion.is_active]
    if not is_usable and working:
        words = f"{code.code} is {code.state} here, but still worked at Stripe."
        return _repaired("active_there", words)
    if is_usable and mirror is not None and mirror.refused:
        return _told("not_possible_there", f"{code.code}: {mirror.refused}")
    if is_usable and not working:
        return _repaired("missing_there", f"{code.code} did not work at Stripe.")
    if len(working) > 1:
        return _told("twice_there", f"{code.code} works twice at Stripe.")
    return None


def _is_unheard(promotion: Promotion, mirror: StripeCode | None) -> bool:
    return mirror is None or mirror.heard_generation < promotion.generation


def _by_code(
    db: Session, account: StripeAccount, found: Found
) -> tuple[dict[int, list[Promotion]], list[Difference]]:
    """Return the promotion codes by the code that they are for; and those that are for none."""
    there: dict[int, list[Promotion]] = {}
    strange = []
    for promotion in found.promotions:
        code = code_store.find_by_code(db, tokens.discount_code_as_kept(promotion.code or ""))
        if code is None or code.id is None or code.brand_id != account.brand_id:
            strange.append(_told("unknown_there", f"{promotion.code} is at Stripe, but not here."))
        else:
            there.setdefault(code.id, []).append(promotion)
    return there, strange


def _is_in_motion(
    code: code_store.DiscountCode, mirror: StripeCode | None, began_at: datetime
) -> bool:
    """Tell whether something happened to a code since we asked Stripe, or just before."""
    lately = began_at - SETTLES_WITHIN
    moments = [code.issued_at, code.ended_at, mirror.changed_at if mirror else None]
    return any(moment is not None and moment > lately for moment in moments)


def _correct(mirror: StripeCode | None, own: list[Promotion]) -> None:
    """Write what Stripe really has, so that it is told to follow."""
    assert mirror is not None
    if own:
        mirror.promotion_ref = own[-1].ref
        mirror.coupon_ref = own[-1].coupon_ref
        mirror.generation = own[-1].generation
    mirror.is_active = bool(own) and own[-1].is_active


def _repaired(kind: str, sentence: str) -> Difference:
    return Difference(kind, sentence, is_repaired=True)


def _told(kind: str, sentence: str) -> Difference:
    return Difference(kind, sentence, is_repaired=False)
