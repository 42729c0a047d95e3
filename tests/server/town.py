"""Berta's Boots with one published offer, and the people of its stories."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from server.services import checks, wallets, withdrawals
from server.services.conversions import ConversionView
from server.services.offers import OfferView
from server.services.wallets import Place
from server.services.withdrawals import Withdrawal
from server.store import consents as consent_store
from server.store import offers as offer_store
from tests import make

NOON = datetime(2030, 1, 1, 12, tzinfo=make.THEN.tzinfo)
AFTER_THE_WINDOW = timedelta(days=15)


@dataclass
class Town:
    """A story's place: an open transaction, a clock, a brand with an offer, people by name."""

    db: Session
    brand_id: int
    offer: OfferView
    now: datetime = NOON
    people: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def member(self, name: str) -> int:
        """Return the id of a person; whoever is new comes to town."""
        if name not in self.people:
            self.people[name] = make.member(self.db, name.lower(), now=self.now)
        return self.people[name]

    def shares(self, name: str, *, after: str | None = None) -> str:
        """Let a person share the offer, brought by somebody or not; return the link code."""
        if after is not None:
            token = make.visit(self.db, self.links[after], now=self.now)
            make.claim(self.db, self.member(name), token, now=self.now)
        self.links[name] = make.share(
            self.db, self.member(name), self.offer, now=self.now, shown_as=name
        ).code
        return self.links[name]

    def orders(self, amount: str, *, through: str, **more: object) -> ConversionView:
        """Let somebody arrive through a person's link and order a minute later."""
        token = make.visit(self.db, self.links[through], now=self.now)
        self.now += timedelta(minutes=1)
        return make.order(self.db, self.brand_id, amount, now=self.now, visit_token=token, **more)

    def time_passes(self, by: timedelta = AFTER_THE_WINDOW) -> None:
        """Move the clock and let the worker do what is due."""
        self.now += by
        make.pass_time(self.db, self.now)

    def takes_back(self, name: str, consent_id: int) -> Withdrawal:
        """Let a person take one of their consents back."""
        consent = consent_store.find(self.db, consent_id)
        return withdrawals.withdraw(
            self.db,
            member_id=self.member(name),
            consent_public_id=consent.public_id,
            now=self.now,
        )

    def place(self, name: str) -> Place:
        """Return what a person has in the offer."""
        (place,) = wallets.of_member(self.db, member_id=self.member(name)).places
        return place

    def wrong(self) -> list[str]:
        """Return what the books say is wrong."""
        row = offer_store.find_by_public_id(self.db, self.offer.public_id)
        return checks.of_offer(self.db, row)


def found(db: Session, *, currency: str = "EUR", **changes: object) -> Town:
    """Found Berta's Boots with the offer of the stories, or one with changes."""
    brand_id = make.brand(db, currency=currency)
    return Town(db, brand_id, make.offer(db, brand_id, now=NOON, **changes))
