"""Berta's Boots with many customers, two offers and a question; Ada has used a code there."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards.money import Money
from server.services import answers, asks, question_topics, questions, redemptions, withdrawals
from server.services.asks import Card
from server.services.offers import OfferView
from server.services.question_words import QuestionDraft, Words
from server.services.questions import QuestionView
from server.services.validations import Use
from server.store import consents
from tests import make
from tests.server.town import NOON, Town

SIZES = QuestionDraft(
    field="shoe_size",
    kind="size",
    words={
        "en": Words(
            title="Which shoe size do you wear?",
            choices=("36-37", "38-40", "41 or more"),
            purpose="to show offers in your size first",
            benefit="so that we show you shoes in your size first",
            group_names=("small", "large"),
        ),
        "de": Words(
            title="Welche Schuhgröße tragen Sie?",
            choices=("36-37", "38-40", "41 oder mehr"),
            purpose="um Angebote in Ihrer Größe zuerst zu zeigen",
            benefit="damit wir Ihnen Schuhe in Ihrer Größe zuerst zeigen",
            group_names=("klein", "groß"),
        ),
    },
    retention_days=365,
    groups=((0, 1), (2,)),
)
TOWN = replace(
    SIZES,
    field="city",
    kind="city",
    words={
        "en": Words(
            title="Where do you shop?",
            choices=("by the sea", "in the hills"),
            purpose="to show what the nearest shop has",
            benefit="so that you see what is near you first",
        )
    },
    retention_days=730,
    groups=(),
)


@dataclass
class Asking:
    """A town whose brand may ask, and what its people do about it."""

    town: Town
    offers: tuple[OfferView, OfferView]
    till: int

    @property
    def db(self) -> Session:
        return self.town.db

    @property
    def now(self) -> datetime:
        return self.town.now

    def live(self, wanted: QuestionDraft = SIZES, *, topics: bool = True) -> QuestionView:
        """Publish a question whose last answer brings the sandals forward, the others the boots."""
        made = questions.draft(
            self.db, brand_id=self.town.brand_id, actor="test", wanted=wanted, now=self.now
        )
        boots, sandals = (offer.public_id for offer in self.offers)
        last = len(wanted.words["en"].choices) - 1
        own = [(sandals if choice == last else boots, choice) for choice in range(last + 1)]
        question_topics.change(
            self.db,
            brand_id=self.town.brand_id,
            public_id=made.public_id,
            version=1,
            actor="test",
            topics=own if topics else [],
            now=self.now,
        )
        return questions.publish(
            self.db,
            brand_id=self.town.brand_id,
            public_id=made.public_id,
            actor="test",
            now=self.now,
        )

    def redeems(self, name: str = "Ada", value: str = "5.00") -> redemptions.RedemptionView:
        """Let a person take a code and use it."""
        code = make.code(
            self.db, self.town.member(name), self.town.offer, value=value, now=self.now
        )
        return redemptions.redeem(
            self.db,
            client_id=self.till,
            code=code.code,
            order_ref=f"R-{code.code}",
            use=Use(self.town.brand_id, Money(100_00, "EUR")),
            now=self.now,
        )

    def asked(self, session: str = "today", name: str = "Ada", language: str = "en") -> Card | None:
        """Let a person open the page where a card would be."""
        return asks.ask_next(
            self.db,
            member_id=self.town.member(name),
            session=session,
            language=language,
            now=self.now,
        )

    def tells(self, card: Card, choice: int = 1, name: str = "Ada", language: str = "en") -> bool:
        """Let a person answer a card."""
        return answers.answer(
            self.db,
            member_id=self.town.member(name),
            ask_public_id=card.ask_public_id,
            choice=choice,
            text_hash=card.consent.hash,
            language=language,
            surface="test",
            now=self.now,
        )

    def declines(self, card: Card, name: str = "Ada", *, is_for_good: bool = False) -> bool:
        """Let a person not answer a card."""
        return answers.decline(
            self.db,
            member_id=self.town.member(name),
            ask_public_id=card.ask_public_id,
            is_for_good=is_for_good,
            now=self.now,
        )

    def given(self, name: str = "Ada") -> list[answers.AnswerView]:
        """Return the answers of a person."""
        return answers.of_member(
            self.db, member_id=self.town.member(name), language="en", now=self.now
        )

    def takes_back(self, name: str = "Ada", consent: str | None = None) -> bool:
        """Let a person withdraw the consent to their newest answer; return whether it was new."""
        if consent is None:
            (newest, *_) = [
                row
                for row in consents.of_member(self.db, self.town.member(name))
                if row.purpose.startswith("question:")
            ]
            consent = newest.public_id
        return withdrawals.withdraw(
            self.db,
            member_id=self.town.member(name),
            consent_public_id=consent,
            now=self.now,
        ).is_new

    def wait(self, **time: int) -> None:
        self.town.now += timedelta(**time)


def open_shop(
    db: Session,
    *,
    crowd: int = 80,
    redeemed: bool = True,
    now: datetime = NOON,
    brand_id: int | None = None,
    names: tuple[str, ...] = ("Ada",),
    page_url: str = make.BOOTS.page_url,
) -> Asking:
    """Let Ada (or others) earn 20.40, use 5.00 of it, and so many others share the same boots."""
    brand_id = brand_id or make.brand(db)
    boots, sandals = (
        make.offer(db, brand_id, now=now, title=title, page_url=page_url)
        for title in ("Winter boots", "Summer sandals")
    )
    town = Town(db, brand_id, boots, now)
    for name in names:
        town.shares(name)
        town.orders("330.00", through=name)
    for number in range(crowd):
        make.share(db, make.member(db, f"customer-{number}"), boots, now=town.now)
        if number % 2:
            make.share(db, make.member(db, f"customer-{number}"), sandals, now=town.now)
    town.time_passes()
    client = make.partner(db, town.brand_id, now=town.now)
    shop = Asking(town, (boots, sandals), make.client_row(db, client.client_id))
    for name in names if redeemed else ():
        shop.redeems(name)
    return shop
