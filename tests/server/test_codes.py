"""Discount codes: taken from payable money, held, used up once, expired once."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from rewards.money import Money
from server import tokens
from server.errors import CodeRefused, EventTaken, GrantRefused, NotFound, RefusalKey
from server.services import codes, redemptions, reservations
from server.services.codes import CodeView
from server.store import oauth_clients
from server.store.codes import DiscountCode
from server.store.ledger import LedgerTransfer
from tests import make
from tests.server import town as towns
from tests.server.town import Town

HUNDRED = Money(100_00, "EUR")


@pytest.fixture
def town(db: Session) -> Town:
    """Ada has 20.40 payable."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("330.00", through="Ada")
    town.time_passes()
    return town


@pytest.fixture
def client_id(town: Town) -> int:
    return client_of(town, town.brand_id)


def client_of(town: Town, brand_id: int) -> int:
    made = make.partner(town.db, brand_id, now=town.now)
    return oauth_clients.find(town.db, made.client_id).id


def take(town: Town, value_minor: int | None = None, event_id: str = "e-1") -> CodeView:
    return codes.take(
        town.db,
        member_id=town.member("Ada"),
        offer_public_id=town.offer.public_id,
        event_id=event_id,
        value_minor=value_minor,
        now=town.now,
    )


def check(town: Town, code: str, total: Money = HUNDRED) -> codes.Validity:
    return codes.check(town.db, brand_id=town.brand_id, code=code, order_total=total, now=town.now)


def redeem(
    town: Town, client_id: int, code: str, order_ref: str = "A-1", reservation_id: str | None = None
) -> redemptions.RedemptionView:
    return redemptions.redeem(
        town.db,
        client_id=client_id,
        brand_id=town.brand_id,
        code=code,
        order_ref=order_ref,
        order_total=HUNDRED,
        reservation_id=reservation_id,
        now=town.now,
    )


def reserve(
    town: Town, client_id: int, code: str, order_ref: str = "A-1"
) -> reservations.ReservationView:
    return reservations.reserve(
        town.db,
        client_id=client_id,
        brand_id=town.brand_id,
        code=code,
        order_ref=order_ref,
        order_total=HUNDRED,
        now=town.now,
    )


def key_of(refusal: pytest.ExceptionInfo[CodeRefused]) -> RefusalKey:
    return refusal.value.key


class TestTake:
    def test_turns_all_that_is_payable_into_one_code_with_its_why(self, town: Town):
        found = take(town)

        assert found.value_minor == 20_40 == town.offer.terms.schedule.reward(330_00) // 10_000
        assert town.place("Ada").payable_minor == 0
        assert "330.00" in found.why
        assert town.wrong() == []

    def test_a_double_click_is_one_code(self, town: Town):
        assert take(town, 10_00).code == take(town, 10_00).code
        assert town.place("Ada").payable_minor == 10_40
        with pytest.raises(EventTaken):
            take(town, 11_00)

    def test_refuses_too_little_and_too_much_and_changes_nothing(self, town: Town):
        for value, reason in ((4_99, "below_minimum_grant"), (20_41, "more_than_payable")):
            with pytest.raises(GrantRefused) as refusal:
                take(town, value)
            assert refusal.value.reason == reason
        assert town.place("Ada").payable_minor == 20_40
        assert town.db.exec(select(DiscountCode)).all() == []

    def test_nothing_is_not_everything(self, town: Town):
        with pytest.raises(GrantRefused) as refusal:
            take(town, 0)

        assert refusal.value.reason == "below_minimum_grant"
        assert town.place("Ada").payable_minor == 20_40

    def test_says_what_is_missing_when_less_than_the_smallest_code_is_payable(self, town: Town):
        take(town, 20_00)

        with pytest.raises(GrantRefused, match=r"5.00 EUR"):
            take(town, event_id="e-2")

    def test_is_for_those_who_take_part(self, town: Town):
        with pytest.raises(NotFound):
            codes.take(
                town.db,
                member_id=town.member("Dora"),
                offer_public_id=town.offer.public_id,
                event_id="e",
                value_minor=None,
                now=town.now,
            )


class TestCheck:
    def test_says_by_how_much_the_order_gets_cheaper(self, town: Town):
        found = check(town, take(town).code)

        assert (found.value_minor, found.discount_minor) == (20_40, 20_40)

    def test_reads_a_code_however_it_was_typed(self, town: Town):
        code = take(town).code

        assert check(town, code.lower().replace("-", " ").replace("0", "o")).code == code

    def test_gives_each_refusal_its_key(self, town: Town, client_id: int):
        used, fresh = take(town, 10_00), take(town, 5_00, "e-2")
        redeem(town, client_id, used.code)
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        expected = {
            RefusalKey.UNKNOWN: lambda: check(town, "AAAA-BBBB-CCCC"),
            RefusalKey.ALREADY_REDEEMED: lambda: check(town, used.code),
            RefusalKey.CURRENCY_MISMATCH: lambda: check(town, fresh.code, Money(100_00, "CHF")),
            RefusalKey.MINIMUM_NOT_MET: lambda: check(town, fresh.code, Money(4_99, "EUR")),
            RefusalKey.WRONG_BRAND: lambda: codes.check(
                town.db,
                brand_id=other,
                code=fresh.code,
                order_total=HUNDRED,
                now=town.now,
            ),
        }
        for key, ask in expected.items():
            with pytest.raises(CodeRefused) as refusal:
                ask()
            assert key_of(refusal) == key
        town.now += timedelta(days=91)
        with pytest.raises(CodeRefused) as refusal:
            check(town, fresh.code)
        assert key_of(refusal) == RefusalKey.EXPIRED


