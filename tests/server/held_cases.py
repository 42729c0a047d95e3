"""Cases for pages to show: something is held of somebody, and people say and decide something."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from rewards.anomalies import Anomaly, Look
from rewards.integrity import Finding, Ruling, Standing
from server.services import consents, holds, nights, own_cases, rulings
from server.services.conversation_rules import Colleague
from server.services.holds import Found
from server.services.own_cases import Form
from server.store import findings, integrity_nights, offers, participants
from server.store.teams import Role
from tests.server.pages_world import World

ANOMALIES = (
    Anomaly(
        Look.TIMER,
        1e-7,
        "52 visits arrived about every 60 s, like a timer.",
        {"visits": 52, "gap_s": 60, "greenwood": 0.02},
    ),
    Anomaly(
        Look.ENGAGEMENT,
        1e-4,
        "3 of 52 visits stayed longer than 10 s; usual here is 45 %.",
        {"engaged": 3, "visits": 52, "usual": 0.45},
    ),
)
FOUND = Finding(Standing.HOLD, ANOMALIES[0].sentence, 1e-6, ANOMALIES)


def hold(
    db: Session, *, member_id: int, offer_public_id: str, now: datetime, found: Finding = FOUND
) -> str:
    """Let a night find something in a person's place in an offer; return the id of the case."""
    offer = offers.find_by_public_id(db, offer_public_id)
    place = participants.id_of_member(db, offer_id=offer.id, member_id=member_id)
    night = nights.last_midnight(now)
    integrity_nights.begin(db, night=night, alive_since=night, now=now)
    row = integrity_nights.find(db, offer_id=offer.id, night=night)
    one = Found(found, night - nights.PERIOD)
    holds.record(db, turn=row, found={place: one}, now=now)
    nights.finish(db, row, nights.Figures(examined=9, held=1), now=now)
    (_, case), *_ = findings.of_participant_in_cases(db, place)
    return case


def form(words: str, **changes: str) -> Form:
    """Return what a participant sends in English."""
    text = consents.text(consents.REVIEW)
    sent = {"event_id": str(uuid4()), "text_hash": text.hash, "language": "en"} | changes
    return Form(words=words, surface="site", **sent)


def all_states(db: Session, world: World, now: datetime, *, reviewer_id: int) -> tuple[str, str]:
    """Let Ada be asked, and Bela be denied; return both cases."""
    since = now - timedelta(days=1)
    by = Colleague(world.brand_id, reviewer_id, Role.REVIEWER)
    whom = {"offer_public_id": world.offer.public_id, "now": since}
    ada, bela = (hold(db, member_id=one, **whom) for one in (world.ada, world.bela))
    asked = {"event_id": str(uuid4()), "words": "Where did you share your link last week?"}
    rulings.ask(db, by=by, public_id=ada, now=since, **asked)
    own_cases.answer(
        db,
        member_id=world.ada,
        public_id=ada,
        form=form("In the newsletter of our hiking club."),
        now=now,
    )
    rulings.decide(
        db,
        by=by,
        public_id=bela,
        ruling=Ruling.DENY,
        reason="Every click comes after exactly one minute.",
        seen=1,
        now=now,
    )
    return ada, bela
