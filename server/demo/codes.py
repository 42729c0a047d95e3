"""Codes to try the partner API with, given to a demo person through the real services.

The person shared the demo's boots long ago, friends ordered through the link, and the return window
is over; so there is something payable, and codes are taken from it as any customer takes them.
"""

import secrets
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards.money import Money
from server.demo import run as demo
from server.errors import Conflict
from server.jobs import outbox
from server.services import brands, codes, consents, conversions, offers, shares, sign_ins, wallets
from server.services.attribution import Evidence
from server.settings import Settings
from server.store import outbox as outbox_store
from server.store.connection import Database

LONG_AGO = timedelta(days=400)
"""Longer than a code lasts and than a return window is."""
SUBJECT = "sandbox"
NOBODY = "0" * 64
"""The buyer of the personal code that is refused: no keyed hash is this one."""
LARGEST_ORDER_MINOR = 1_000_00
NET_FOR_ONE = 25
"""Orders of this many times an amount earn it, at the lowest rate of the usual terms."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The person's place in the demo's offer."""

    brand_id: int
    offer_public_id: str
    member_id: int
    link: str
    min_grant_minor: int


def give(settings: Settings, *, count: int, now: datetime) -> list[str]:
    """Return so many new codes of the smallest value.

    Raises:
        Conflict: the budget of the demo's offer does not pay for so many.

    """
    demo.seed(settings, budget=demo.BUDGET, now=now)
    with closing(Database(settings.database)) as database, database.transaction() as db:
        place = _place(db, now)
        _earn(db, place, count, now)
        return [_take(db, place, now).code for _ in range(count)]


def give_refused(settings: Settings, *, now: datetime) -> dict[str, str]:
    """Return codes that cannot be used, each by the key of its refusal.

    Raises:
        Conflict: the budget of the demo's offer does not pay for them.

    """
    demo.seed(settings, budget=demo.BUDGET, now=now)
    with closing(Database(settings.database)) as database, database.transaction() as db:
        place = _place(db, now)
        _earn(db, place, 4, now)
        revoked = _take(db, place, now).code
        codes.give_back(db, member_id=place.member_id, code=revoked, now=now)
        return {
            "revoked": revoked,
            "expired": _take(db, place, now - LONG_AGO).code,
            "not_yet_valid": _take(db, place, now + timedelta(days=1)).code,
            "holder_mismatch": _take(db, place, now, holder_hash=NOBODY).code,
        }


def _place(db: Session, now: datetime) -> _Place:
    """Let the person sign in and share the demo's offer, unless they did."""
    brand = brands.find(db, slug=demo.SLUG)
    offer = offers.of_brand(db, brand_id=brand.id)[-1]
    then = now - LONG_AGO
    person = sign_ins.sign_in(db, issuer=demo.PROVIDER_URL, subject=SUBJECT, now=then)
    share = shares.record(
        db,
        member_id=person.member_id,
        event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{SUBJECT}:{offer.public_id}")),
        offer_public_id=offer.public_id,
        channel="copy",
        shown_as="",
        consent_hash=consents.text(consents.SHARE).hash,
        language="en",
        surface=SUBJECT,
        now=then,
    )
    least = offer.terms.min_grant_minor
    return _Place(brand.id, offer.public_id, person.member_id, share.code, least)


def _earn(db: Session, place: _Place, count: int, now: datetime) -> None:
    """Let friends order through the link until enough is payable for so many codes."""
    while (missing := _missing_minor(db, place, count)) > 0:
        newest = outbox_store.newest_id(db)
        order = conversions.report(
            db,
            brand_id=place.brand_id,
            order_ref=f"{SUBJECT}-{secrets.token_hex(8)}",
            net=Money(min(missing * NET_FOR_ONE, LARGEST_ORDER_MINOR), demo.BUDGET.currency),
            is_new_customer=True,
            evidence=Evidence(code=place.link),
            ordered_at=now - LONG_AGO,
            now=now - LONG_AGO,
        )
        if not order.credited_minor:
            raise Conflict(
                "The budget of the demo's offer is spent. Begin the demo anew: stop it and remove "
                "the folder FANFARE_DATA."
            )
        for message_id in outbox_store.waiting(db, now=now, limit=10, after_id=newest):
            outbox.deliver(db, message_id, now=now)


def _missing_minor(db: Session, place: _Place, count: int) -> int:
    for here in wallets.of_member(db, member_id=place.member_id).places:
        if here.offer_public_id == place.offer_public_id:
            return count * place.min_grant_minor - here.payable_minor
    return 1


def _take(
    db: Session, place: _Place, now: datetime, *, holder_hash: str | None = None
) -> codes.CodeView:
    return codes.take(
        db,
        member_id=place.member_id,
        offer_public_id=place.offer_public_id,
        event_id=str(uuid.uuid4()),
        value_minor=place.min_grant_minor,
        holder_hash=holder_hash,
        now=now,
    )
