"""The ledger: what a fact writes, and what the check finds."""

from dataclasses import replace

import pytest

from rewards.engine import apply
from rewards.errors import FactInvalid
from rewards.facts import GrantReturned, OrderReversed, ReturnReason
from rewards.ledger import Account, AccountKind, Grant, Transfer, balances, check, check_codes
from rewards.recompute import Count, differences, from_counts
from rewards.terms import RULE_VERSION
from tests.rewards.story import DEFAULT_TERMS, tell

STORY = """
    Ann joins    orders 240.00    vests    takes 6.00    redeems 5.00
    Bob joins by Ann              orders 240.00
"""


def account(text: str) -> Account:
    return Account.parse(text)


def entries(transfers) -> list[str]:
    return [f"{t.debit} -> {t.credit} {t.amount_minor} {t.reason}" for t in transfers]


def test_every_movement_is_written_with_its_cause_and_rule():
    told = tell(DEFAULT_TERMS, STORY)
    assert entries(told.transfers) == [
        "budget -> pending:1 1320 order_placed",
        "pending:1 -> payable:1 1320 order_vested",
        "payable:1 -> granted:1 600 granted",
        "granted:1 -> redeemed 500 redeemed",
        "budget -> pending:2 1320 order_placed",
        "budget -> pending:1 600 order_placed",
    ]
    assert {transfer.rule_version for transfer in told.transfers} == {RULE_VERSION}
    assert told.transfers[0].cause == told.facts[1].event_id
    assert balances(told.transfers)[account("payable:1")] == 720


def test_a_correction_names_what_it_takes_back():
    told = tell(DEFAULT_TERMS, STORY)
    fact = OrderReversed("refund", 2, told.orders["Bob"][0], 24_000, undoes="event-5")
    decision = apply(told.forest, fact)
    assert entries(decision.transfers) == [
        "pending:2 -> budget 1320 order_reversed",
        "pending:1 -> budget 600 order_reversed",
    ]
    assert {(t.cause, t.undoes) for t in decision.transfers} == {("refund", "event-5")}


def test_what_a_code_gives_back_passes_through_expired():
    told = tell(DEFAULT_TERMS, STORY)
    decision = apply(told.forest, GrantReturned("e", 1, 100, ReturnReason.REVOKED))
    assert entries(decision.transfers) == [
        "granted:1 -> expired 100 revoked",
        "expired -> payable:1 100 revoked",
    ]


def test_a_transfer_can_be_undone_once_more_backwards():
    welcome = Transfer(account("friend"), account("redeemed"), 500, "w", "welcome")
    undone = welcome.undone("x", "rolled_back")
    assert (undone.debit, undone.credit, undone.undoes) == (welcome.credit, welcome.debit, "w")
    assert set(balances([welcome, undone]).values()) == {0}


def test_a_friends_welcome_is_outside_the_mechanism():
    told = tell(DEFAULT_TERMS, STORY)
    welcome = Transfer(account("friend"), account("redeemed"), 500, "w", "welcome")
    assert check(told.forest, balances([*told.transfers, welcome])) == []


@pytest.mark.parametrize("text", ["budget", "pending:7", "payable:12", "granted:1", "expired"])
def test_an_account_reads_what_it_writes(text):
    assert str(account(text)) == text


@pytest.mark.parametrize(
    "text", ["", "wallet", "pending", "pending:", "pending:x", "budget:1", "pending:-1"]
)
def test_other_texts_name_no_account(text):
    with pytest.raises(FactInvalid):
        account(text)


def test_a_transfer_moves_something():
    with pytest.raises(FactInvalid, match="at least one minor unit, not 0"):
        Transfer(account("budget"), account("pending:1"), 0, "e", "order_placed")


class TestCheck:
    @pytest.mark.parametrize(
        ("holder", "amount", "sentence"),
        [
            ("pending:2", 1, "pending:2 holds 1321 and should hold 1320."),
            ("payable:1", -1, "payable:1 holds 719 and should hold 720."),
            ("granted:1", 1, "granted:1 holds 101 and should hold 100."),
            ("redeemed", 1, "redeemed less friend holds 501 and should hold 500."),
            ("expired", 1, "expired holds 1 and should hold 0."),
            ("pending:9", 1, "pending:9 holds 1 and belongs to nobody in the forest."),
            ("budget", -1, "All accounts together hold -1 and should hold 0."),
        ],
    )
    def test_finds_a_balance_that_is_wrong(self, holder, amount, sentence):
        told = tell(DEFAULT_TERMS, STORY)
        sums = balances(told.transfers)
        sums[account(holder)] = sums.get(account(holder), 0) + amount
        assert sentence in check(told.forest, sums)

    def test_finds_more_promised_and_granted_than_the_budget(self):
        told = tell(DEFAULT_TERMS, STORY)
        told.forest.totals.budget_minor = 599
        assert check(told.forest, balances(told.transfers)) == [
            "3240 left the budget of 599.",
            "600 were granted from a budget of 599.",
        ]

    def test_compares_only_its_own_people_in_a_part_of_the_forest(self):
        told = tell(DEFAULT_TERMS, STORY)
        del told.forest.participants[2]
        sums = balances(told.transfers)
        assert check(told.forest, sums, whole=False) == []
        assert check(told.forest, sums) == [
            "pending:2 holds 1320 and belongs to nobody in the forest."
        ]

    def test_nobody_has_a_personal_account_without_a_name(self):
        with pytest.raises(FactInvalid, match="Give a participant"):
            Account(AccountKind.PENDING)


class TestCheckCodes:
    ONE, OTHER = Grant(1, "grant:a", 500), Grant(1, "grant:b", 700)

    def test_finds_nothing_where_every_code_has_its_grant(self):
        assert check_codes([self.ONE, self.OTHER], [self.OTHER, self.ONE]) == []

    def test_finds_a_code_without_a_grant_and_a_grant_without_a_code(self):
        assert check_codes([self.ONE], [self.OTHER]) == [
            "The code of 500 by grant:a for participant 1 was issued 1 times and granted 0 times.",
            "The code of 700 by grant:b for participant 1 was issued 0 times and granted 1 times.",
        ]

    def test_finds_what_happened_twice(self):
        assert len(check_codes([self.ONE], [self.ONE, self.ONE])) == 1
        assert check_codes([self.ONE, self.ONE], [self.ONE, self.ONE]) == [
            "The code by grant:a for participant 1 was issued 2 times."
        ]

    def test_finds_another_value(self):
        assert len(check_codes([self.ONE], [replace(self.ONE, value_minor=501)])) == 2


class TestDifferences:
    def test_are_said_in_sentences(self):
        one = from_counts(DEFAULT_TERMS, 100, [Count(1, None, value=100), Count(2, 1)])
        other = from_counts(DEFAULT_TERMS, 100, [Count(1, None, value=100)])
        other.totals.debt = 5
        other.participants[1].reach = 3
        other.participants[1].pot.visits = 7
        assert differences(one, other) == [
            "Participant 2 is in only one of the forests.",
            "The offer has debt 0 and should have 5.",
            "Participant 1 has reach 0 and should have 3.",
            "Participant 1, pot, has visits 0 and should have 7.",
        ]
