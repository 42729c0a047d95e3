"""No answer, refusal, withdrawal or expiry changes an amount, a code or an unlock.

The same year is lived four times in a real database: questions are answered, answered and taken
back or refused in every way, ignored, or never asked.  Then every value of every table is compared,
except those of the tables that hold questions and answers.  Random names come from one source for
each module that asks for them, so that not even a code may differ.
"""

import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import Session

from server import tokens
from server.services import (
    answers,
    codes,
    retention,
    rollbacks,
    showcases,
    wallets,
)
from server.services.asks import Card
from server.store import offers, tables
from server.store.connection import Database
from tests import make
from tests.server import asking
from tests.server.asking import SIZES, TOWN, Asking

ABOUT_QUESTIONS = {
    *("question", "offer_topic", "ask_account", "ask", "answer"),
    *("consent", "consent_text", "audit_entry"),
}
"""Tables that hold what was asked and answered, and the consents to it."""
OTHERWISE_NAMED = {"consent_id"}
"""Numbers of rows of those tables."""
MONTHS, CROWD = 12, 100
WEEK = timedelta(days=7)
SHARERS = ("Ada", "Bela", "Cem")
COLOURS = replace(
    TOWN,
    field="colour",
    kind="category",
    words={
        "en": replace(
            TOWN.words["en"],
            title="Which boots do you like?",
            choices=("light ones", "dark ones"),
        )
    },
    retention_days=180,
)
QUESTIONS = (replace(SIZES, retention_days=200), TOWN, COLOURS)
WAYS = ("take back", "never", "keep", "change", "not now")


@dataclass
class Source:
    """Random names, the same in every year: each module that asks has a sequence of its own."""

    sequences: dict[str, Random] = field(default_factory=dict)

    def draw(self, kind: str, alphabet: str, length: int) -> str:
        caller = sys._getframe(2).f_globals["__name__"]  # noqa: SLF001 - who asks
        name = f"{kind} of {caller}"
        sequence = self.sequences.setdefault(name, Random(name))  # noqa: S311 - to be the same
        return "".join(sequence.choice(alphabet) for _ in range(length))

    def replace_all(self, patch: pytest.MonkeyPatch) -> None:
        b58, crockford = tokens.BASE58, tokens.CROCKFORD
        patch.setattr(tokens, "public_id", lambda: self.draw("id", b58, 12))
        patch.setattr(tokens, "link_code", lambda: self.draw("link", b58, 10))
        patch.setattr(tokens, "secret", lambda: self.draw("secret", b58, 43))
        patch.setattr(
            tokens,
            "discount_code",
            lambda: tokens.discount_code_as_kept(self.draw("code", crockford, 12)),
        )
        patch.setattr(make, "uuid4", lambda: UUID(self.draw("uuid", "0123456789abcdef", 32)))


@dataclass
class Year:
    """Twelve months at Berta's Boots.  Only ``way`` says what becomes of questions."""

    shop: Asking
    way: str
    chance: Random = field(default_factory=lambda: Random("a year"))  # noqa: S311 - to be the same
    asked: int = 0
    answered: int = 0
    ended: int = 0
    ways: set[str] = field(default_factory=set)
    fronts: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def db(self) -> Session:
        return self.shop.db

    @property
    def now(self) -> datetime:
        return self.shop.now

    def live(self) -> None:
        """Let a year pass: everything but questions is drawn from the same chances."""
        town = self.shop.town
        town.shares("Bela", after="Ada")
        town.shares("Cem", after="Bela")
        for month in range(MONTHS):
            orders = [self._order(name) for name in SHARERS for _ in range(2)]
            self._visits()
            town.time_passes(timedelta(days=5))
            self._refund(orders)
            town.time_passes(timedelta(days=15))
            for name in SHARERS:
                self._spend(name, month)
                self._look(name, month)
            town.time_passes(timedelta(days=10))
            self.ended += retention.forget_old(self.db, now=self.now, only=["answer"])["answer"]
            self._end_of_the_month(month)

    def _order(self, name: str) -> Any:
        amount = f"{self.chance.randint(40, 260)}.{self.chance.randint(0, 99):02}"
        return self.shop.town.orders(
            amount, through=name, is_new_customer=self.chance.random() < 0.6
        )

    def _visits(self) -> None:
        for name in SHARERS:
            for _ in range(self.chance.randint(0, 3)):
                make.visit(self.db, self.shop.town.links[name], now=self.now, is_verified=True)

    def _refund(self, orders: list[Any]) -> None:
        order = self.chance.choice(orders)
        amount = self.chance.choice([None, "10.00"])
        make.refund(self.db, self.shop.town.brand_id, order, amount, now=self.now)

    def _spend(self, name: str, month: int) -> None:
        """Take a code, and use it, give it back, or let it expire; now and then undo the use."""
        what = self.chance.choice(["use", "use", "use", "undo", "give back", "keep"])
        if self.shop.town.place(name).takeable_minor < 500:
            return
        if what in ("use", "undo"):
            used = self.shop.redeems(name)
            if what == "undo":
                rollbacks.roll_back(
                    self.db,
                    brand_id=self.shop.town.brand_id,
                    redemption_public_id=used.public_id,
                    rollback_ref=f"undo {month}",
                    amount_minor=self.chance.choice([None, 2_00]),
                    now=self.now,
                )
            return
        member_id = self.shop.town.member(name)
        code = make.code(self.db, member_id, self.shop.town.offer, value="5.00", now=self.now)
        if what == "give back":
            codes.give_back(self.db, member_id=member_id, code=code.code, now=self.now)

    def _look(self, name: str, month: int) -> None:
        """Open the wallet, where the card is, and the offers, whose order answers decide."""
        card = self.shop.asked(f"{name} in month {month}", name)
        if card is not None:
            self.asked += 1
            self._reply(card, name)
        showcase = showcases.of_member(
            self.db, member_id=self.shop.town.member(name), language="en", now=self.now
        )
        answers.note_use(self.db, answer_ids=showcase.used, now=self.now)
        self.fronts.append(tuple(offer.title for offer in showcase.offers))

    def _reply(self, card: Card, name: str) -> None:
        if self.way == "ignored":
            return
        way = WAYS[self.asked % len(WAYS)] if self.way == "every way" else "answer"
        self.ways.add(way)
        if way in ("never", "not now"):
            self.shop.declines(card, name, is_for_good=way == "never")
            return
        self.answered += self.shop.tells(card, choice=self.asked % len(card.choices), name=name)
        if way == "take back":
            self.shop.takes_back(name)
        if way == "change":
            answers.change(
                self.db,
                member_id=self.shop.town.member(name),
                question_public_id=card.question_public_id,
                choice=0,
                now=self.now,
            )

    def _end_of_the_month(self, month: int) -> None:
        """Let new customers come by somebody's link, who share too."""
        for name in SHARERS:
            friend = f"{name}'s friend {month}"
            self.shop.town.shares(friend, after=name)
            self._order(friend)


