"""Webhooks: events are signed and sent when a test says so, in the order that it wants."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Literal

import requests

from tests.stripe_server.world import Happening, Thing, World

Order = Literal["made", "reversed", "repeated", "dropped"]
SECONDS_MAX = 10


@dataclass(frozen=True)
class Delivery:
    """One event that was sent, and how the receiver answered."""

    event_id: str
    type: str
    url: str
    status: int


def sign(payload: str, *keys: str, at: int) -> str:
    """Return the header ``Stripe-Signature``; several keys sign while a secret is rolled."""
    v1 = [_hmac(f"{at}.{payload}", key) for key in keys]
    return ",".join([f"t={at}", *(f"v1={signed}" for signed in v1), f"v0={secrets.token_hex(32)}"])


def _hmac(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Target:
    """An address to which events are sent."""

    name: str
    """What deliveries are remembered by: an endpoint's id, or the address."""
    url: str
    keys: tuple[str, ...]
    connect: bool | None
    """Whether events name their account; None: as it was connected or not."""
    endpoint: Thing | None = None
    account_id: str | None = None
    client_id: str | None = None

    @classmethod
    def of(cls, url: str, secret: str | tuple[str, ...], connect: bool | None) -> "Target":
        """Return a target that a test names."""
        return cls(url, url, (secret,) if isinstance(secret, str) else secret, connect)

    def is_meant(self, happening: Happening) -> bool:
        """Say whether an event is for this address: a registered one chose its events."""
        if self.endpoint is None:
            return True
        kind = happening.event["type"]
        if self.connect:
            mine = self.client_id in happening.platforms
        else:
            mine = happening.account_id == self.account_id and not kind.startswith(
                "account.application."
            )
        return mine and (
            self.endpoint["enabled_events"] == ["*"] or kind in self.endpoint["enabled_events"]
        )


def registered(world: World) -> list[Target]:
    """Return the endpoints that were registered through the API."""
    return [
        Target(
            endpoint["id"],
            endpoint["url"],
            (endpoint["_secret"],),
            connect=endpoint["_connect"],
            endpoint=endpoint,
            account_id=account.id,
            client_id=account.itself.get("_client_id", ""),
        )
        for account in world.accounts.values()
        for endpoint in account.all("webhook_endpoint").values()
        if endpoint["status"] == "enabled"
    ]


def arrange(made: list[Happening], order: Order, name: str) -> list[Happening]:
    """Return the events in the order in which they shall arrive."""
    if order == "reversed":
        return made[::-1]
    if order == "repeated":
        return [happening for happening in made for _ in range(2)]
    if order == "dropped":
        for happening in made:
            happening.delivered.add(name)
        return []
    return made


def body_of(happening: Happening, *, connect: bool) -> Thing:
    """Return an event as it is sent; to a Connect endpoint it names the account."""
    if not connect:
        return happening.event
    return {**happening.event, "account": happening.account_id}


def post(event: Thing, url: str, *keys: str, at: int | None = None) -> Delivery:
    """Send one event."""
    payload = json.dumps(event, indent=2)
    header = sign(payload, *keys, at=int(time.time()) if at is None else at)
    answer = requests.post(
        url,
        data=payload.encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": header,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
        timeout=SECONDS_MAX,
        allow_redirects=False,
    )
    answer.close()
    return Delivery(event["id"], event["type"], url, answer.status_code)
