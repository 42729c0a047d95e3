"""Whether a code can be used, holding it, using it up, and undoing that."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rewards.money import Money
from server.errors import (
    CodeRefused,
    Conflict,
    Invalid,
    NotFound,
    OrderRefTaken,
    RedemptionEnded,
    RefusalKey,
    RollbackRefTaken,
)
from server.services import codes, events
from server.store.codes import DiscountCode
from tests import make
from tests.server import town as towns
from tests.server.till import Till, take
from tests.server.town import Town


@pytest.fixture
def town(db: Session) -> Town:
    """Ada has 20.40 payable."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("330.00", through="Ada")
    town.time_passes()
    return town


@pytest.fixture
def till(town: Town) -> Till:
    return Till.of(town)


def key_of(refusal: pytest.ExceptionInfo[CodeRefused]) -> RefusalKey:
    return refusal.value.key


class TestCheck:
    def test_says_by_how_much_the_order_gets_cheaper(self, town: Town, till: Till):
        found = till.check(take(town).code)

        assert (found.value_minor, found.discount_minor) == (20_40, 20_40)

    def test_reads_a_code_however_it_was_typed(self, town: Town, till: Till):
        code = take(town).code

        assert till.check(code.lower().replace("-", " ").replace("0", "o")).code == code

    def test_gives_each_refusal_its_key_and_its_words(self, town: Town, till: Till):
        used, fresh = take(town, 5_00), take(town, 5_00, "e-2")
        personal, revoked = take(town, 5_00, "e-3", holder_hash="h"), take(town, 5_00, "e-4")
        till.redeem(used.code)
        codes.give_back(town.db, member_id=town.member("Ada"), code=revoked.code, now=town.now)
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        told = {
            "unknown": lambda: till.check("AAAA-BBBB-CCCC"),
            "already_redeemed": lambda: till.check(used.code),
            "currency_mismatch": lambda: till.check(fresh.code, Money(100_00, "CHF")),
            "minimum_not_met": lambda: till.check(fresh.code, Money(4_99, "EUR")),
            "wrong_brand": lambda: Till.of(town, other).check(fresh.code),
            "holder_mismatch": lambda: till.check(personal.code, buyer="another"),
            "revoked": lambda: till.check(revoked.code),
            "reserved_elsewhere": lambda: (till.reserve(fresh.code), till.check(fresh.code)),
        }
        for key, ask in told.items():
            with pytest.raises(CodeRefused) as refusal:
                ask()
            assert key_of(refusal) == key
            assert set(refusal.value.sentences) == {"en", "de", "fr"}
            assert len(set(refusal.value.sentences.values())) == 3
        town.now -= timedelta(days=1)
        with pytest.raises(CodeRefused) as refusal:
            till.check(personal.code, buyer="h")
        assert key_of(refusal) == RefusalKey.NOT_YET_VALID
        town.now += timedelta(days=92)
        with pytest.raises(CodeRefused) as refusal:
            till.check(personal.code, buyer="h")
        assert key_of(refusal) == RefusalKey.EXPIRED

    def test_says_in_each_language_how_large_the_order_must_be(self, town: Town, till: Till):
        code = take(town).code

        with pytest.raises(CodeRefused) as refusal:
            till.check(code, Money(1_00, "EUR"))
        assert refusal.value.sentences == {
            "en": "This code is for orders of at least 20.40 EUR.",
            "de": "Dieser Code gilt ab einem Bestellwert von 20,40 EUR.",
            "fr": "Ce code est valable à partir d'une commande de 20,40 EUR.",
        }

    def test_a_personal_code_is_for_its_buyer(self, town: Town, till: Till):
        code = take(town, holder_hash="h").code

        assert till.check(code, buyer="h").discount_minor == 20_40
        for ask in (till.check, till.reserve, till.redeem):
            with pytest.raises(CodeRefused, match="personal"):
                ask(code)


