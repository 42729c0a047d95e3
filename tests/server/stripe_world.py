"""Berta's Boots with an account at Stripe: codes go there, buyers pay there, events come back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session

from rewards.money import text
from server import clock
from server.errors import CodeRefused
from server.gateways.stripe.client import Access, Stripe
from server.gateways.stripe.connections import Account
from server.gateways.stripe.events import reduced
from server.jobs import calls, outbox
from server.services import redemptions, stripe_accounts, stripe_events, stripe_means
from server.services.codes import CodeView
from server.services.redemptions import RedemptionView
from server.services.stripe_accounts import AccountView
from server.services.stripe_means import Means
from server.services.validations import Use
from server.store import conversions as conversion_store
from server.store import outbox as outbox_store
from server.store import stripe_accounts as account_store
from server.store.connection import Database
from server.store.conversions import Conversion
from tests.server import till
from tests.server import town as towns
from tests.server.till import Till
from tests.server.town import Town
from tests.stripe_server import StripeServer

SITE = "http://127.0.0.1:8000"


@dataclass
class Shop:
    """The town's brand with its Stripe account; every step is a transaction of its own."""

    database: Database
    stripe: StripeServer
    means: Means
    town: Town
    account: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    seen: int = 0

    @contextmanager
    def open(self) -> Iterator[Session]:
        """Let the town and its people act in one transaction."""
        with self.database.transaction() as db:
            self.town.db = db
            yield db

    # Connecting

    def connect(self, account: str | None = None, *, by_key: bool = True) -> AccountView:
        """Connect the brand's account: by a restricted key, or as if it came back from Connect."""
        account = account or self.account
        key = self.stripe.restricted_key(account, *KEY) if by_key else None
        found = stripe_accounts.look(self.means, key=key) if key else Account(account, False)
        with self.open() as db:
            return stripe_accounts.connect(
                db,
                self.means,
                brand_id=self.town.brand_id,
                account=found,
                key=key,
                actor="member:1",
                now=self.town.now,
            )

    def view(self) -> AccountView:
        with self.open() as db:
            found = stripe_accounts.of_brand(db, brand_id=self.town.brand_id)
        assert found is not None
        return found

    # Codes

    def take(self, value_minor: int = 5_00, **more: object) -> CodeView:
        """Let Ada take a code."""
        with self.open():
            return till.take(self.town, value_minor, f"e-{next(self._numbers)}", **more)

    def till(self) -> Till:
        """Return a partner's till; it works within ``open``."""
        return Till.of(self.town)

    # Time and the worker

    def work(self) -> int:
        """Do everything that is due, as the worker does, until nothing is left to do now."""
        done = 0
        for _ in range(50):
            made = outbox.deliver_due(self.database, now=self.town.now)
            made += calls.make_due(self.database, self.means, now=self.town.now)
            done += made
            if made == 0:
                return done
        raise AssertionError("the worker never comes to rest")

    def pass_time(self, by: timedelta) -> None:
        """Let time pass here and at Stripe, and do what is due by then."""
        self.town.now += by
        self.stripe.now = self.town.now
        self.work()

    def waiting(self) -> list[int]:
        """Return the messages that are not done, whenever they are due."""
        later = self.town.now + timedelta(days=400)
        with self.open() as db:
            return outbox_store.waiting(db, now=later, limit=1000, calls=True)

    # What happens at Stripe

    def hear(self, *, order: str = "made") -> None:
        """Take in what happened at Stripe since the last time, in this order."""
        news = self.stripe.events[self.seen :]
        self.seen = len(self.stripe.events)
        for event in {"made": news, "reversed": news[::-1], "repeated": news * 2}[order]:
            self.take_in(event)

    def take_in(self, event: dict[str, object]) -> bool:
        account = self.view()
        with self.open() as db:
            return stripe_events.take_in(
                db, self.means, account_id=account.id, event=reduced(event), now=self.town.now
            )

    def sells(self, amount: int = 120_00, currency: str = "eur", **given: object) -> str:
        """Let the shop make a checkout; return its id."""
        return self.stripe.checkout(self.account, amount, currency, **given)

    def promotions(self) -> list[dict[str, object]]:
        return self.stripe.things(self.account, "promotion_code")

    def coupons(self) -> list[dict[str, object]]:
        return self.stripe.things(self.account, "coupon")

    # What our ledger says

    def order(self, order_ref: str) -> Conversion | None:
        with self.open() as db:
            return conversion_store.find_by_order(
                db, brand_id=self.town.brand_id, order_ref=order_ref
            )

    def wrong(self) -> list[str]:
        with self.open():
            return self.town.wrong()


KEY = (
    "accounts_kyc_basic_read",
    "coupon_write",
    "promotion_code_write",
    "event_read",
    "charge_read",
    "webhook_write",
)


def session_event(shop: Shop, *, reference: str, **session: object) -> dict[str, Any]:
    """Return the event of a paid checkout in Stripe's shape, with sums of our own."""
    return {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "created": int(shop.town.now.timestamp()),
        "livemode": False,
        "data": {
            "object": {
                "id": "cs_test_1",
                "mode": "payment",
                "payment_status": "paid",
                "payment_intent": "pi_1",
                "currency": "eur",
                "client_reference_id": reference,
                "discounts": [],
                "metadata": {},
                "customer": None,
                **session,
            }
        },
    }


def found(
    database: Database,
    stripe: StripeServer,
    *,
    currency: str = "EUR",
    means: Means | None = None,
    **offer: object,
) -> Shop:
    """Return the shop: Ada brought Bela, and Ada's payable money is enough for many codes."""
    gateway = Stripe(
        secret_key=stripe.connect_secret,
        client_id=stripe.connect_client_id,
        api_url=stripe.address,
        connect_url=stripe.address,
    )
    means = means or Means(gateway, sealing_key="seal", site_url=SITE)
    with database.transaction() as db:
        town = towns.found(db, currency=currency, budget_minor=100_000_00, **offer)
        town.now = clock.now().replace(microsecond=0) - timedelta(days=40)
        town.shares("Ada")
        town.orders(text(200_000_00, currency), through="Ada", currency=currency)
        town.time_passes(timedelta(days=20))
        town.shares("Bela", after="Ada")
        town.orders(text(50_000_00, currency), through="Bela", currency=currency)
        town.time_passes()
        town.now = clock.now().replace(microsecond=0)
    stripe.now = town.now
    return Shop(database, stripe, means, town, stripe.account("Berta's Boots"))


def key_of(shop: Shop) -> str:
    """Return the key with which the brand's account is connected."""
    with shop.open() as db:
        row = account_store.live_of_brand(db, shop.town.brand_id)
    assert row is not None
    return stripe_means.access(shop.means, row).key


def whole_access(shop: Shop) -> Access:
    """Return the access of somebody who may do everything in the shop's account."""
    return Access(shop.stripe.key(shop.account))


def redeem_alone(
    database: Database, client_id: int, brand_id: int, code: str, now: datetime
) -> None:
    """Use a code up at a till in a transaction of its own, if it still can be."""
    with suppress(CodeRefused), database.transaction() as db:
        redemptions.redeem(
            db,
            client_id=client_id,
            code=code,
            order_ref=f"till-{code}",
            use=Use(brand_id, till.HUNDRED),
            now=now,
        )


def uses_of(db: Session, brand_id: int) -> list[RedemptionView]:
    """Return every use of the brand's codes."""
    return redemptions.of_brand(db, brand_id=brand_id, before_id=None, limit=100)
