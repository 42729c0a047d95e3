"""What Stripe remembers: accounts with their objects and events, keys, connections, the time."""

import copy
import secrets
import string
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from stripe._api_version import _ApiVersion

from tests.stripe_server.refusals import Refused, not_found

Thing = dict[str, Any]
"""One of Stripe's objects; members that begin with ``_`` are ours and never leave the server."""

LETTERS = string.ascii_letters + string.digits

NOUNS = {
    "checkout.session": ("checkout.session", "session"),
    "payment_intent": ("payment_intent", "intent"),
    "promotion_code": ("promotion code", "promotion_code"),
    "webhook_endpoint": ("webhook endpoint", "webhook_endpoint"),
}
"""Object -> what a refusal calls it, and the parameter that it blames."""


@dataclass
class Account:
    """A merchant's account: itself as an object, and all that it has."""

    id: str
    itself: Thing
    things: dict[str, dict[str, Thing]] = field(default_factory=dict)
    platforms: set[str] = field(default_factory=set)
    deleted_coupons: dict[str, Thing] = field(default_factory=dict)

    def all(self, kind: str) -> dict[str, Thing]:
        """Return the objects of a kind by their ids, oldest first."""
        return self.things.setdefault(kind, {})

    def add(self, thing: Thing) -> Thing:
        """Keep a new object."""
        self.all(thing["object"])[thing["id"]] = thing
        return thing

    def find(self, kind: str, id_: str, *, param: str | None = None) -> Thing:
        """Return an object, or refuse because this account has none of that id.

        ``param`` is the parameter that named it; without one it was the path.
        """
        noun, blamed = NOUNS.get(kind, (kind, kind))
        try:
            return self.all(kind)[id_]
        except KeyError:
            status = 404 if param is None else 400
            raise not_found(noun, id_, param or blamed, status=status) from None

    def coupon(self, id_: str) -> Thing:
        """Return a coupon that something refers to, though it may be deleted."""
        return self.all("coupon").get(id_) or self.deleted_coupons[id_]


@dataclass(frozen=True)
class Key:
    """A secret of an account; a restricted one has only the permissions that it names."""

    secret: str
    account_id: str
    permissions: frozenset[str] | None = None
    """None for a key that may do everything."""
    client_id: str | None = None
    """The platform to which the key was given when its owner connected."""


@dataclass
class Happening:
    """One event: what happened, in which account."""

    account_id: str
    event: Thing
    platforms: frozenset[str]
    """Whose Connect endpoints are told."""
    delivered: set[str] = field(default_factory=set)
    """The addresses that have it."""


class World:
    """All that the server remembers; everything is read and changed under one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Key] = {}
        self.happenings: list[Happening] = []
        self._shift = 0.0
        self._frozen: float | None = None

    @property
    def now(self) -> int:
        """The time in whole seconds."""
        return int(time.time() + self._shift if self._frozen is None else self._frozen)

    def stop_clock(self, at: float) -> None:
        """Let it be this time from now on, until the clock is moved."""
        self._frozen = at

    def move_clock(self, seconds: float) -> None:
        """Let time pass."""
        if self._frozen is None:
            self._shift += seconds
        else:
            self._frozen += seconds

    def emit(
        self,
        account: Account,
        kind: str,
        thing: Thing,
        *,
        changed: Thing | None = None,
        request: Thing | None = None,
        told: str | None = None,
    ) -> Thing:
        """Write down that something happened.

        ``changed`` holds the values from before; ``told`` is a platform that is told although
        it is not connected any more.
        """
        data: Thing = {"object": public(thing)}
        if changed is not None:
            data["previous_attributes"] = changed
        event = {
            "id": new_id("evt_1"),
            "object": "event",
            "api_version": _ApiVersion.CURRENT,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": request or {"id": None, "idempotency_key": None},
            "type": kind,
        }
        account.add(event)
        platforms = frozenset(account.platforms | ({told} if told else set()))
        self.happenings.append(Happening(account.id, event, platforms))
        return event

    def key_for(self, secret: str) -> Key:
        """Return the key with a secret, or refuse a secret that nobody has."""
        try:
            return self.keys[secret]
        except KeyError:
            raise Refused(f"Invalid API Key provided: {hidden(secret)}", status=401) from None


@dataclass
class Call:
    """One request: whose account it acts on, with which parameters."""

    world: World
    account: Account
    key: Key
    path: str
    parts: dict[str, str]
    params: Thing
    request_id: str
    idempotency_key: str | None

    def find(self, kind: str) -> Thing:
        """Return the object that the path names."""
        return self.account.find(kind, self.parts["id"])

    def emit(self, kind: str, thing: Thing, *, changed: Thing | None = None) -> None:
        """Write down what this request made happen."""
        request = {"id": self.request_id, "idempotency_key": self.idempotency_key}
        self.world.emit(self.account, kind, thing, changed=changed, request=request)


def new_id(prefix: str, length: int = 23) -> str:
    """Return an id that nobody can guess."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(length))


def hidden(secret: str) -> str:
    """Return a secret as Stripe repeats it: its kind and its last four characters."""
    kind = "_".join(secret.split("_")[:2])
    return f"{kind}_{'*' * max(0, len(secret) - len(kind) - 5)}{secret[-4:]}"


def public(thing: Any) -> Any:
    """Return a copy of an object as it leaves the server."""
    if isinstance(thing, dict):
        return {k: public(v) for k, v in thing.items() if not k.startswith("_")}
    if isinstance(thing, list):
        return [public(item) for item in thing]
    return copy.copy(thing)


def change_metadata(thing: Thing, given: Thing) -> Thing:
    """Merge new metadata into an object's: an empty value removes its key, "" all of them.

    Returns what has changed with its values from before, as an event tells them.
    """
    before = thing["metadata"]
    merged = {} if given == "" else before | given
    after = thing["metadata"] = {key: value for key, value in merged.items() if value != ""}
    names = [name for name in before | after if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}