def lived(database: Database, way: str, patch: pytest.MonkeyPatch) -> tuple[Year, dict[str, Any]]:
    """Live a year in an empty database; return it, and everything that it left there."""
    make.restart(database)
    with patch.context() as during:
        Source().replace_all(during)
        with database.transaction() as db:
            shop = asking.open_shop(db, crowd=CROWD)
            if way != "not asked":
                for question in QUESTIONS:
                    shop.live(question)
            year = Year(shop, way)
            year.live()
            assert shop.town.wrong() == []
            return year, {**rows_of(db), **seen_by_people(shop)}


def rows_of(db: Session) -> dict[str, Any]:
    """Return every value of every other table, by table, row and column."""
    found: dict[str, Any] = {}
    for table in tables.METADATA.sorted_tables:
        if table.name not in ABOUT_QUESTIONS:
            columns = [column for column in table.columns if column.name not in OTHERWISE_NAMED]
            rows = db.execute(select(*columns).order_by(*table.primary_key))
            for number, row in enumerate(rows):
                for column, value in zip(columns, row, strict=True):
                    found[f"{table.name} {number} {column.name}"] = value
    return found


def seen_by_people(shop: Asking) -> dict[str, Any]:
    """Return what each person sees in the wallet, and what there is to share in any order."""
    found: dict[str, Any] = {}
    for name, member_id in shop.town.people.items():
        wallet = wallets.of_member(shop.db, member_id=member_id)
        for number, place in enumerate(wallet.places):
            for key in place.__dataclass_fields__:
                found[f"{name} sees {key} of place {number}"] = getattr(place, key)
        showcase = showcases.of_member(shop.db, member_id=member_id, language="en", now=shop.now)
        shown = {replace(offer, because=None) for offer in showcase.offers}
        found[f"{name} is shown"] = sorted(shown, key=lambda offer: offer.public_id)
    return found


def test_the_same_year_with_and_without_answers_is_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch, record_property: Any, dialect: str
):
    without, expected = lived(database, "not asked", monkeypatch)
    years = {}
    for way in ("answered", "every way", "ignored"):
        year, found = lived(database, way, monkeypatch)
        years[way] = year
        different = [name for name in expected if found.get(name) != expected[name]]
        assert different == []
        assert found.keys() == expected.keys()

    told = {way: (year.asked, year.answered) for way, year in years.items()}
    record_property(
        "told",
        f"On {dialect} a year left {len(expected)} values, the same in 4 ways; "
        f"(asked, answered) were {told}.",
    )
    happened(expected)
    assert without.asked == 0
    assert all(year.asked >= 6 for year in years.values()), told
    assert years["answered"].answered == years["answered"].asked
    assert 0 < years["every way"].answered < years["every way"].asked
    assert years["every way"].ways == set(WAYS)
    assert years["answered"].ended > 0, "answers ended by themselves, too"
    assert years["ignored"].answered == 0
    assert years["answered"].fronts != without.fronts, "answers do change what stands first"
    assert years["ignored"].fronts == without.fronts


def happened(found: dict[str, Any]) -> None:
    """Check that the year had a bit of everything that costs or gives."""
    states = {value for name, value in found.items() if name.startswith("discount_code ")}
    assert {"redeemed", "revoked", "expired"} <= states
    for table in ("redemption", "rollback", "reversal", "ledger_transfer", "referral", "visit"):
        assert any(name.startswith(f"{table} ") for name in found), table
    assert any(name.endswith(" reach") and value for name, value in found.items())


def test_the_comparison_sees_a_single_different_amount(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Or the test above could not fail."""
    monkeypatch.setattr(sys.modules[__name__], "MONTHS", 1)
    _, expected = lived(database, "not asked", monkeypatch)
    _, again = lived(database, "not asked", monkeypatch)
    assert again == expected

    tell = answers.answer

    def with_a_gift(db: Session, **given: Any) -> bool:
        row = offers.everything(db)[0]
        row.budget_minor += 1
        return tell(db, **given)

    monkeypatch.setattr(answers, "answer", with_a_gift)
    _, found = lived(database, "answered", monkeypatch)
    different = {name for name in expected if found[name] != expected[name]}
    assert "offer 0 budget_minor" in different