class TestReserve:
    def test_holds_the_code_against_other_orders(self, town: Town, till: Till):
        code = take(town).code
        held = till.reserve(code)

        assert held.is_new
        assert not till.reserve(code).is_new
        for ask in (
            lambda: till.reserve(code, "A-2"),
            lambda: till.redeem(code, "A-2"),
            lambda: till.check(code),
        ):
            with pytest.raises(CodeRefused) as refusal:
                ask()
            assert key_of(refusal) == RefusalKey.RESERVED_ELSEWHERE

    def test_for_the_same_order_with_another_total_is_refused(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)

        with pytest.raises(OrderRefTaken):
            till.reserve(code, total=Money(90_00, "EUR"))

    def test_frees_itself_even_before_the_worker_comes(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)
        town.now += timedelta(minutes=15)

        assert till.redeem(code, "A-2").is_new

    def test_the_worker_frees_it(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)
        town.time_passes(timedelta(minutes=15))

        assert town.place("Ada").codes[0].state == "issued"

    def test_a_hold_can_be_let_go(self, town: Town, till: Till):
        code = take(town).code
        held = till.reserve(code)
        with pytest.raises(NotFound):
            Till.of(town).release(held)
        for _ in range(2):
            till.release(held)

        assert till.redeem(code, "A-2").is_new


class TestRedeem:
    def test_uses_the_code_up(self, town: Town, till: Till):
        found = till.redeem(take(town).code)

        assert (found.discount_minor, found.is_new) == (20_40, True)
        assert town.place("Ada").codes[0].state == "redeemed"
        assert town.wrong() == []

    def test_gives_the_first_answer_again_when_a_partner_retries(self, town: Town, till: Till):
        code = take(town).code
        first, again = till.redeem(code), till.redeem(code)

        assert again.public_id == first.public_id
        assert not again.is_new
        with pytest.raises(CodeRefused) as refusal:
            till.redeem(code, "A-2")
        assert key_of(refusal) == RefusalKey.ALREADY_REDEEMED

    def test_a_repeat_for_another_total_is_refused(self, town: Town, till: Till):
        code = take(town).code
        till.redeem(code)

        with pytest.raises(OrderRefTaken):
            till.redeem(code, total=Money(90_00, "EUR"))

    def test_takes_its_own_reservation(self, town: Town, till: Till):
        code = take(town).code
        held = till.reserve(code)

        assert till.redeem(code, reservation_id=held.public_id).is_new
        town.time_passes(timedelta(minutes=15))
        assert town.place("Ada").codes[0].state == "redeemed"

    def test_does_not_take_a_reservation_of_somebody_else(self, town: Town, till: Till):
        code = take(town).code
        held = Till.of(town).reserve(code)

        with pytest.raises(NotFound):
            till.redeem(code, reservation_id=held.public_id)


