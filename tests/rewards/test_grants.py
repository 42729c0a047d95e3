"""Codes, the friends' welcome and content: each told to the engine, none given twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import grants, welcome
from rewards.decision import REFUSALS, Reason
from rewards.engine import apply
from rewards.errors import CodeEnded, FactInvalid, MoreThanPromised
from rewards.explain import Language, sentence
from rewards.facts import Granted, GrantReturned, Redeemed, ReturnReason
from rewards.forest import payable_minor
from rewards.grants import Code, CodeState, Discount, Unlocks
from rewards.ledger import balances, check
from rewards.welcome import Line
from tests.rewards.story import DEFAULT_TERMS, tell

TENTH = Discount(1_000, rate_basis_points=1_000)


class Shop:
    """Ann with 13.20 payable, and her code; everything goes through the engine and the ledger."""

    def __init__(self):
        self.told = tell(DEFAULT_TERMS, "Ann joins    orders 240.00    vests    payable 13.20")
        self.code: Code | None = None

    def after(self, step: grants.Step) -> str:
        self.code, facts = step
        for fact in facts:
            self.told.transfers += apply(self.told.forest, fact).transfers
        assert check(self.told.forest, balances(self.told.transfers)) == []
        return f"{self.code.state} {payable_minor(DEFAULT_TERMS, self.told.person)}"


class TestDiscounts:
    @pytest.mark.parametrize(
        ("discount", "order", "off"),
        [
            (Discount(500), 6_000, 500),
            (Discount(500), 300, 300),
            (Discount(500), 0, 0),
            (TENTH, 6_009, 600),
            (TENTH, 50_000, 1_000),
            (TENTH, -5, 0),
        ],
    )
    def test_an_amount_or_a_percentage_up_to_its_maximum(self, discount, order, off):
        assert discount.off_minor_rounded_down(order) == off

    @pytest.mark.parametrize(
        ("face", "rate"), [(0, None), (1.5, None), (True, None), (5, 0), (5, 10_001), (5, 1.5)]
    )
    def test_of_nothing_cannot_be_made(self, face, rate):
        with pytest.raises(FactInvalid):
            Discount(face, rate)


class TestCodes:
    def test_book_their_maximum_and_give_back_what_they_did_not_give_off(self):
        shop = Shop()
        assert shop.after(grants.issue("g", 1, TENTH)) == "out 320"
        step = grants.redeem(shop.code, "r", 6_000)
        assert step[1] == (
            Redeemed("r", 1, 600),
            GrantReturned("r", 1, 400, ReturnReason.UNUSED, undoes="g"),
        )
        assert shop.after(step) == "redeemed 720"

    def test_that_are_used_whole_give_nothing_back(self):
        shop = Shop()
        shop.after(grants.issue("g", 1, Discount(500)))
        assert shop.after(grants.redeem(shop.code, "r", 9_000)) == "redeemed 820"
        assert shop.told.person.redeemed_minor == 500

    @pytest.mark.parametrize("reason", [ReturnReason.EXPIRED, ReturnReason.REVOKED])
    def test_return_their_value_once(self, reason):
        shop = Shop()
        shop.after(grants.issue("g", 1, TENTH))
        assert shop.after(grants.end(shop.code, "e", reason)) == "ended 1320"
        assert grants.end(shop.code, "e2", reason) == (shop.code, ())
        with pytest.raises(CodeEnded, match="granted by 'g'"):
            grants.redeem(shop.code, "r", 6_000)

    def test_that_were_used_do_not_expire(self):
        shop = Shop()
        shop.after(grants.issue("g", 1, Discount(500)))
        shop.after(grants.redeem(shop.code, "r", 9_000))
        assert shop.after(grants.end(shop.code, "e", ReturnReason.EXPIRED)) == "redeemed 820"

    def test_are_out_again_after_a_rolled_back_redemption_and_can_expire(self):
        shop = Shop()
        shop.after(grants.issue("g", 1, TENTH))
        with pytest.raises(CodeEnded):
            grants.roll_back(shop.code, "b", "r")
        shop.after(grants.redeem(shop.code, "r", 6_000))
        assert shop.after(grants.roll_back(shop.code, "b", "r")) == "out 720"
        assert shop.code.discount == Discount(600)
        assert shop.after(grants.end(shop.code, "e", ReturnReason.EXPIRED)) == "ended 1320"

    def test_rolled_back_in_part_pays_that_part_and_stays_used(self):
        shop = Shop()
        shop.after(grants.issue("g", 1, Discount(1_320)))
        shop.after(grants.redeem(shop.code, "r", 6_000))
        assert shop.after(grants.roll_back(shop.code, "b", "r", 320)) == "redeemed 320"
        assert shop.code.redeemed_minor == 1_000
        assert shop.after(grants.roll_back(shop.code, "c", "r", 1_000)) == "out 320"

    @pytest.mark.parametrize("value", [0, -1, 1_321])
    def test_cannot_be_rolled_back_by_nothing_or_too_much(self, value):
        shop = Shop()
        shop.after(grants.issue("g", 1, Discount(1_320)))
        shop.after(grants.redeem(shop.code, "r", 6_000))
        with pytest.raises(FactInvalid, match="between 1 and 1320"):
            grants.roll_back(shop.code, "b", "r", value)

    def test_can_be_taken_automatically_when_there_is_enough(self):
        shop = Shop()
        code, facts = grants.automatic("a", DEFAULT_TERMS, shop.told.person)
        assert facts == (Granted("a", 1, 1_320),)
        shop.after((code, facts))
        assert grants.automatic("b", DEFAULT_TERMS, shop.told.person) is None

    @given(
        face=st.integers(500, 1_320),
        rate=st.none() | st.integers(1, 10_000),
        steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40_000)), max_size=6),
    )
    def test_no_life_of_a_code_makes_or_loses_money(self, face, rate, steps):
        shop = Shop()
        shop.after(grants.issue("g", 1, Discount(face, rate)))
        for number, (kind, order) in enumerate(steps):
            code, event = shop.code, f"e{number}"
            if kind == 0 and code.state is CodeState.OUT:
                if code.discount.off_minor_rounded_down(order):
                    shop.after(grants.redeem(code, event, order))
            elif kind == 1 and code.state is CodeState.REDEEMED:
                shop.after(grants.roll_back(code, event, "r"))
            elif kind == 3 and code.state is CodeState.REDEEMED:
                part = min(order, code.redeemed_minor)
                shop.after(grants.roll_back(code, event, "r", part))
            elif kind == 2:
                shop.after(grants.end(code, event, ReturnReason.EXPIRED))
            out = shop.code.discount.face_minor if shop.code.state is CodeState.OUT else 0
            payable = payable_minor(DEFAULT_TERMS, shop.told.person)
            assert payable + out + shop.code.redeemed_minor == 1_320


class TestWelcome:
    def test_is_promised_within_its_own_line_and_once_to_each_friend(self):
        line, reason = welcome.promise(Line(2_500), TENTH, welcomed=False)
        assert (line, reason) == (Line(2_500, promised_minor=1_000), None)
        assert welcome.promise(line, TENTH, welcomed=True) == (line, Reason.WELCOME_TAKEN)
        line, _ = welcome.promise(line, TENTH, welcomed=False)
        assert welcome.promise(line, TENTH, welcomed=False) == (line, Reason.WELCOME_SPENT)
        assert {Reason.WELCOME_SPENT, Reason.WELCOME_TAKEN} <= REFUSALS

    def test_books_what_it_gives_off_outside_the_mechanism(self):
        told = tell(DEFAULT_TERMS, "Ann joins    orders 240.00    vests    takes 5.00")
        line, (given,) = welcome.redeem(Line(2_500, promised_minor=1_000), TENTH, "w", 6_000)
        assert line == Line(2_500, promised_minor=0, given_minor=600)
        assert (str(given.debit), str(given.credit), given.amount_minor) == (
            "friend",
            "redeemed",
            600,
        )
        assert check(told.forest, balances([*told.transfers, given])) == []
        line, (undone,) = welcome.roll_back(line, given, "x")
        assert line == Line(2_500)
        assert set(balances([given, undone]).values()) == {0}
        with pytest.raises(MoreThanPromised):
            welcome.roll_back(line, given, "y")

    def test_that_ends_unused_has_room_again(self):
        assert welcome.release(Line(2_500, promised_minor=1_000), TENTH) == Line(2_500)
        with pytest.raises(MoreThanPromised, match="1000 minor units are more than the 999"):
            welcome.release(Line(2_500, promised_minor=999), TENTH)

    def test_of_an_order_of_nothing_books_nothing(self):
        assert welcome.redeem(Line(2_500, promised_minor=1_000), TENTH, "w", 0) == (
            Line(2_500),
            (),
        )

    @pytest.mark.parametrize("amounts", [(-1, 0, 0), (5, 3, 3), (5.0, 0, 0)])
    def test_a_line_never_gives_more_than_its_cap(self, amounts):
        with pytest.raises(FactInvalid, match="welcome line"):
            Line(*amounts)

    def test_a_refusal_is_explained(self):
        spent = welcome.why_refused(DEFAULT_TERMS, Line(2_500, 2_000), TENTH, Reason.WELCOME_SPENT)
        assert spent.sentence == (
            "There is no welcome discount of 10.00 EUR: of the 25.00 EUR set aside for friends,"
            " 5.00 EUR are left."
        )
        taken = welcome.why_refused(DEFAULT_TERMS, Line(2_500), TENTH, Reason.WELCOME_TAKEN)
        assert sentence(taken, Language.GERMAN).startswith("Dieser Freund wurde schon begrüßt")
        assert taken.worked == ""


class TestContent:
    THRESHOLDS = {"wallpaper": 3, "making of": 10, "preview": 10}  # noqa: RUF012 - never changed

    def between(self, before: int, after: int, *opened: str) -> Unlocks:
        return grants.unlocks_between(before, after, self.THRESHOLDS, frozenset(opened))

    def test_unlocks_at_its_threshold(self):
        assert self.between(2, 3) == Unlocks(frozenset({"wallpaper"}), frozenset())
        assert self.between(3, 9) == Unlocks(frozenset(), frozenset())
        assert self.between(0, 10).unlocked == set(self.THRESHOLDS)

    def test_is_locked_again_by_a_removed_visit_only_before_it_was_opened(self):
        assert self.between(10, 9, "preview") == Unlocks(frozenset(), frozenset({"making of"}))
        assert self.between(9, 10, "preview").unlocked == {"making of"}
