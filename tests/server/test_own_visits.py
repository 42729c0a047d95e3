"""Nobody is paid for their own visits, nor for those of who brought them, once it is known."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.errors import AlreadyReferred, ClaimRefused
from server.services import own_visits
from server.store.visits import Visit
from tests import make
from tests.server import town as towns
from tests.server.town import Town


@pytest.fixture
def town(db: Session) -> Town:
    """Return Berta's Boots, where Ada brought Bela, both shared, and something was bought."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("60.00", through="Ada")
    town.shares("Bela", after="Ada")
    town.orders("60.00", through="Bela")
    return town


def comes(town: Town, through: str, *, key: bytes = b"a laptop", verified: bool = True) -> str:
    """Let somebody click, and be seen or not; return the token."""
    token = make.visit(town.db, town.links[through], now=town.now, is_verified=verified)
    row_of(town, token).visitor_key = key
    town.db.flush()
    return token


def row_of(town: Town, token: str) -> Visit:
    return town.db.exec(select(Visit).where(Visit.token == token)).one()


def outcome(town: Town, token: str) -> str | None:
    town.db.expire_all()
    return row_of(town, token).outcome


def works(town: Town) -> None:
    make.pass_time(town.db, town.now)


def claims(town: Town, name: str, token: str) -> int:
    """Let somebody claim to have come by a visit, which is no news or refused, as the views do."""
    with suppress(ClaimRefused, AlreadyReferred):
        make.claim(town.db, town.member(name), token, now=town.now)
    member_id = town.member(name)
    return own_visits.recognise(town.db, member_id=member_id, visit_token=token, now=town.now)


@pytest.mark.parametrize(("who", "through"), [("Ada", "Ada"), ("Ada", "Bela"), ("Bela", "Bela")])
class TestTheSharerOrWhoeverBroughtThem:
    def test_counts_no_more(self, town: Town, who: str, through: str):
        before = town.place(through).reach
        token, stranger = comes(town, through), comes(town, through, key=b"a friend")
        works(town)
        assert town.place(through).reach == before + 2

        assert claims(town, who, token) == 1

        assert (outcome(town, token), outcome(town, stranger)) == ("own_visit", "counted")
        assert town.place(through).reach == before + 1
        assert town.wrong() == []
        assert claims(town, who, token) == 0, "there is nothing more to take back"

    def test_never_counts_when_it_is_known_before(self, town: Town, who: str, through: str):
        before = town.place(through).reach
        token = comes(town, through)
        claims(town, who, token)
        works(town)
        assert (outcome(town, token), town.place(through).reach) == ("own_visit", before)
        assert town.wrong() == []

    def test_never_counts_when_it_is_verified_later(self, town: Town, who: str, through: str):
        token = comes(town, through, verified=False)
        claims(town, who, token)
        row_of(town, token).verified_at = town.now
        works(town)
        assert outcome(town, token) == "own_visit"


class TestWhatStays:
    def test_a_visit_that_vested(self, town: Town):
        token = comes(town, "Ada")
        works(town)
        town.time_passes()
        reach = town.place("Ada").reach
        assert claims(town, "Ada", token) == 0
        assert (outcome(town, token), town.place("Ada").reach) == ("counted", reach)

    def test_a_visit_by_the_link_of_somebody_above_or_beside(self, town: Town):
        town.shares("Cleo")
        above, beside = comes(town, "Ada"), comes(town, "Cleo", key=b"another")
        works(town)
        assert claims(town, "Bela", above) == claims(town, "Bela", beside) == 0
        assert outcome(town, above) == outcome(town, beside) == "counted"

    def test_a_visit_that_a_friend_confirmed(self, town: Town):
        token = comes(town, "Ada")
        works(town)
        make.claim(town.db, town.member("Dora"), token, now=town.now)
        assert claims(town, "Ada", token) == 0
        assert outcome(town, token) == "counted"

    def test_the_visits_of_others_when_nobody_knows_the_token(self, town: Town):
        token = comes(town, "Ada")
        works(town)
        assert claims(town, "Ada", "no-such-visit") == 0
        assert outcome(town, token) == "counted"


def test_the_same_visitors_visits_of_the_day_go_together(town: Town):
    first, again = comes(town, "Ada"), comes(town, "Ada")
    works(town)
    assert (outcome(town, first), outcome(town, again)) == ("counted", "repeated")
    assert claims(town, "Ada", again) == 1
    assert outcome(town, first) == "own_visit"


def test_somebody_who_comes_again_another_day_is_not_known(town: Town):
    """A key is of one day: who does not say it again is a visitor like others."""
    token = comes(town, "Ada")
    claims(town, "Ada", token)
    town.now += timedelta(days=1)
    later = comes(town, "Ada", key=b"same one")
    works(town)
    assert (outcome(town, token), outcome(town, later)) == ("own_visit", "counted")
