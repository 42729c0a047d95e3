"""Discount codes: taken from payable money, held, used up once, expired once."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server import tokens
from server.errors import CodeRefused, EventTaken, FieldInvalid, GrantRefused, NotFound
from server.services import codes
from server.store.audit import AuditEntry
from server.store.codes import DiscountCode
from server.store.ledger import LedgerTransfer
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


class TestExpire:
    def test_returns_the_value_once(self, town: Town, till: Till):
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
            till.redeem(code)
        assert town.wrong() == []

    def test_a_used_code_stays_used(self, town: Town, till: Till):
        till.redeem(take(town).code)
        town.time_passes(timedelta(days=91))

        assert town.place("Ada").codes[0].state == "redeemed"
        assert town.place("Ada").payable_minor == 0


class TestGiveBack:
    def give_back(self, town: Town, code: str, name: str = "Ada") -> codes.CodeView:
        return codes.give_back(town.db, member_id=town.member(name), code=code, now=town.now)

    def test_returns_the_value_once(self, town: Town, till: Till):
        code = take(town, 10_00).code
        for _ in range(2):
            assert self.give_back(town, code).state == "revoked"

        assert town.place("Ada").payable_minor == 20_40
        assert town.wrong() == []

    def test_is_for_its_holder_alone(self, town: Town):
        with pytest.raises(NotFound):
            self.give_back(town, take(town).code, "Dora")

    def test_waits_while_an_order_holds_the_code(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)
        with pytest.raises(CodeRefused, match="held for another order"):
            self.give_back(town, code)

        town.time_passes(timedelta(minutes=15))
        assert self.give_back(town, code).state == "revoked"

    def test_of_a_used_code_is_refused(self, town: Town, till: Till):
        code = take(town).code
        till.redeem(code)

        with pytest.raises(CodeRefused, match="already used"):
            self.give_back(town, code)


class TestRevoke:
    def revoke(self, town: Town, code: str, reason: str = "it leaked") -> codes.CodeView:
        return codes.revoke(
            town.db,
            brand_id=town.brand_id,
            code=code,
            actor="member:1",
            reason=reason,
            now=town.now,
        )

    def test_ends_the_code_and_its_hold_and_is_noted_once(self, town: Town, till: Till):
        code = take(town).code
        till.reserve(code)
        for _ in range(2):
            assert self.revoke(town, code).state == "revoked"

        assert town.place("Ada").payable_minor == 20_40
        notes = town.db.exec(select(AuditEntry).where(AuditEntry.action == "code.revoked")).all()
        assert [note.after for note in notes] == [{"state": "revoked", "reason": "it leaked"}]
        town.time_passes(timedelta(minutes=15))
        assert town.wrong() == []

    def test_needs_a_reason(self, town: Town):
        with pytest.raises(FieldInvalid):
            self.revoke(town, take(town).code, reason=" ")

    def test_is_for_the_brands_own_codes(self, town: Town):
        code = take(town).code
        town.brand_id = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))

        with pytest.raises(NotFound):
            self.revoke(town, code)


def test_codes_are_easy_to_read_aloud():
    for _ in range(200):
        code = tokens.discount_code()
        assert tokens.discount_code_as_kept(code.lower().replace("-", "")) == code
        assert not set(code) & set("OILU")