class TestReserve:
    def test_holds_the_code_against_other_orders(self, town: Town, client_id: int):
        code = take(town).code
        held = reserve(town, client_id, code)

        assert held.is_new
        assert not reserve(town, client_id, code).is_new
        for ask in (
            lambda: reserve(town, client_id, code, "A-2"),
            lambda: redeem(town, client_id, code, "A-2"),
            lambda: check(town, code),
        ):
            with pytest.raises(CodeRefused) as refusal:
                ask()
            assert key_of(refusal) == RefusalKey.RESERVED_ELSEWHERE

    def test_frees_itself_even_before_the_worker_comes(self, town: Town, client_id: int):
        code = take(town).code
        reserve(town, client_id, code)
        town.now += timedelta(minutes=15)

        assert redeem(town, client_id, code, "A-2").is_new

    def test_the_worker_frees_it(self, town: Town, client_id: int):
        code = take(town).code
        reserve(town, client_id, code)
        town.time_passes(timedelta(minutes=15))

        assert town.place("Ada").codes[0].state == "issued"

    def test_a_hold_can_be_let_go(self, town: Town, client_id: int):
        code = take(town).code
        held = reserve(town, client_id, code)
        stranger = client_of(town, town.brand_id)
        with pytest.raises(NotFound):
            reservations.release(
                town.db, client_id=stranger, public_id=held.public_id, now=town.now
            )
        for _ in range(2):
            reservations.release(
                town.db, client_id=client_id, public_id=held.public_id, now=town.now
            )

        assert redeem(town, client_id, code, "A-2").is_new


class TestRedeem:
    def test_uses_the_code_up(self, town: Town, client_id: int):
        found = redeem(town, client_id, take(town).code)

        assert (found.discount_minor, found.is_new) == (20_40, True)
        assert town.place("Ada").codes[0].state == "redeemed"
        assert town.wrong() == []

    def test_gives_the_first_answer_again_when_a_partner_retries(self, town: Town, client_id: int):
        code = take(town).code
        first, again = redeem(town, client_id, code), redeem(town, client_id, code)

        assert again.public_id == first.public_id
        assert not again.is_new
        with pytest.raises(CodeRefused) as refusal:
            redeem(town, client_id, code, "A-2")
        assert key_of(refusal) == RefusalKey.ALREADY_REDEEMED

    def test_takes_its_own_reservation(self, town: Town, client_id: int):
        code = take(town).code
        held = reserve(town, client_id, code)

        assert redeem(town, client_id, code, reservation_id=held.public_id).is_new
        town.time_passes(timedelta(minutes=15))
        assert town.place("Ada").codes[0].state == "redeemed"

    def test_does_not_take_a_reservation_of_somebody_else(self, town: Town, client_id: int):
        code = take(town).code
        held = reserve(town, client_of(town, town.brand_id), code)

        with pytest.raises(NotFound):
            redeem(town, client_id, code, reservation_id=held.public_id)


class TestExpire:
    def test_returns_the_value_once(self, town: Town, client_id: int):
        code = take(town, 10_00).code
        for _ in range(2):
            town.time_passes(timedelta(days=91))

        place = town.place("Ada")
        assert (place.payable_minor, place.codes[0].state) == (20_40, "expired")
        expired = town.db.exec(
            select(LedgerTransfer).where(LedgerTransfer.reason == "expired")
        ).all()
        assert [(t.debit, t.credit, t.amount_minor) for t in expired] == [
            ("granted:1", "expired", 10_00),
            ("expired", "payable:1", 10_00),
        ]
        assert {t.undoes for t in expired} == {"grant:e-1"}
        with pytest.raises(CodeRefused):
            redeem(town, client_id, code)
        assert town.wrong() == []

    def test_a_used_code_stays_used(self, town: Town, client_id: int):
        redeem(town, client_id, take(town).code)
        town.time_passes(timedelta(days=91))

        assert town.place("Ada").codes[0].state == "redeemed"
        assert town.place("Ada").payable_minor == 0


def test_codes_are_easy_to_read_aloud():
    for _ in range(200):
        code = tokens.discount_code()
        assert tokens.discount_code_as_kept(code.lower().replace("-", "")) == code
        assert not set(code) & set("OILU")
