"""What a sharer sees of those whom the share set in motion, and what nobody can learn from it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.aggregates import BranchTotals, in_threes
from server.errors import NotFound
from server.services import branches, erasures
from server.services.branches import Branch
from server.store import referrals, shares
from server.store.branches import Generation
from server.store.participants import Participant
from tests import make
from tests.server import town as towns
from tests.server.town import Town

A_DAY = timedelta(days=1)


@pytest.fixture
def town(db) -> Town:
    return towns.found(db)


def seen(town: Town, name: str = "Ada", *, code: str = "") -> Branch:
    """Return what a person sees of their share on the day after."""
    return branches.of_share(
        town.db,
        member_id=town.member(name),
        code=code or town.links[name],
        now=town.now + A_DAY,
    )


def follow(town: Town, name: str, *friends: str) -> None:
    """Let friends come by a person's link and share on."""
    for friend in friends:
        town.shares(friend, after=name)


def looks(town: Town, name: str, times: int) -> None:
    """Let strangers come by a person's link and really look."""
    for _ in range(times):
        make.visit(town.db, town.links[name], now=town.now, is_verified=True)
    make.pass_time(town.db, town.now)


class TestAShare:
    def test_shows_what_came_through_the_own_link_exactly(self, town):
        town.shares("Ada")
        looks(town, "Ada", 2)
        town.orders("90.00", through="Ada")
        branch = seen(town)
        assert (branch.visits, branch.orders) == (2, 1)

    def test_says_nothing_of_fewer_than_three(self, town):
        town.shares("Ada")
        alone = seen(town)
        follow(town, "Ada", "Bela")
        looks(town, "Bela", 5)
        town.orders("90.00", through="Bela")
        follow(town, "Ada", "Cleo")
        assert seen(town) == alone, "nobody, one and two are the same to whoever looks"
        assert alone.generations == ()
        assert alone.others is None

    def test_counts_three_and_what_came_through_all_of_them(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        looks(town, "Bela", 5)
        town.orders("90.00", through="Cleo")
        branch = seen(town)
        assert branch.generations == (3,)
        assert branch.others == BranchTotals(people=3, visits=5, orders=1)

    def test_counts_generations_each_for_itself(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana", "Emil")
        follow(town, "Bela", "B1", "B2")
        follow(town, "Cleo", "C1")
        follow(town, "C1", "C11", "C12")
        assert seen(town).generations == (3, 3)

    def test_says_a_few_of_a_generation_with_many_below_it(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela")
        follow(town, "Bela", "B1", "B2", "B3")
        assert seen(town).generations == (0, 3)

    def test_puts_everybody_deeper_into_the_last_generation(self, town):
        above = "Ada"
        town.shares(above)
        for depth in range(1, 9):
            follow(town, above, *(f"D{depth}-{number}" for number in range(3)))
            above = f"D{depth}-0"
        assert seen(town).generations == (3, 3, 3, 15)

    def test_has_friends_of_its_own_and_not_those_of_another_share(self, town):
        first = town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        second = town.shares("Ada")
        follow(town, "Ada", "Emil", "Finn", "Gerd")
        follow(town, "Emil", "E1", "E2", "E3")
        assert seen(town, code=first).generations == (3,)
        assert seen(town, code=second).generations == (3, 3)

    def test_tells_nothing_of_another_share_by_subtraction(self, town):
        """The sum over others is that of the whole place, which the wallet shows, too."""
        first = town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        second = town.shares("Ada")
        follow(town, "Ada", "Emil")
        looks(town, "Emil", 7)
        looks(town, "Bela", 1)
        assert seen(town, code=second).others is None
        assert seen(town, code=first).others.visits == 8
        assert town.place("Ada").reach == 8

    def test_takes_people_as_they_were_at_midnight(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        tonight = town.now.replace(hour=23, minute=59)
        member_id, code = town.member("Ada"), town.links["Ada"]
        branch = branches.of_share(town.db, member_id=member_id, code=code, now=tonight)
        assert branch.generations == ()
        assert f"{branch.as_of:%H:%M}" == "00:00"

    def test_belongs_to_whoever_shared(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela")
        with pytest.raises(NotFound):
            seen(town, "Bela", code=town.links["Ada"])
        with pytest.raises(NotFound):
            seen(town, "Ada", code=town.links["Bela"])
        with pytest.raises(NotFound):
            seen(town, code="0000000000")

    def test_stays_when_it_is_withdrawn(self, town):
        code = town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        looks(town, "Ada", 2)
        before = seen(town)
        town.takes_back("Ada", shares.find_by_code(town.db, code).consent_id)
        assert seen(town) == before

    def test_stays_when_a_friend_takes_the_referral_back(self, town):
        """Places never move; a picture that lost one would tell who it was."""
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        before = seen(town)
        share = shares.find_by_code(town.db, town.links["Bela"])
        referral = referrals.find(town.db, offer_id=share.offer_id, friend_id=town.member("Bela"))
        town.takes_back("Bela", referral.consent_id)
        assert seen(town) == before

    def test_stays_when_somebody_in_it_is_erased(self, town):
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        follow(town, "Bela", "B1", "B2", "B3")
        looks(town, "Bela", 4)
        before = seen(town)
        erasures.erase(town.db, member_id=town.member("Bela"), now=town.now)
        assert seen(town) == before
        assert before.generations == (3, 3)


class TestALargeBranch:
    @pytest.fixture
    def large(self, town, monkeypatch):
        """Bring three by hand and thirty by rows: the picture reads places, not how they came."""
        town.shares("Ada")
        follow(town, "Ada", "Bela", "Cleo", "Dana")
        share = shares.find_by_code(town.db, town.links["Bela"])
        like = town.db.get(Participant, share.participant_id)
        place = like.model_dump(exclude={"id", "member_id"})
        for number in range(30):
            row = {**place, "parent_id": like.id, "depth": like.depth + 1}
            member_id = make.member(town.db, f"many-{number}", now=town.now)
            town.db.add(Participant(member_id=member_id, **row))
        town.db.flush()
        monkeypatch.setattr(branches, "PEOPLE_MAX", 20)
        return town

    def test_is_counted_from_near_to_far_and_then_cut(self, large):
        branch = seen(large)
        assert branch.is_cut
        assert branch.generations == (3, 18)

    def test_is_whole_at_the_limit(self, large, monkeypatch):
        monkeypatch.setattr(branches, "PEOPLE_MAX", 33)
        assert not seen(large).is_cut
        assert seen(large).generations == (3, 30)


@given(st.lists(st.integers(1, 6), max_size=40))
def test_between_two_looks_a_number_tells_of_three_people_or_of_nobody(steps: list[int]):
    """Whenever somebody joins, at most one number changes, and only by three at once."""
    people = [0] * 6
    before = branches._generations([], 0)  # noqa: SLF001 - the rule itself, without a database
    for step in steps:
        people[step - 1] += 1
        rows = [Generation(True, depth + 1, count, 0) for depth, count in enumerate(people)]
        after = branches._generations([row for row in rows if row.people], 0)  # noqa: SLF001
        wide = max(len(before), len(after))
        changes = [
            (after + (0,) * wide)[place] - (before + (0,) * wide)[place] for place in range(wide)
        ]
        assert sorted(changes)[:-1] == [0] * (wide - 1) or not wide
        assert not wide or max(changes) in {0, 3}
        before = after


@given(st.integers(0, 10**6))
def test_what_is_shown_is_never_more_than_there_are(people: int):
    assert people - 3 < in_threes(people) <= people
    assert in_threes(people) % 3 == 0
