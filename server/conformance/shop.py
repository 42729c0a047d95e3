"""A partner's shop: what it asks the deployment, in its own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.conformance.answers import Answer
from server.conformance.api import Api, name
from server.conformance.operations import (
    REDEEM,
    REDEMPTION,
    RELEASE,
    REPORT,
    RESERVE,
    REVERSE,
    ROLL_BACK,
    VALIDATE,
    address,
)

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hook:
    """Where we listen for events, and under which address the deployment reaches that."""

    host: str
    port: int
    url: str = ""


@dataclass(slots=True)
class Shop:
    """One shop with codes to burn; every order of it has ``total_minor`` unless it says otherwise.

    ``parallel`` is how many requests a race sends; ``document`` what the deployment says of itself.
    """

    api: Api
    codes: list[str]
    currency: str
    total_minor: int
    parallel: int
    document: dict[str, Any] | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    hook: Hook | None = None

    def code(self) -> str:
        """Take the next code."""
        return self.codes.pop(0)

    def order(self, **changes: object) -> dict[str, Any]:
        """Return the members that say which order a code is for."""
        return {"order_total_minor": self.total_minor, "currency": self.currency} | changes

    def ask(
        self,
        operation: str,
        *names: str,
        body: object = None,
        key: str | None = None,
        token: str | None = "",
    ) -> Answer:
        """Ask for an operation with a JSON body."""
        method, path = address(operation, *names)
        headers = {"Idempotency-Key": key} if key else {}
        return self.api.send(method, path, json=body, headers=headers, token=token)

    def validate(self, code: str, **changes: object) -> Answer:
        """Ask whether a code can be used."""
        return self.ask(VALIDATE, code, body=self.order(**changes))

    def reserve(self, code: str, order_ref: str | None = None, **changes: object) -> Answer:
        """Hold a code for an order, by default a new one."""
        return self.ask(RESERVE, body=self._use(code, order_ref, changes))

    def release(self, reservation_id: str) -> Answer:
        """Let a hold go."""
        return self.ask(RELEASE, reservation_id)

    def redeem(
        self,
        code: str,
        order_ref: str | None = None,
        *,
        key: str | None = None,
        **changes: object,
    ) -> Answer:
        """Use a code for an order, by default a new one."""
        return self.ask(REDEEM, body=self._use(code, order_ref, changes), key=key)

    def look_up(self, redemption_id: str) -> Answer:
        """Ask how a use stands."""
        return self.ask(REDEMPTION, redemption_id)

    def roll_back(
        self, redemption_id: str, ref: str | None = None, amount_minor: int | None = None
    ) -> Answer:
        """Undo a use, in part or whole, by default under a new reference."""
        body: dict[str, Any] = {"rollback_ref": ref or name("rollback")}
        if amount_minor is not None:
            body["amount_minor"] = amount_minor
        return self.ask(ROLL_BACK, redemption_id, body=body)

    def report(
        self, order_ref: str | None = None, *, key: str | None = None, **changes: object
    ) -> Answer:
        """Report an order, by default a new one that nobody brought."""
        return self.ask(REPORT, body=self.reported(order_ref, **changes), key=key)

    def reported(self, order_ref: str | None = None, **changes: object) -> dict[str, Any]:
        """Return the members of an order."""
        return {
            "order_ref": order_ref or name("order"),
            "net_minor": self.total_minor,
            "currency": self.currency,
            "is_new_customer": False,
        } | changes

    def refund(
        self, conversion_id: str, ref: str | None = None, amount_minor: int | None = None
    ) -> Answer:
        """Report a refund, in part or whole, by default under a new reference."""
        body: dict[str, Any] = {"reversal_ref": ref or name("refund")}
        if amount_minor is not None:
            body["amount_minor"] = amount_minor
        return self.ask(REVERSE, conversion_id, body=body)

    def race(self, act: Callable[[int], Answer]) -> list[Answer]:
        """Ask so many times at the same moment."""
        return self.api.at_once(self.parallel, act)

    def _use(self, code: str, order_ref: str | None, changes: dict[str, object]) -> dict[str, Any]:
        return {"code": code, "order_ref": order_ref or name("order")} | self.order(**changes)
