"""A caller's mistake is an error with a sentence, and leaves everything as it was."""

import pytest

from rewards import errors
from rewards.engine import apply
from rewards.facts import (
    BudgetRaised,
    Granted,
    GrantReturned,
    Joined,
    Order,
    OrderPlaced,
    OrderReversed,
    OrderVested,
    Redeemed,
    RedemptionRolledBack,
    ReturnReason,
    VisitRemoved,
    VisitVerified,
    VisitVested,
)
from rewards.forest import Forest, Participant, Totals
from tests.rewards.history import state
from tests.rewards.story import DEFAULT_TERMS, tell

WHOLE_ORDER = Order(24_000, 10_000, 24_000, vested=True)
PENDING_ORDER = Order(24_000, 10_000, 24_000)


@pytest.mark.parametrize(
    ("fact", "error"),
    [
        (Joined("e", 1, None), errors.AlreadyJoined),
        (Joined("e", 9, 8), errors.UnknownParticipant),
        (OrderPlaced("e", 9, 100, 10_000), errors.UnknownParticipant),
        (VisitVerified("e", 9), errors.UnknownParticipant),
        (OrderVested("e", 1, WHOLE_ORDER), errors.AlreadyVested),
        (OrderVested("e", 1, Order(100, 10_000, 0, 100)), errors.NothingToVest),
        (OrderVested("e", 1, PENDING_ORDER), errors.NeverCredited),
        (OrderReversed("e", 1, WHOLE_ORDER, 24_001), errors.RefundTooLarge),
        (OrderReversed("e", 2, PENDING_ORDER, 1), errors.NeverCredited),
        (OrderReversed("e", 1, Order(30_000, 10_000, 30_000), 25_000), errors.NeverCredited),
        (VisitVested("e", 1), errors.NeverCredited),
        (VisitRemoved("e", 2, vested=False), errors.NeverCredited),
        (VisitRemoved("e", 2, vested=False, credited=False), errors.NeverCredited),
        (GrantReturned("e", 1, 201, ReturnReason.REVOKED), errors.MoreThanGranted),
        (Redeemed("e", 1, 201), errors.MoreThanGranted),
        (RedemptionRolledBack("e", 1, 401), errors.MoreThanGranted),
    ],
)
def test_a_mistake_changes_nothing(fact, error):
    told = tell(
        DEFAULT_TERMS,
        """
        Ann joins    orders 240.00    visits 1    vests    takes 6.00    redeems 4.00
        Bob joins by Ann
        """,
    )
    before = state(told.forest)
    with pytest.raises(error) as raised:
        apply(told.forest, fact)
    assert state(told.forest) == before
    assert str(raised.value).endswith(".")


def test_more_visits_than_were_seen_are_not_taken_back():
    forest = Forest(DEFAULT_TERMS, Totals(0), [Participant(1, None, 1, 0, reach=2)])
    with pytest.raises(errors.NeverCredited):
        forest.see(1, -3)


def test_a_path_must_be_loaded_up_to_its_root():
    forest = Forest(DEFAULT_TERMS, Totals(0), [Participant(2, parent=1, root=1, depth=1)])
    with pytest.raises(errors.UnknownParticipant, match="Participant 1 is not in this forest"):
        apply(forest, VisitVerified("e", 2))


def test_a_fact_of_an_unknown_kind_is_a_bug():
    told = tell(DEFAULT_TERMS, "Ann joins")
    with pytest.raises(NotImplementedError):
        apply(told.forest, type("Surprise", (), {"participant": 1, "event_id": "e"})())


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (Order, (0, 10_000, 0)),
        (Order, (100, 10_001, 0)),
        (Order, (100, 5_000, 51)),
        (Order, (100, 10_000, 51, 50)),
        (Order, (100, 10_000, 0, 101)),
        (Order, (100.0, 10_000, 0)),
        (OrderPlaced, ("e", 1, 0, 10_000)),
        (OrderPlaced, ("e", 1, 10**13 + 1, 10_000)),
        (OrderPlaced, ("e", 1, 100, -1)),
        (OrderReversed, ("e", 1, PENDING_ORDER, 0)),
        (Granted, ("e", 1, 0)),
        (Redeemed, ("e", 1, -5)),
        (RedemptionRolledBack, ("e", 1, True)),
        (GrantReturned, ("e", 1, 0, ReturnReason.UNUSED)),
        (BudgetRaised, ("e", -1)),
    ],
)
def test_a_fact_that_contradicts_itself_cannot_be_made(kind, arguments):
    with pytest.raises(errors.FactInvalid, match="be a whole number between"):
        kind(*arguments)
