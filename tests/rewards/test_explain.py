"""Why this much: the sentences, and lines that recompute by hand."""

import re
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.decision import Reason
from rewards.explain import (
    Key,
    Language,
    notes,
    percent,
    sentence,
    why,
    why_budget,
    why_grant,
    why_joined,
    why_order,
    why_visit,
    worked,
)
from rewards.explain_notes import NOTES, WORDS
from rewards.explain_texts import SENTENCES, Note, Word
from rewards.explain_words import GROUP
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


class TestRecomputing:
    @pytest.mark.parametrize("language", Language)
    @given(terms=any_terms(), history=steps, budget=st.integers(0, 300))
    def test_every_worked_line_recomputes_to_the_amount(self, terms, history, budget, language):
        """Read the line as a customer would and do the sums in decimals."""
        for person in play(terms, history, budget).forest.participants.values():
            explanation = why(terms, person)
            line = as_numbers(worked(explanation, language).removesuffix(" EUR"))
            results = []
            *sums, last = line.split(", ") if ", " in line else [line, ""]
            for part in sums[0].split("; "):
                sides = [evaluate(side) for side in part.split(" = ")]
                assert all(one == other for one, other in pairwise(sides))
                results.append(sides[-1])
            assert int((results[-1] * 100).to_integral_value(ROUND_FLOOR)) == (
                explanation.amount_minor
            )
            assert (last or line).endswith(f"{Decimal(explanation.amount_minor) / 100:.2f}")

    @given(terms=any_terms(), history=steps, budget=st.integers(0, 300))
    def test_every_amount_follows_from_the_numbers_of_its_explanation(self, terms, history, budget):
        """V, v, the branch below, its bands and what the children keep: nothing else is needed."""
        for person in play(terms, history, budget).forest.participants.values():
            explanation = why(terms, person)
            n, bands = explanation.numbers, explanation.bands
            by_count = n["visit_credit_minor"] * n["visits"]
            bonus = min(by_count, n["visit_share_basis_points"] * n["value_minor"] // 10_000)
            branch = n["value_minor"] + bonus + n["below_credit_minor"]
            assert sum(band.credit_minor for band in bands) == branch == n["branch_credit_minor"]
            earned = sum(band.rate_basis_points * band.credit_minor for band in bands)
            assert (earned - n["children_reward_parts"]) // 10_000 == explanation.amount_minor
            assert explanation.amount_minor == standing(terms, person).earned
            vested = explanation.amount_minor - n["pending_minor"]
            assert vested - n["granted_minor"] == n["payable_minor"]

    @given(
        net=st.integers(1, 9_999),
        weight=st.integers(0, 10_000),
        share=st.integers(0, 9_999),
        refund=st.integers(0, 9_999),
    )
    def test_every_credit_of_an_order_follows_from_its_numbers(self, net, weight, share, refund):
        refund = min(net, refund)
        worth = (net - refund) * weight // 10_000
        order = Order(net, weight, worth * share // 9_999, refund)
        explanation = why_order(DEFAULT_TERMS, order, None)
        n = explanation.numbers
        left = (n["net_minor"] - n["refunded_minor"]) * n["weight_basis_points"] // 10_000
        assert left - n["not_credited_minor"] == explanation.amount_minor == order.credited_minor
        assert n["pending_minor"] == explanation.amount_minor


def as_numbers(line: str) -> str:
    """Write the decimals of any language with a point and without groups."""
    return re.sub(r"(?<=\d),(?=\d)", ".", line.replace(GROUP, ""))


def evaluate(side: str) -> Decimal:
    """Compute ``4 % x 60.00 + 6 % x 1.00`` or ``34.80 - 31.80``."""
    if " - " in side:
        whole, theirs = side.split(" - ")
        return Decimal(whole) - Decimal(theirs)
    terms = re.findall(r"([\d.]+) % x ([\d.]+)", side)
    if terms:
        return sum(Decimal(rate) / 100 * Decimal(amount) for rate, amount in terms)
    return Decimal(side)


class TestLanguages:
    ANN = """
        Ann joins    orders 23456.78    visits 3
        Bob joins by Ann    orders 120.00
        Ann vests
        Ann orders 60.00
    """

    def test_say_the_same_with_their_own_numbers(self):
        ann = explained(self.ANN)
        assert sentence(ann, Language.GERMAN) == (
            f"Alles, was Ihr Link in Gang gesetzt hat, 23{GROUP}637,68 EUR, verdient einen Satz,"
            " der mitwächst, von 4 % bis 10 %; was die Leute, die Sie gebracht haben, mit"
            " ihren eigenen Zweigen schon verdienen, gehört ihnen, der Rest, 2332,56 EUR, gehört"
            " Ihnen."
        )
        assert sentence(ann, Language.FRENCH).endswith("le reste, 2332,56 EUR, est à vous.")
        assert worked(ann, Language.FRENCH) == (
            f"4 % x 60,00 + 6 % x 180,00 + 8 % x 720,00 + 10 % x 22{GROUP}677,68 = 2338,568;"
            " 2338,568 - 6,00 = 2332,568, arrondi à l'inférieur 2332,56 EUR"
        )

    def test_note_the_visits_what_is_pending_the_band_and_the_budget(self):
        told = tell(
            DEFAULT_TERMS,
            "Ann joins    orders 100.00    visits 3    vests    takes 5.00 "
            "   but more_than_payable    Ann orders 60.00",
        )
        ann = why(DEFAULT_TERMS, told.person, remaining_minor=1234)
        assert notes(ann, vests="3 May 2027") == (
            "Verified visits: 3; they add 0.90 EUR to what counts.",
            "3.60 EUR of it are pending until 3 May 2027.",
            "What comes next earns 6 %; after 79.10 EUR more the rate is 8 %.",
            "The offer's budget has 12.34 EUR left.",
        )
        assert notes(ann, Language.GERMAN)[1:3] == (
            "Davon sind 3,60 EUR vorläufig, bis die Rückgabefristen enden.",
            "Was als Nächstes kommt, verdient 6 %; nach weiteren 79,10 EUR ist der Satz 8 %.",
        )

    def test_note_codes_the_highest_rate_and_an_empty_budget(self):
        told = tell(DEFAULT_TERMS, "Ann joins    orders 9000.00    vests    takes 5.00")
        ann = why(DEFAULT_TERMS, told.person, remaining_minor=0)
        assert notes(ann) == (
            "5.00 EUR were taken as codes.",
            "What comes next earns 10 %, the highest rate.",
            "The offer's budget is spent.",
        )

    def test_note_when_an_order_vests(self):
        pending = why_order(DEFAULT_TERMS, Order(12_000, 10_000, 12_000), None)
        assert notes(pending, vests="2027-05-03") == (
            "120.00 EUR of it are pending until 2027-05-03.",
        )
        vested = why_order(DEFAULT_TERMS, Order(12_000, 10_000, 12_000, vested=True), None)
        assert notes(vested) == ()

    @pytest.mark.parametrize("tables", [SENTENCES, NOTES, WORDS])
    def test_have_every_key_with_the_same_numbers(self, tables):
        english = tables[Language.ENGLISH]
        for language in Language:
            assert set(tables[language]) == set(english)
            for key, template in tables[language].items():
                assert placeholders(template) == placeholders(english[key]), (language, key)

    def test_no_key_is_left_out(self):
        assert set(SENTENCES[Language.ENGLISH]) == set(Key)
        assert set(NOTES[Language.ENGLISH]) == set(Note)
        assert set(WORDS[Language.ENGLISH]) == set(Word)

    @pytest.mark.parametrize("language", Language)
    def test_no_two_sentences_are_the_same(self, language):
        assert len(set(SENTENCES[language].values())) == len(Key)


def placeholders(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)


class TestWhatIsNoReward:
    def test_a_code_says_what_stays_and_what_is_too_much(self):
        told = tell(DEFAULT_TERMS, "Ann joins    orders 240.00    vests    payable 13.20")
        granted = why_grant(DEFAULT_TERMS, told.person, 500, None)
        assert granted.amount_minor == 500
        assert granted.sentence == "The code is worth 5.00 EUR; 8.20 EUR stay payable."
        assert granted.worked == "13.20 - 5.00 = 8.20 EUR"
        small = why_grant(DEFAULT_TERMS, told.person, 499, Reason.BELOW_MINIMUM_GRANT)
        assert (small.key, small.amount_minor, small.worked) == (Key.CODE_BELOW_MINIMUM, 0, "")
        large = why_grant(DEFAULT_TERMS, told.person, 1400, Reason.MORE_THAN_PAYABLE)
        assert large.sentence == "13.20 EUR are payable now; 14.00 EUR are 0.80 EUR more than that."
        assert worked(large, Language.GERMAN) == "14,00 - 13,20 = 0,80 EUR"

    def test_a_budget_says_what_is_promised(self):
        told = tell(DEFAULT_TERMS, "budget 50.00    Ann joins    orders 60.01")
        totals = told.forest.totals
        low = why_budget(DEFAULT_TERMS, totals, 240, Reason.BUDGET_BELOW_LIABILITY)
        assert low.sentence == (
            "The budget stays: 2.41 EUR are promised already, more than 2.40 EUR."
        )
        assert low.amount_minor == 5000
        assert why_budget(DEFAULT_TERMS, totals, 5000, None).key == Key.BUDGET_SET

    def test_a_visit_says_what_all_visits_add(self):
        told = tell(DEFAULT_TERMS, "Ann joins    orders 60.00    visits 2")
        visit = why_visit(DEFAULT_TERMS, told.person, credited=True)
        assert visit.sentence == "This visit counts; all visits together add 0.60 EUR."
        assert visit.amount_minor == 60
        refused = why_visit(DEFAULT_TERMS, told.person, credited=False)
        assert refused.key == Key.VISIT_NOT_IN_MONEY

    def test_a_newcomer_is_told_below_or_beside_whom(self):
        assert why_joined(DEFAULT_TERMS, None).key == Key.JOINED
        assert why_joined(DEFAULT_TERMS, Reason.DEPTH_CAPPED).key == Key.JOINED_BESIDE
