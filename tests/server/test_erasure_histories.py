"""Whatever happened before and happens after: who is erased changes no amount of anybody else."""

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlmodel import Session

from server.services import erasures, withdrawals
from server.store import consents
from tests.server.test_history import EVENTS, NAMES, History

Events = list[tuple[object, ...]]
ACTING = {
    *("joins", "takes", "withdraws", "sells", "is visited"),
    *("confirms", "buys", "takes back"),
}


class Left(History):
    """A history that one person leaves in the middle: by erasing, or by taking everything back."""

    gone: str = ""

    def leaves(self, name: str, *, by_erasing: bool) -> None:
        if name not in self.town.links:
            return
        member_id = self.town.member(name)
        before = self.amounts()
        if by_erasing:
            erasures.erase(self.town.db, member_id=member_id, now=self.town.now)
        else:
            for consent in consents.of_member(self.town.db, member_id):
                withdrawals.withdraw(
                    self.town.db,
                    member_id=member_id,
                    consent_public_id=consent.public_id,
                    now=self.town.now,
                )
        self.gone = name
        self.withdrawn.add(name)
        self.town.db.expire_all()
        assert self.amounts() == before

    def happens(self, event: tuple[object, ...]) -> None:
        """Let something happen, unless it needs the person who left."""
        holder = self.holder_of(event)
        is_theirs = event[0] in ACTING and event[1] == self.gone
        is_put_back_by_them = event[0] == "puts back" and not event[2] and holder == self.gone
        if not self.gone or not (is_theirs or is_put_back_by_them):
            super().happens(event)

    def confirms(self, name: str, inviter: str) -> None:
        """Let somebody say who brought them; the link of whoever left leads nowhere."""
        if inviter != self.gone:
            super().confirms(name, inviter)

    def buys(self, name: str, through: str, value: int) -> None:
        if through != self.gone:
            super().buys(name, through, value)

    def holder_of(self, event: tuple[object, ...]) -> str:
        if event[0] != "puts back" or int(str(event[1])) >= len(self.codes):
            return ""
        member_id = self.holders[self.codes[int(str(event[1]))]]
        return next(name for name, id_ in self.town.people.items() if id_ == member_id)

    def amounts(self) -> dict[str, tuple[object, ...]]:
        """Return everything that everybody has, to the last cent; also whoever left."""
        found = {}
        for name in self.town.links:
            place = self.town.place(name)
            found[name] = (
                *(place.earned_minor, place.pending_minor, place.payable_minor),
                *(place.takeable_minor, place.remaining_minor, place.reach),
                place.why.numbers,
                [(code.value_minor, code.left_minor, code.state) for code in place.codes],
            )
        return found


def told(
    db: Session, events: Events, name: str, after: int, *, by_erasing: bool, **terms: int | None
) -> dict[str, tuple[object, ...]]:
    """Tell one history, in which somebody leaves after so many events; return what all have."""
    example = db.begin_nested()
    try:
        history = Left(db, **terms)
        for event in events[:after]:
            history.happens(event)
        history.leaves(name, by_erasing=by_erasing)
        for event in events[after:]:
            history.happens(event)
        assert history.town.wrong() == []
        return history.amounts()
    finally:
        example.rollback()
        db.expire_all()


def test_others_have_what_they_would_have_without_the_erasure(db: Session):
    @given(
        events=st.lists(EVENTS, min_size=6, max_size=24),
        name=st.sampled_from(NAMES),
        after=st.integers(0, 24),
        budget_minor=st.sampled_from((25_00, 5_000_00)),
        rate=st.none() | st.just(1_000),
    )
    @profile(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def same(events: Events, name: str, after: int, budget_minor: int, rate: int | None) -> None:
        terms = {"budget_minor": budget_minor, "rate": rate}
        erased = told(db, events, name, after, by_erasing=True, **terms)
        stayed = told(db, events, name, after, by_erasing=False, **terms)
        assert erased == stayed

    same()
