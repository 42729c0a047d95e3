"""Offers: drafted, frozen at publish, ended; and a budget that never falls below its promise."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from server.errors import FieldInvalid, NotFound, OfferNotEditable
from server.services import offers
from server.store.audit import AuditEntry
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def draft(town: Town, **changes: object) -> offers.OfferView:
    wanted = replace(make.BOOTS, **changes)
    return offers.draft(
        town.db, brand_id=town.brand_id, actor="member:1", wanted=wanted, now=town.now
    )


class TestDraft:
    def test_scales_the_schedule_to_the_average_order(self, town: Town):
        terms = draft(town, average_order_minor=25_00, ceiling_basis_points=2_000).terms

        assert terms.thresholds_minor == (0, 25_00, 100_00, 400_00)
        assert terms.rates_basis_points == (800, 1_200, 1_600, 2_000)

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("title", {"title": "  "}),
            ("title", {"title": "x" * 81}),
            ("share_text", {"share_text": "x" * 281}),
            ("page_url", {"page_url": "127.0.0.1:8003/boots"}),
            ("page_url", {"page_url": "https://evil.example/boots"}),
            ("page_url", {"page_url": "http://127.0.0.1:8003@evil.example/"}),
            ("page_url", {"page_url": "http://evil@127.0.0.1:8003/"}),
            ("page_url", {"page_url": "http://127.0.0.1:8003/\r\nSet-Cookie: a=b"}),
            ("page_url", {"page_url": "http://[::1"}),
            ("page_url", {"page_url": "javascript:alert(1)"}),
            ("page_url", {"page_url": "http://127.0.0.1:8003/" + "a" * 500}),
            ("average_order", {"average_order_minor": 0}),
            ("budget", {"budget_minor": 0}),
            ("budget", {"budget_minor": 10**18}),
            ("min_grant", {"min_grant_minor": 0}),
            ("ceiling", {"ceiling_basis_points": 99}),
            ("ceiling", {"ceiling_basis_points": 5_001}),
            ("return_days", {"return_days": -1}),
            ("return_days", {"return_days": 366}),
        ],
    )
    def test_says_which_field_does_not_work(
        self, town: Town, field: str, changes: dict[str, object]
    ):
        with pytest.raises(FieldInvalid) as refusal:
            draft(town, **changes)

        assert refusal.value.field == field

    def test_can_be_edited_until_it_is_published(self, town: Town):
        public_id = draft(town).public_id
        keys = {"db": town.db, "brand_id": town.brand_id, "public_id": public_id, "actor": "t"}
        edited = offers.edit(**keys, wanted=replace(make.BOOTS, title="Shoes"), now=town.now)
        offers.publish(**keys, now=town.now)

        assert edited.title == "Shoes"
        with pytest.raises(OfferNotEditable):
            offers.edit(**keys, wanted=make.BOOTS, now=town.now)
        with pytest.raises(OfferNotEditable):
            offers.publish(**keys, now=town.now)

    def test_is_its_brands_own(self, town: Town):
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))

        with pytest.raises(NotFound):
            offers.find(town.db, brand_id=other, public_id=town.offer.public_id)


class TestBudget:
    def set(self, town: Town, amount: int) -> offers.OfferView:
        return offers.set_budget(
            town.db,
            brand_id=town.brand_id,
            public_id=town.offer.public_id,
            actor="member:1",
            budget_minor=amount,
            now=town.now,
        )

    def test_can_be_raised_and_lowered_to_what_is_promised(self, town: Town):
        town.shares("Ada")
        town.orders("120.00", through="Ada")

        assert self.set(town, 9_000_00).remaining_minor == 9_000_00 - 6_00
        assert self.set(town, 6_00).remaining_minor == 0
        with pytest.raises(FieldInvalid, match=r"6\.00 EUR are already promised"):
            self.set(town, 5_99)

    def test_a_raised_budget_pays_for_later_orders(self, town: Town):
        town.shares("Ada")
        town.orders("120.00", through="Ada")
        self.set(town, 6_00)
        assert town.orders("60.00", through="Ada").reason == "budget_spent"
        self.set(town, 9_60)

        assert town.orders("60.00", through="Ada").credited_minor == 60_00
        assert town.wrong() == []

    def test_is_for_published_offers(self, town: Town):
        with pytest.raises(OfferNotEditable):
            offers.set_budget(
                town.db,
                brand_id=town.brand_id,
                public_id=draft(town).public_id,
                actor="t",
                budget_minor=1,
                now=town.now,
            )


def test_every_change_is_in_the_audit_log(town: Town):
    public_id = draft(town).public_id
    keys = {"db": town.db, "brand_id": town.brand_id, "public_id": public_id, "actor": "member:7"}
    offers.publish(**keys, now=town.now)
    offers.set_budget(**keys, budget_minor=9_000_00, now=town.now)
    offers.end(**keys, now=town.now)

    rows = town.db.exec(select(AuditEntry).where(AuditEntry.subject == f"offer:{public_id}")).all()
    assert [row.action for row in rows] == [
        "offer.drafted",
        "offer.published",
        "offer.budget_set",
        "offer.ended",
    ]
    assert rows[2].before == {"budget_minor": 5_000_00}
    assert rows[2].after == {"budget_minor": 9_000_00}
    assert {row.at for row in rows} == {NOON}
