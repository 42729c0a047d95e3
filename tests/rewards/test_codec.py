"""Stored forms: every form ever written stays readable, and nothing else is read.

The lines of the files in ``stored`` are what some version wrote.  None is ever changed or taken
out; a new form is added below them.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import codec
from rewards.codec import fact_from_json, fact_to_json, reason_from_text, reason_to_text
from rewards.decision import Reason
from rewards.errors import FactInvalid, FactUnreadable
from rewards.facts import (
    BudgetRaised,
    Fact,
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
from rewards.terms import Terms
from tests.rewards.history import any_terms, play, steps

ORDER = Order(12_001, 5_000, 3_333, 4_000, vested=True)
FACTS = [
    Joined("a", 1, None),
    Joined("b", 2, 1),
    VisitVerified("c", 2),
    VisitVested("d", 2, credited=False),
    VisitRemoved("e", 2, vested=True, undoes="c"),
    OrderPlaced("f", 2, 12_001, 5_000),
    OrderVested("g", 2, ORDER),
    OrderReversed("h", 2, ORDER, 700),
    Granted("i", 2, 500),
    GrantReturned("j", 2, 500, ReturnReason.EXPIRED, undoes="i"),
    GrantReturned("k", 2, 1, ReturnReason.REVOKED),
    GrantReturned("l", 2, 1, ReturnReason.UNUSED),
    Redeemed("m", 2, 500),
    RedemptionRolledBack("n", 2, 500, undoes="m"),
    BudgetRaised("o", 100_000),
]
"""What each line of ``stored/facts.jsonl`` means."""

REASONS_EVER_WRITTEN = {
    "budget_partly": Reason.BUDGET_PARTLY,
    "budget_spent": Reason.BUDGET_SPENT,
    "depth_capped": Reason.DEPTH_CAPPED,
    "below_minimum_grant": Reason.BELOW_MINIMUM_GRANT,
    "more_than_payable": Reason.MORE_THAN_PAYABLE,
    "budget_below_liability": Reason.BUDGET_BELOW_LIABILITY,
    "welcome_spent": Reason.WELCOME_SPENT,
    "welcome_taken": Reason.WELCOME_TAKEN,
}

TERMS = [
    Terms(
        currency="EUR",
        average_order_minor=6000,
        thresholds_minor=(0, 6000, 24_000, 96_000),
        rates_basis_points=(400, 600, 800, 1000),
        visit_credit_minor=30,
        visit_share_basis_points=1000,
        returning_weight_basis_points=5000,
        new_weight_basis_points=10_000,
        return_days=14,
        attribution_days=30,
        min_grant_minor=500,
        code_days=90,
    ),
]
"""What each line of ``stored/terms.jsonl`` means."""

STORED = Path(__file__).parent / "stored"
EVER_WRITTEN = list(zip((STORED / "facts.jsonl").read_text().splitlines(), FACTS, strict=True))
TERMS_EVER_WRITTEN = list(
    zip((STORED / "terms.jsonl").read_text().splitlines(), TERMS, strict=True)
)


class TestForEver:
    @pytest.mark.parametrize(("written", "fact"), EVER_WRITTEN)
    def test_a_fact_stays_readable(self, written, fact):
        assert fact_from_json(json.loads(written)) == fact

    @pytest.mark.parametrize(("written", "fact"), EVER_WRITTEN)
    def test_the_newest_form_is_what_is_written(self, written, fact):
        assert json.dumps(fact_to_json(fact)) == written

    @pytest.mark.parametrize(("written", "terms"), TERMS_EVER_WRITTEN)
    def test_terms_stay_readable(self, written, terms):
        assert codec.terms_from_json(json.loads(written)) == terms
        assert json.dumps(codec.terms_to_json(terms)) == written

    @pytest.mark.parametrize(("tag", "reason"), REASONS_EVER_WRITTEN.items())
    def test_a_reason_stays_readable(self, tag, reason):
        assert reason_from_text(tag) is reason
        assert reason_to_text(reason) == tag

    def test_every_kind_has_its_tag_and_was_written_once(self):
        assert {type(fact) for _, fact in EVER_WRITTEN} == set(codec.FACT_TAGS.values())
        assert set(codec.FACT_TAGS.values()) == set(Fact.__args__)
        assert set(REASONS_EVER_WRITTEN.values()) == set(Reason)
        assert set(codec.REASON_TAGS) == set(REASONS_EVER_WRITTEN)
        assert set(codec.RETURN_TAGS.values()) == set(ReturnReason)


class TestAnyHistory:
    @given(terms=any_terms(), history=steps, budget=st.integers(0, 300))
    def test_reads_what_it_writes(self, terms, history, budget):
        for fact in play(terms, history, budget).facts:
            assert fact_from_json(json.loads(json.dumps(fact_to_json(fact)))) == fact


class TestStrict:
    def written(self) -> dict:
        return fact_to_json(OrderReversed("h", 2, ORDER, 700))

    @pytest.mark.parametrize("name", ["event_id", "participant", "order", "refund_minor", "undoes"])
    def test_a_missing_member_is_an_error_even_if_it_has_a_default(self, name):
        members = self.written()
        del members[name]
        with pytest.raises(FactUnreadable, match=name):
            fact_from_json(members)

    def test_an_unknown_member_is_an_error(self):
        with pytest.raises(FactUnreadable, match="these differ: surprise"):
            fact_from_json(self.written() | {"surprise": 1})

    @pytest.mark.parametrize("tag", ["order_reversed/9", "", None, 7, ["joined/1"]])
    def test_an_unknown_kind_is_an_error(self, tag):
        with pytest.raises(FactUnreadable, match="no kind of fact"):
            fact_from_json(self.written() | {"fact": tag})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("event_id", 7),
            ("participant", "2"),
            ("participant", 2.0),
            ("participant", True),
            ("undoes", 7),
            ("order", None),
            ("order", [1]),
        ],
    )
    def test_a_member_of_another_type_is_an_error(self, name, value):
        with pytest.raises(FactUnreadable, match=f"{name} cannot be"):
            fact_from_json(self.written() | {name: value})

    def test_an_order_is_read_as_strictly(self):
        order = dict(self.written()["order"])
        with pytest.raises(FactUnreadable, match="vested cannot be 1"):
            fact_from_json(self.written() | {"order": order | {"vested": 1}})
        del order["refunded_minor"]
        with pytest.raises(FactUnreadable, match="these differ: refunded_minor"):
            fact_from_json(self.written() | {"order": order})

    def test_an_unknown_reason_is_an_error(self):
        with pytest.raises(FactUnreadable, match="no reason"):
            reason_from_text("because")
        returned = fact_to_json(GrantReturned("k", 2, 1, ReturnReason.REVOKED))
        with pytest.raises(FactUnreadable, match="reason cannot be 'lost'"):
            fact_from_json(returned | {"reason": "lost"})

    def test_a_fact_that_contradicts_itself_is_not_read(self):
        with pytest.raises(FactInvalid, match="net_minor be a whole number"):
            fact_from_json(fact_to_json(OrderPlaced("f", 2, 1, 1)) | {"net_minor": 0})

    def test_an_order_that_has_changed_is_another_form(self):
        assert (
            fact_to_json(OrderVested("g", 2, replace(ORDER, vested=False)))["order"]
            != (fact_to_json(OrderVested("g", 2, ORDER))["order"])
        )
