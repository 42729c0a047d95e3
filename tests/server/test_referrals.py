"""Who brought whom: the first verified referral, once, for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.errors import AlreadyReferred, ClaimRefused, ConsentMissing, EventTaken
from server.services import consents, referrals, shares
from server.store.connection import Database
from server.store.participants import Participant
from server.store.referrals import Referral
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town


@pytest.fixture
def town(db: Session) -> Town:
    town = towns.found(db)
    town.shares("Ada")
    return town


def visit(town: Town, name: str = "Ada") -> str:
    return make.visit(town.db, town.links[name], now=town.now)


def refused(town: Town, name: str, token: str) -> str:
    with pytest.raises(ClaimRefused) as refusal:
        make.claim(town.db, town.member(name), token, now=town.now)
    return refusal.value.reason


class TestClaim:
    def test_makes_the_edge_that_counts_when_the_friend_shares(self, town: Town):
        found = make.claim(town.db, town.member("Bela"), visit(town), now=town.now)
        town.shares("Bela")

        assert (found.brought_by, found.is_new) == ("Ada", True)
        ada, bela = town.db.exec(select(Participant).order_by(Participant.id)).all()
        assert (bela.parent_id, bela.root_id, bela.depth) == (ada.id, ada.id, 1)

    def test_again_gives_the_first_answer(self, town: Town):
        token = visit(town)
        make.claim(town.db, town.member("Bela"), token, now=town.now)

        assert not make.claim(town.db, town.member("Bela"), token, now=town.now).is_new
        assert len(town.db.exec(select(Referral)).all()) == 1

    def test_the_first_one_stays(self, town: Town):
        town.shares("Cleo")
        make.claim(town.db, town.member("Bela"), visit(town), now=town.now)

        with pytest.raises(AlreadyReferred):
            make.claim(town.db, town.member("Bela"), visit(town, "Cleo"), now=town.now)

    def test_says_why_it_does_not_hold(self, town: Town):
        town.shares("Bela", after="Ada")
        town.shares("Cleo", after="Bela")

        assert refused(town, "Bela", "nothing-known") == "unknown_visit"
        assert refused(town, "Ada", visit(town)) == "own_link"
        assert refused(town, "Ada", visit(town, "Cleo")) == "ancestor"
        town.shares("Eve")
        assert refused(town, "Eve", visit(town)) == "already_sharing"
        token = visit(town)
        make.claim(town.db, town.member("Finn"), token, now=town.now)
        assert refused(town, "Gus", token) == "other_visitor"
        late = visit(town)
        town.now += timedelta(days=31)
        assert refused(town, "Hans", late) == "too_late"
        shares.withdraw(town.db, member_id=town.member("Ada"), code=town.links["Ada"], now=town.now)
        assert refused(town, "Hans", visit(town)) == "withdrawn"

    def test_an_event_id_cannot_be_used_for_another_claim(self, town: Town):
        other = make.offer(town.db, town.brand_id, now=town.now)
        link = make.share(town.db, town.member("Ada"), other, now=town.now).code
        bela = town.member("Bela")
        make.claim(town.db, bela, visit(town), event_id="e-1", now=town.now)

        with pytest.raises(EventTaken):
            make.claim(
                town.db,
                bela,
                make.visit(town.db, link, now=town.now),
                event_id="e-1",
                now=town.now,
            )

    def test_preview_says_who_without_recording_anything(self, town: Town):
        found = referrals.preview(town.db, visit_token=visit(town))

        assert (found.brought_by, found.offer_title) == ("Ada", "Winter boots")
        assert town.db.exec(select(Referral)).all() == []

    def test_needs_the_current_consent(self, town: Town):
        with pytest.raises(ConsentMissing):
            referrals.claim(
                town.db,
                member_id=town.member("Bela"),
                event_id="e",
                visit_token=visit(town),
                consent_hash=consents.text(consents.SHARE).hash,
                language="en",
                surface="test",
                now=town.now,
            )


def test_many_claims_at_once_leave_one_edge(database: Database):
    """Bela came through Ada's and through Cleo's link and confirms both on two devices."""
    with database.transaction() as db:
        town = towns.found(db)
        town.shares("Ada")
        town.shares("Cleo")
        tokens = [make.visit(db, town.links[name], now=NOON) for name in ("Ada", "Cleo")] * 8
        bela = town.member("Bela")

    def one_more(token: str) -> str:
        try:
            with database.transaction() as db:
                return "new" if make.claim(db, bela, token, now=NOON).is_new else "same"
        except AlreadyReferred:
            return "other was first"

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(one_more, tokens))

    assert answers.count("new") == 1
    assert answers.count("same") == 7
    assert answers.count("other was first") == 8
