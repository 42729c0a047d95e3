"""The check of histories itself: it believes what can have been, and nothing else."""

from datetime import timedelta

from tests.server.races.histories import Event, unexplained
from tests.server.races.model import Answer, Life, Move
from tests.server.town import NOON

FRESH = Life(20_00, NOON + timedelta(days=90))


def at(began: int, ended: int, kind: str, answer: Answer, **said: object) -> Event:
    """Return a move with the code by a till, for an order of 100.00."""
    minutes = said.pop("minutes", 0)
    said = {"client_id": 1, "order_ref": "A-1", "total_minor": 100_00, **said}
    return Event(began, ended, Move(kind, "C", NOON + timedelta(minutes=minutes), **said), answer)


def used(began: int, ended: int, order: str, *, is_new: bool = True) -> Event:
    answer = ("redeemed", f"use-{order}", 20_00, is_new)
    return at(began, ended, "redeem", answer, order_ref=order)


def undone(began: int, ended: int, ref: str, *answer: object) -> Event:
    named = {"target": "use-A-1", "rollback_ref": ref, "amount_minor": answer[0]}
    return at(began, ended, "roll back", ("undone", *answer), **named)


def looked(*standing: object) -> Event:
    return at(100, 101, "look", ("standing", *standing))


def test_a_code_is_used_once():
    refused = at(1, 4, "redeem", ("refused", "already_redeemed"), order_ref="A-2")
    usable = at(1, 4, "check", ("valid", 20_00))

    assert unexplained([used(1, 4, "A-1"), refused, usable], FRESH) is None
    assert unexplained([used(1, 4, "A-1"), used(2, 3, "A-2")], FRESH)


def test_what_was_answered_before_a_move_began_came_before_it():
    valid = ("valid", 20_00)

    assert unexplained([used(1, 3, "A-1"), at(2, 4, "check", valid)], FRESH) is None
    assert "none of these fits" in unexplained([used(1, 2, "A-1"), at(3, 4, "check", valid)], FRESH)


def test_a_refusal_needs_its_reason():
    refused = at(1, 2, "redeem", ("refused", "already_redeemed"), order_ref="A-2")

    assert unexplained([refused, used(3, 4, "A-1")], FRESH)


def test_a_rollback_counts_once():
    first, again = undone(3, 6, "R-1", 20_00, "issued", True), ("R-1", 20_00, "issued")

    assert unexplained([used(1, 2, "A-1"), first, undone(4, 5, *again, False)], FRESH) is None
    assert unexplained([used(1, 2, "A-1"), first, undone(4, 5, *again, True)], FRESH)


def test_parts_are_at_most_the_whole():
    parts = [undone(3, 9, f"R-{n}", 6_00, "redeemed", True) for n in range(4)]

    assert unexplained([used(1, 2, "A-1"), *parts[:3]], FRESH) is None
    assert unexplained([used(1, 2, "A-1"), *parts], FRESH)


def test_a_hold_ends_by_time_and_not_before():
    held = at(1, 2, "reserve", ("held", "hold", True))
    other = ("redeemed", "use", 20_00, True)

    assert (
        unexplained([held, at(3, 4, "redeem", other, order_ref="A-2", minutes=15)], FRESH) is None
    )
    assert unexplained([held, at(3, 4, "redeem", other, order_ref="A-2", minutes=14)], FRESH)


def test_what_was_done_is_found_at_the_end():
    events = [used(1, 2, "A-1"), undone(3, 4, "R-1", 6_00, "redeemed", True)]
    uses = {6_00: frozenset({("use-A-1", 6_00)}), 0: frozenset({("use-A-1", 0)})}

    assert unexplained([*events, looked("redeemed", 14_00, None, uses[6_00])], FRESH) is None
    assert unexplained([*events, looked("redeemed", 20_00, None, uses[0])], FRESH)


def test_an_answer_that_is_none_is_never_explained():
    assert unexplained([at(1, 2, "redeem", ("broken", "IntegrityError"))], FRESH)


def test_a_worker_who_came_in_vain_or_not_is_tried_both_ways():
    """The same ``done`` can mean that the code was used just then, or that it ended."""
    late = {"minutes": 91 * 24 * 60}
    worked = at(3, 9, "expire", ("done",), **late)
    reopened = undone(4, 5, "R-1", 20_00, "issued", True)
    found = at(100, 101, "check", ("refused", "expired"))

    for code_is in (("expired", 20_00), ("issued", 20_00)):
        seen = looked(*code_is, None, frozenset({("use-A-1", 20_00)}))
        assert unexplained([used(1, 2, "A-1"), reopened, worked, seen], FRESH) is None
    assert unexplained([used(1, 2, "A-1"), reopened, worked, found], FRESH) is None
