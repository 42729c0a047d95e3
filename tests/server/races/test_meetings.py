"""Fifty friends scan one code at the same moment: one of them has it."""

from collections import Counter

import pytest
from sqlmodel import select

from server.errors import ClaimRefused
from server.services import consents, device_keys, meetings
from server.store.connection import Database
from server.store.consents import Consent
from server.store.meetings import Meeting
from server.store.referrals import Referral
from tests import make
from tests.server import town as towns
from tests.server.devices import Signer
from tests.server.races.conftest import Tally, unlike
from tests.server.races.crowd import at_once
from tests.server.town import NOON

FRIENDS = 50


def take(database: Database, task: tuple[int, str]) -> str:
    """Take a code; return ``taken`` or why not."""
    member_id, said = task
    try:
        with database.transaction() as db:
            meetings.take(
                db,
                member_id=member_id,
                said=said,
                consent_hash=consents.text(consents.REFERRAL).hash,
                language="en",
                surface="test",
                now=NOON,
            )
    except ClaimRefused as refusal:
        return refusal.reason
    return "had"


def decide(database: Database, task: tuple[int, str, bool]) -> str:
    """Say whether it was them; return what was said or why not."""
    member_id, public_id, is_confirmed = task
    try:
        with database.transaction() as db:
            found = meetings.decide(
                db, member_id=member_id, public_id=public_id, is_confirmed=is_confirmed, now=NOON
            )
    except ClaimRefused as refusal:
        return refusal.reason
    return str(found.outcome)


class TestOneCode:
    @pytest.fixture
    def scene(self, database: Database) -> tuple[int, str, list[int]]:
        with database.transaction() as db:
            town, phone = towns.found(db), Signer()
            ada = town.member("Ada")
            share = make.share(db, ada, town.offer, now=NOON, channel="qr").code
            device_keys.register(db, member_id=ada, x=phone.x, y=phone.y, now=NOON)
            friends = [make.member(db, f"friend-{number}") for number in range(FRIENDS)]
            return ada, phone.code(share, NOON), friends

    def test_has_one_friend(self, database: Database, scene, tally: Tally):
        _ada, code, friends = scene
        outcomes = Counter(at_once(database, take, [(friend, code) for friend in friends]))
        with database.reading() as db:
            rows = db.exec(select(Meeting.friend_id)).all()
            agreed = db.exec(select(Consent.member_id).where(Consent.purpose == "referral")).all()

        tally(
            "50 friends scan one code",
            attempts=FRIENDS,
            successes=outcomes["had"],
            wrong=[
                *unlike(outcomes, {"had": 1, "taken": FRIENDS - 1}),
                *unlike(rows, agreed),
            ],
        )

    def test_of_one_friend_on_fifty_tabs_is_one(self, database: Database, scene, tally: Tally):
        _ada, code, friends = scene
        outcomes = Counter(at_once(database, take, [(friends[0], code)] * FRIENDS))
        with database.reading() as db:
            agreed = db.exec(select(Consent.member_id).where(Consent.purpose == "referral")).all()

        tally(
            "one friend scans one code on 50 tabs",
            attempts=FRIENDS,
            successes=len(agreed),
            wrong=[*unlike(outcomes, {"had": FRIENDS}), *unlike(agreed, [friends[0]])],
        )

    def test_is_decided_once(self, database: Database, scene, tally: Tally):
        ada, code, friends = scene
        take(database, (friends[0], code))
        with database.reading() as db:
            public_id = db.exec(select(Meeting.public_id)).one()
        words = [(ada, public_id, number % 2 == 0) for number in range(FRIENDS)]
        outcomes = Counter(at_once(database, decide, words))
        with database.reading() as db:
            outcome = db.exec(select(Meeting.outcome)).one()
            referrals = len(db.exec(select(Referral)).all())

        tally(
            "yes and no at once about one friend",
            attempts=FRIENDS,
            successes=outcomes["confirmed"] + outcomes["declined"],
            wrong=[
                *unlike(outcomes, {outcome: FRIENDS // 2, "decided": FRIENDS // 2}),
                *unlike(referrals, int(outcome == "confirmed")),
            ],
        )