class TestRollBack:
    def test_of_all_of_it_makes_the_code_usable_again(self, town: Town, till: Till):
        code = take(town).code
        undone = till.roll_back(till.redeem(code))

        assert (undone.amount_minor, undone.code_state, undone.is_new) == (20_40, "issued", True)
        assert undone.redemption.ended_at == town.now
        assert town.place("Ada").codes[0].state == "issued"
        assert town.wrong() == []
        assert till.redeem(code, "A-2").discount_minor == 20_40
        assert town.wrong() == []

    def test_leaves_no_hold_and_no_end_behind(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)
        till.roll_back(till.redeem(code))

        assert town.db.exec(select(DiscountCode)).one().ended_at is None
        assert Till.of(town).reserve(code, "B-1").is_new

    def test_of_a_part_goes_back_to_payable_and_the_code_stays_used(self, town: Town, till: Till):
        code = take(town).code
        used = till.redeem(code)
        undone = till.roll_back(used, 5_00)

        assert (undone.amount_minor, undone.code_state) == (5_00, "redeemed")
        assert (undone.redemption.rolled_back_minor, undone.redemption.ended_at) == (5_00, None)
        assert town.place("Ada").payable_minor == 5_00
        assert town.wrong() == []
        with pytest.raises(CodeRefused) as refusal:
            till.redeem(code, "A-2")
        assert key_of(refusal) == RefusalKey.ALREADY_REDEEMED

    def test_in_parts_adds_up_to_the_whole(self, town: Town, till: Till):
        code = take(town).code
        used = till.redeem(code)
        till.roll_back(used, 5_00)
        rest = till.roll_back(used, rollback_ref="R-2")

        assert (rest.amount_minor, rest.code_state) == (15_40, "issued")
        assert town.place("Ada").payable_minor == 5_00
        assert till.redeem(code, "A-2").discount_minor == 15_40
        assert town.wrong() == []

    def test_gives_the_first_answer_again(self, town: Town, till: Till):
        used = till.redeem(take(town).code)
        first, again = till.roll_back(used, 5_00), till.roll_back(used, 5_00)

        assert (first.is_new, again.is_new) == (True, False)
        assert again.redemption.rolled_back_minor == 5_00
        with pytest.raises(RollbackRefTaken):
            till.roll_back(used, 6_00)

    def test_of_more_than_is_left_is_refused(self, town: Town, till: Till):
        used = till.redeem(take(town).code)
        till.roll_back(used, 5_00)

        with pytest.raises(Invalid, match=r"15\.40 EUR are left"):
            till.roll_back(used, 15_41, "R-2")
        till.roll_back(used, rollback_ref="R-2")
        with pytest.raises(Conflict, match="rolled back already"):
            till.roll_back(used, rollback_ref="R-3")

    def test_belongs_to_the_brand(self, town: Town, till: Till):
        used = till.redeem(take(town).code)
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))

        with pytest.raises(NotFound):
            Till.of(town, other).roll_back(used)
        assert Till.of(town).roll_back(used).is_new, "another till of the same brand may"

    def test_a_late_repeat_of_the_first_use_does_not_use_the_code_again(
        self, town: Town, till: Till
    ):
        code = take(town).code
        till.roll_back(till.redeem(code, "A-1"))

        with pytest.raises(RedemptionEnded, match="new order reference"):
            till.redeem(code, "A-1")
        assert town.place("Ada").codes[0].state == "issued"

    def test_after_its_time_returns_the_value_to_payable(self, town: Town, till: Till):
        code = take(town).code
        used = till.redeem(code)
        town.time_passes(timedelta(days=91))
        undone = till.roll_back(used)

        assert undone.code_state == "expired"
        assert town.place("Ada").payable_minor == 20_40
        town.time_passes(timedelta(days=1))
        assert town.place("Ada").payable_minor == 20_40
        assert town.wrong() == []

    def test_after_its_time_tells_of_the_end_only_with_the_whole(
        self, town: Town, till: Till, monkeypatch: pytest.MonkeyPatch
    ):
        used = till.redeem(take(town).code)
        town.time_passes(timedelta(days=91))
        told: list[str] = []
        monkeypatch.setattr(events, "publish", lambda _, *, event, **__: told.append(event.type))

        till.roll_back(used, 5_00)
        assert told == ["redemption.rolled_back"]
        till.roll_back(used, rollback_ref="R-2")
        assert told[1:] == ["code.expired", "redemption.rolled_back"]

    def test_a_reopened_code_expires_though_the_worker_looked_while_it_was_used(
        self, town: Town, till: Till
    ):
        """The worker's clock is a second ahead of the server's, or the rollback waited for it."""
        used = till.redeem(take(town).code)
        town.time_passes(timedelta(days=90))
        town.now -= timedelta(seconds=1)
        assert till.roll_back(used).code_state == "issued"
        town.time_passes(timedelta(days=1))

        assert town.place("Ada").codes[0].state == "expired"
        assert town.place("Ada").payable_minor == 20_40
        assert town.wrong() == []

    def test_a_reopened_code_still_expires_on_time(self, town: Town, till: Till):
        till.roll_back(till.redeem(take(town).code))
        town.time_passes(timedelta(days=91))

        assert town.place("Ada").codes[0].state == "expired"
        assert town.place("Ada").payable_minor == 20_40
        assert town.wrong() == []


class TestShare:
    """Codes that give 20 % off, at most their value, for orders of at least 30.00."""

    @pytest.fixture
    def town(self, db: Session) -> Town:
        town = towns.found(db, code_rate_basis_points=2_000, code_min_order_minor=30_00)
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
        return town

    def test_gives_its_share_and_returns_the_rest(self, town: Town, till: Till):
        code = take(town).code
        asked = till.check(code, Money(50_00, "EUR"))
        used = till.redeem(code, total=Money(50_00, "EUR"))

        assert (asked.rate_basis_points, asked.value_minor) == (2_000, 20_40)
        assert asked.discount_minor == used.discount_minor == 10_00
        assert town.place("Ada").payable_minor == 10_40
        assert town.wrong() == []

    def test_never_gives_more_than_its_value(self, town: Town, till: Till):
        assert till.redeem(take(town).code, total=Money(900_00, "EUR")).discount_minor == 20_40

    def test_is_for_orders_of_at_least_its_minimum(self, town: Town, till: Till):
        with pytest.raises(CodeRefused, match=r"at least 30.00 EUR"):
            till.check(take(town).code, Money(29_99, "EUR"))

    def test_rolled_back_is_an_amount_from_then_on(self, town: Town, till: Till):
        code = take(town).code
        till.roll_back(till.redeem(code, total=Money(50_00, "EUR")))
        again = till.check(code, Money(60_00, "EUR"))

        assert (again.rate_basis_points, again.discount_minor) == (None, 10_00)
        assert town.wrong() == []
