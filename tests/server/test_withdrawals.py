"""Taking a consent back: what stops at once, and what stays."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select
from structlog.testing import capture_logs

from server.services import consents
from server.services.withdrawals import Withdrawal
from server.store import consents as store
from server.store.participants import Participant
from server.store.referrals import Referral
from server.store.shares import Share
from server.store.visits import Visit
from tests import make
from tests.server import town as towns
from tests.server.test_referrals import refused
from tests.server.town import Town


@pytest.fixture
def town(db: Session) -> Town:
    town = towns.found(db)
    town.shares("Ada")
    return town


def brought(town: Town, name: str = "Bela", by: str = "Ada") -> int:
    """Let somebody say who brought them; return the consent."""
    token = make.visit(town.db, town.links[by], now=town.now)
    make.claim(town.db, town.member(name), token, now=town.now)
    wanted = select(Referral).where(Referral.friend_id == town.member(name))
    return town.db.exec(wanted).one().consent_id


def ordered(town: Town, amount: str, name: str, by: str) -> str | None:
    """Let somebody whom we know by a visit order; return why nobody earns for it."""
    token = make.visit(town.db, town.links[by], now=town.now)
    visit = town.db.exec(select(Visit).where(Visit.token == token)).one()
    visit.friend_id = town.member(name)
    town.time_passes(timedelta(minutes=1))
    return make.order(
        town.db, town.brand_id, amount, now=town.now, visit_token=token, buyer_ref=name
    ).reason


class TestAShare:
    def test_its_link_is_dead_and_what_it_earned_stays(self, town: Town):
        town.orders("50.00", through="Ada")
        share = town.db.exec(select(Share)).one()

        assert town.takes_back("Ada", share.consent_id) == Withdrawal("share", is_new=True)

        assert share.withdrawn_at == town.now
        assert town.orders("50.00", through="Ada").reason == "share_withdrawn"
        assert town.place("Ada").earned_minor == 2_00

    def test_leaves_the_other_shares_of_the_person_alone(self, town: Town):
        first = town.db.exec(select(Share)).one()
        town.shares("Ada")

        town.takes_back("Ada", first.consent_id)

        assert town.orders("50.00", through="Ada").reason is None


class TestAReferral:
    def test_the_friends_own_orders_count_no_more_by_whatever_link(self, town: Town):
        consent_id = brought(town)
        assert ordered(town, "50.00", "Bela", by="Ada") is None
        earned = town.place("Ada").earned_minor
        assert earned > 0

        town.takes_back("Bela", consent_id)

        assert ordered(town, "50.00", "Bela", by="Ada") == "not_referred"
        assert town.orders("50.00", through="Ada", buyer_ref="Bela").reason == "not_referred"
        assert town.place("Ada").earned_minor == earned, "what was earned before stays"
        assert town.wrong() == []

    def test_a_buyer_is_recognised_who_was_a_stranger_at_their_first_order(self, town: Town):
        """The shop knew Bela's number before Bela said who they are."""
        town.orders("50.00", through="Ada", buyer_ref="Bela")
        consent_id = brought(town)
        ordered(town, "50.00", "Bela", by="Ada")

        town.takes_back("Bela", consent_id)

        assert town.orders("50.00", through="Ada", buyer_ref="Bela").reason == "not_referred"
        assert town.orders("50.00", through="Ada", buyer_ref="Cleo").reason is None

    def test_others_may_bring_the_buyer_to_an_order(self, town: Town):
        town.shares("Cleo")
        consent_id = brought(town)
        assert ordered(town, "50.00", "Bela", by="Cleo") is None
        assert town.place("Cleo").earned_minor == 0, "the first referral won"

        town.takes_back("Bela", consent_id)
        assert town.orders("50.00", through="Cleo").reason is None

        assert town.place("Cleo").earned_minor == 2_00

    def test_who_has_no_place_yet_starts_a_tree_of_their_own(self, town: Town):
        town.takes_back("Bela", brought(town))
        town.shares("Bela")

        bela = town.db.exec(
            select(Participant).where(Participant.member_id == town.member("Bela"))
        ).one()
        assert (bela.parent_id, bela.root_id, bela.depth) == (None, bela.id, 0)
        town.orders("50.00", through="Bela")
        assert town.place("Ada").earned_minor == 0
        assert town.wrong() == []

    def test_a_place_that_exists_never_moves(self, town: Town):
        town.orders("50.00", through="Ada")
        earned = town.place("Ada").earned_minor
        consent_id = brought(town)
        town.shares("Bela")
        town.takes_back("Bela", consent_id)

        town.orders("200.00", through="Bela")

        ada, bela = town.db.exec(select(Participant).order_by(Participant.id)).all()
        assert bela.parent_id == ada.id
        assert town.place("Ada").earned_minor > earned, "what Bela's links set in motion counts on"
        assert ordered(town, "50.00", "Bela", by="Ada") == "not_referred"
        assert town.wrong() == []

    def test_cannot_be_confirmed_again(self, town: Town):
        town.takes_back("Bela", brought(town))

        again = make.visit(town.db, town.links["Ada"], now=town.now)
        assert refused(town, "Bela", again) == "taken_back"


class TestTheOthers:
    @pytest.mark.parametrize("purpose", [consents.CONVERSATION, consents.REVIEW, "question:q1"])
    def test_their_consent_ends(self, town: Town, purpose: str):
        text = consents.ConsentText(purpose, "1", "en", "0" * 64, "Words.")
        ada = town.member("Ada")
        consent_id = consents.give_text(
            town.db, member_id=ada, text=text, text_hash="0" * 64, surface="test", now=town.now
        )

        assert town.takes_back("Ada", consent_id).purpose == purpose

        assert not consents.is_live(town.db, consent_id)
        assert town.db.exec(select(Share)).one().withdrawn_at is None


def test_a_second_time_changes_nothing(town: Town):
    share = town.db.exec(select(Share)).one()
    town.takes_back("Ada", share.consent_id)
    first = town.now
    town.time_passes()

    assert town.takes_back("Ada", share.consent_id) == Withdrawal("share", is_new=False)

    assert store.find(town.db, share.consent_id).withdrawn_at == share.withdrawn_at == first


def test_the_log_says_what_was_taken_back_and_of_nobody(town: Town):
    share = town.db.exec(select(Share)).one()

    with capture_logs() as lines:
        for _ in range(2):
            town.takes_back("Ada", share.consent_id)

    assert lines == [{"event": "consent_withdrawn", "log_level": "info", "purpose": "share"}]
