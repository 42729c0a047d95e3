"""Berta's Boots on a running site: people share, partners report over HTTP, clicks come."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy import func, select
from sqlmodel import col

from rewards.money import Money
from server import clock
from server.services import checks, codes, visits
from server.services.wallets import Place
from server.store.connection import Database
from server.store.conversions import Conversion
from tests import make
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.links.process import CHROME, Process
from tests.server.town import Town

SEEN = {"visible_ms": 12_000, "interacted": True, "pages": 2}


@dataclass
class Scene:
    """The town, and every way in which somebody from outside can reach it."""

    database: Database
    site: str
    partner_token: Tokens
    town: Town = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        with self.database.transaction() as db:
            self.town = towns.found(db)
            self.town.now = clock.now() - timedelta(days=21)
            self.town.shares("Ada")
            self.town.shares("Bela", after="Ada")
        self.token = self.partner_token(self.town.brand_id)

    # From outside

    def post(self, path: str, body: object, token: str | None = None, **headers: str) -> Any:
        return requests.post(
            f"{self.site}/api/partner/v1{path}",
            json=body,
            headers=bearer(token or self.token) | headers,
            timeout=60,
        )

    def order(
        self, amount: str = "100.00", *, by: str, token: str | None = None, **more: object
    ) -> Any:
        """Let a new friend come by a person's link and order; report it over HTTP."""
        body = {
            "order_ref": f"order-{uuid4().hex}",
            "net_minor": Money.parse(amount, "EUR").minor,
            "currency": "EUR",
            "is_new_customer": True,
            "visit_token": self.visit(by),
        }
        answer = self.post("/conversions", body | more, token)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def use(self, code: str, *, token: str | None = None, **more: object) -> Any:
        body = {
            "code": code,
            "order_ref": f"order-{uuid4().hex}",
            "order_total_minor": 200_00,
            "currency": "EUR",
        }
        return self.post("/redemptions", body | more, token)

    def looks(
        self,
        links: Process,
        name: str,
        visitors: Iterable[int],
        *,
        agents: Sequence[str] = (CHROME,),
    ) -> None:
        """Let visitors, by their numbers, come by a person's link, stay and move: all verified."""
        opened = []
        for number in visitors:
            agent = agents[number % len(agents)]
            who = {"address": f"198.51.{number // 200}.{number % 200 + 1}", "user_agent": agent}
            token = links.click(self.town.links[name], **who).token
            nonce = json.loads(send(links, "open", {"token": token}, **who).text)["nonce"]
            opened.append((token, nonce, who))
        links.later(seconds=20)
        for token, nonce, who in opened:
            answer = send(links, "seen", {"token": token, "nonce": nonce, **SEEN}, **who)
            assert answer.status == 204, answer.text
        with self.database.transaction() as db:
            visits.apply_verified(db, now=links.now(), limit=10_000)

    # Inside

    def joins(self, name: str, *, after: str | None = None) -> None:
        with self.database.transaction() as db:
            self.town.db = db
            self.town.shares(name, after=after)

    def visit(self, name: str, *, ago: timedelta = timedelta(hours=1)) -> str:
        with self.database.transaction() as db:
            return make.visit(db, self.town.links[name], now=clock.now() - ago)

    def takes(self, name: str) -> codes.CodeView:
        """Let a person take a code over everything that is payable."""
        with self.database.transaction() as db:
            return codes.take(
                db,
                member_id=self.town.people[name],
                offer_public_id=self.town.offer.public_id,
                event_id=str(uuid4()),
                value_minor=None,
                now=clock.now(),
            )

    def everything_vests(self) -> None:
        """Let the return window of all orders be over, as if they had come earlier."""
        with self.database.transaction() as db:
            make.pass_time(db, clock.now() + timedelta(days=15))

    def place(self, name: str) -> Place:
        with self.database.transaction() as db:
            self.town.db = db
            return self.town.place(name)

    def earned(self, *names: str) -> int:
        return sum(self.place(name).earned_minor for name in names)

    def orders(self) -> int:
        with self.database.reading() as db:
            return int(db.execute(select(func.count(col(Conversion.id)))).scalar_one())

    def wrong(self) -> list[str]:
        with self.database.reading() as db:
            return checks.everything(db)


def send(links: Process, action: str, body: object, **who: str) -> Any:
    raw = json.dumps(body).encode()
    return links.ask("POST", f"/b/{action}", body=raw, content_type="text/plain", **who)
