"""Shares: with consent, once per event, and withdrawn at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.errors import Conflict, ConsentMissing, EventTaken, NotFound, TimesInvalid
from server.services import consents, offers, shares
from server.store.connection import Database
from server.store.consents import Consent
from server.store.participants import Participant
from server.store.shares import Share
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def record(town: Town, **changes: object) -> shares.ShareView:
    facts = {
        "member_id": town.member("Ada"),
        "event_id": "e-1",
        "offer_public_id": town.offer.public_id,
        "channel": "copy",
        "shown_as": "",
        "consent_hash": consents.text(consents.SHARE).hash,
        "language": "en",
        "surface": "test",
        "now": town.now,
    }
    return shares.record(town.db, **(facts | changes))


class TestRecord:
    def test_keeps_the_share_with_its_consent(self, town: Town):
        found = record(town, shown_as=" Ada ")

        assert found.is_new
        assert len(found.code) == 10
        assert found.shown_as == "Ada"
        consent = town.db.exec(select(Consent)).one()
        assert (consent.purpose, consent.given_at) == ("share", town.now)
        assert consent.text_hash == consents.text(consents.SHARE).hash

    def test_the_same_event_again_is_the_same_share(self, town: Town):
        first, again = record(town), record(town)

        assert again.code == first.code
        assert not again.is_new
        assert len(town.db.exec(select(Consent)).all()) == 1

    def test_an_event_id_cannot_be_used_for_another_share(self, town: Town):
        record(town)

        with pytest.raises(EventTaken):
            record(town, channel="qr")
        other = make.offer(town.db, town.brand_id, now=town.now)
        with pytest.raises(EventTaken):
            record(town, offer_public_id=other.public_id)

    def test_nothing_is_recorded_without_the_current_consent(self, town: Town):
        with pytest.raises(ConsentMissing):
            record(town, consent_hash="0" * 64)

        assert town.db.exec(select(Share)).all() == []

    def test_refuses_what_cannot_be_shared(self, town: Town):
        with pytest.raises(NotFound, match="no such offer"):
            record(town, offer_public_id="unknown")
        with pytest.raises(NotFound, match="no channel"):
            record(town, channel="carrier pigeon")
        draft = offers.draft(
            town.db, brand_id=town.brand_id, actor="t", wanted=make.BOOTS, now=town.now
        )
        with pytest.raises(NotFound):
            record(town, offer_public_id=draft.public_id)
        offers.end(
            town.db,
            brand_id=town.brand_id,
            public_id=town.offer.public_id,
            actor="t",
            now=town.now,
        )
        with pytest.raises(Conflict, match="ended"):
            record(town)

    def test_believes_a_device_that_was_offline_but_not_any_clock(self, town: Town):
        two_days_ago = town.now - timedelta(days=2)
        assert record(town, created_at=two_days_ago).created_at == two_days_ago
        ahead = town.now + timedelta(minutes=5)
        assert record(town, event_id="e-2", created_at=ahead).created_at == town.now
        with pytest.raises(TimesInvalid, match="future"):
            record(town, event_id="e-3", created_at=town.now + timedelta(hours=1))
        with pytest.raises(TimesInvalid, match="30 days"):
            record(town, event_id="e-4", created_at=town.now - timedelta(days=31))

    def test_a_person_has_one_place_however_often_they_share(self, town: Town):
        record(town)
        record(town, event_id="e-2", channel="x")

        assert len(town.db.exec(select(Participant)).all()) == 1


class TestWithdraw:
    def test_ends_the_share_and_its_consent(self, town: Town):
        code = record(town).code
        for _ in range(2):
            shares.withdraw(town.db, member_id=town.member("Ada"), code=code, now=town.now)

        assert town.db.exec(select(Share)).one().withdrawn_at == town.now
        assert town.db.exec(select(Consent)).one().withdrawn_at == town.now

    def test_is_for_its_owner_only(self, town: Town):
        code = record(town).code

        with pytest.raises(NotFound):
            shares.withdraw(town.db, member_id=town.member("Dora"), code=code, now=town.now)


def test_one_event_from_many_threads_is_one_share(database: Database):
    with database.transaction() as db:
        offer = make.offer(db, make.brand(db), now=NOON)
        ada = make.member(db, "ada")

    def one_more(_: int) -> tuple[str, bool]:
        with database.transaction() as db:
            found = make.share(db, ada, offer, event_id="e-1", now=NOON)
            return found.code, found.is_new

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(one_more, range(32)))

    assert len({code for code, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1
