"""Why this much: the sentences, and lines that recompute by hand."""

import re
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.decision import Reason
from rewards.explain import Key, percent, why, why_order
from rewards.facts import Order
from rewards.ledger import standing
from tests.rewards.history import any_terms, play, steps
from tests.rewards.story import DEFAULT_TERMS, tell


def explained(story: str):
    told = tell(DEFAULT_TERMS, story)
    return why(DEFAULT_TERMS, told.person)


def test_a_branch_is_explained_with_what_is_already_theirs():
    ann = explained(
        """
        Ann joins
        Bob joins by Ann    orders 120.00
        Cat joins by Ann    orders  90.00
        Dan joins by Bob    orders 300.00    Ann earns 3.00
        """
    )
    assert ann.key == Key.BRANCH
    assert ann.amount_minor == 300
    assert ann.sentence == (
        "Everything your link set in motion, 510.00 EUR, earns a rate that grows from 4 % to 10 %"
        " as it grows; what the people you brought already earn on their own branches is theirs,"
        " the rest, 3.00 EUR, is yours."
    )
    assert ann.worked == (
        "4 % x 60.00 + 6 % x 180.00 + 8 % x 270.00 = 34.80; 34.80 - 31.80 = 3.00 EUR"
    )
    assert ann.numbers["below_credit_minor"] == 51_000


def test_an_own_link_is_explained_to_the_last_decimal():
    ann = explained("Ann joins    orders 100.01")
    assert ann.key == Key.OWN_LINK
    assert ann.sentence == (
        "Orders through your link, counting 100.01 EUR, earn a rate that grows from 4 % to 10 % as"
        " it grows: 4.80 EUR."
    )
    assert ann.worked == "4 % x 60.00 + 6 % x 40.01 = 4.8006, rounded down 4.80 EUR"


def test_visits_alone_and_nothing_at_all_have_their_own_sentences():
    assert explained("Ann joins    visits 3").key == Key.VISITS_ONLY
    nothing = explained("Ann joins")
    assert nothing.key == Key.NOTHING_YET
    assert nothing.worked == "0 = 0.00 EUR"


def test_a_negative_balance_says_what_makes_up_for_it():
    ann = explained("Ann joins    orders 240.00    vests    takes 13.20    refunds 180.00")
    assert ann.key == Key.OWED
    assert ann.numbers["payable_minor"] == -1080
    assert ann.sentence == (
        "Orders were refunded after you took their reward; the next 10.80 EUR that you earn make up"
        " for it."
    )


def test_pending_and_taken_money_stand_in_the_numbers():
    ann = explained("Ann joins    orders 240.00    vests    takes 5.00    orders 10.00")
    assert ann.numbers["pending_minor"] == 80
    assert ann.numbers["granted_minor"] == 500
    assert ann.numbers["payable_minor"] == 820
    assert ann.numbers["earned_minor"] == ann.amount_minor == 1400


@pytest.mark.parametrize(
    ("order", "reason", "key", "sentence", "worked"),
    [
        (
            Order(12_000, 10_000, 12_000),
            None,
            Key.ORDER_IN_FULL,
            "This order counts with 120.00 EUR.",
            "100 % of 120.00 EUR = 120.00, credited 120.00",
        ),
        (
            Order(12_001, 5_000, 3_333, 4_000),
            Reason.BUDGET_PARTLY,
            Key.ORDER_PARTLY,
            "This order counts with 33.33 EUR, because the offer's budget had no room for more.",
            "50 % of 120.01 less 40.00 EUR, rounded down = 40.00, credited 33.33",
        ),
        (
            Order(12_000, 10_000, 0),
            Reason.BUDGET_SPENT,
            Key.ORDER_NOT_IN_MONEY,
            "This order does not count in money, because the offer's budget was spent.",
            "100 % of 120.00 EUR = 120.00, credited 0.00",
        ),
        (
            Order(12_000, 10_000, 0, 12_000),
            None,
            Key.ORDER_REFUNDED,
            "This order was refunded and counts no longer.",
            "100 % of 120.00 less 120.00 EUR = 0.00, credited 0.00",
        ),
    ],
)
def test_an_order_is_explained(order, reason, key, sentence, worked):
    explanation = why_order(DEFAULT_TERMS, order, reason)
    assert explanation.key == key
    assert explanation.sentence == sentence
    assert explanation.worked == worked
    assert explanation.amount_minor == order.credited_minor


@pytest.mark.parametrize(
    ("basis_points", "written"),
    [(400, "4 %"), (450, "4.5 %"), (425, "4.25 %"), (1000, "10 %"), (5, "0.05 %"), (0, "0 %")],
)
def test_rates_are_written_as_percentages(basis_points, written):
    assert percent(basis_points) == written


@given(terms=any_terms(), history=steps, budget=st.integers(0, 300))
def test_every_worked_line_recomputes_to_the_amount(terms, history, budget):
    """Read the line as a customer would and do the sums in decimals."""
    for person in play(terms, history, budget).forest.participants.values():
        explanation = why(terms, person)
        line = explanation.worked.removesuffix(" EUR")
        results = []
        for part in line.split(", rounded down ")[0].split("; "):
            sides = [evaluate(side) for side in part.split(" = ")]
            assert all(one == other for one, other in pairwise(sides))
            results.append(sides[-1])
        assert int((results[-1] * 100).to_integral_value(ROUND_FLOOR)) == explanation.amount_minor
        assert line.endswith(f"{Decimal(explanation.amount_minor) / 100:.2f}")
        assert explanation.amount_minor == standing(terms, person).earned


def evaluate(side: str) -> Decimal:
    """Compute ``4 % x 60.00 + 6 % x 1.00`` or ``34.80 - 31.80``."""
    if " - " in side:
        whole, theirs = side.split(" - ")
        return Decimal(whole) - Decimal(theirs)
    terms = re.findall(r"([\d.]+) % x ([\d.]+)", side)
    if terms:
        return sum(Decimal(rate) / 100 * Decimal(amount) for rate, amount in terms)
    return Decimal(side)
