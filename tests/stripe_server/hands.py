"""Buyers, merchants and banks: what happens at Stripe without our asking."""

from typing import Any, Literal

from tests.stripe_server import buyers, checkout, disputes, refunds
from tests.stripe_server.insides import Insides
from tests.stripe_server.world import Call, Key, Thing, new_id, public


class Hands(Insides):
    """The part of the server that plays the people."""

    def checkout(
        self, account: str, amount: int, currency: str, *, name: str = "Boots", **given: Any
    ) -> str:
        """Let the shop make a checkout session and return its id.

        What is given besides are parameters of the API, such as ``client_reference_id``.
        """
        item = {
            "price_data": {
                "currency": currency,
                "unit_amount": amount,
                "product_data": {"name": name},
            },
            "quantity": 1,
        }
        asked = {
            "mode": "payment",
            "success_url": "https://shop.example/thanks",
            "line_items": [item],
            **({} if "discounts" in given else {"allow_promotion_codes": True}),
            **given,
        }
        with self._world.lock:
            shop = self._world.accounts[account]
            key = Key("", account)
            call = Call(self._world, shop, key, "", {}, asked, new_id("req_", 14), None)
            return str(checkout.create(call)["id"])

    def complete(
        self,
        session_id: str,
        payment: Literal["paid", "unpaid"] = "paid",
        *,
        code: str | None = None,
        email: str = "ada@example.com",
        card: str | None = None,
    ) -> Thing:
        """Let a buyer complete a session, with the promotion code that they type.

        Who pays twice by one ``card`` has one fingerprint; without it the card is a new one.

        ``unpaid`` waits for its bank; ``settle`` says what the bank answers.
        """
        with self._world.lock:
            self._api.grow_old()
            account, session = self._find("checkout.session", session_id)
            paid = payment == "paid"
            how = {"paid": paid, "code": code, "email": email, "card": card}
            buyers.complete(self._world, account, session, **how)
            return public(session)

    def settle(self, session_id: str, *, succeeded: bool) -> Thing:
        """Let the bank pay for a session that was completed unpaid, or not."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            return public(buyers.settle(self._world, account, session, succeeded=succeeded))

    def expire(self, session_id: str) -> None:
        """Let a session's time be over."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            checkout.end(self._world, account, session)

    def charge_of(self, session_id: str) -> Thing:
        """Return the charge that paid for a session."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            intent = account.find("payment_intent", session["payment_intent"])
            return public(account.find("charge", intent["latest_charge"]))

    def refund(self, session_id: str, amount: int | None = None) -> Thing:
        """Let the merchant give back what a session paid, or a part of it."""
        charge_id = self.charge_of(session_id)["id"]
        with self._world.lock:
            account, charge = self._find("charge", charge_id)
            return public(refunds.refund(self._world, account, charge, amount=amount))

    def dispute(
        self, session_id: str, amount: int | None = None, *, reason: str = "fraudulent"
    ) -> Thing:
        """Let the cardholder's bank take back what a session paid."""
        charge_id = self.charge_of(session_id)["id"]
        with self._world.lock:
            account, charge = self._find("charge", charge_id)
            return public(
                disputes.open_dispute(self._world, account, charge, amount=amount, reason=reason)
            )

    def close_dispute(self, dispute_id: str, status: Literal["won", "lost"]) -> Thing:
        """Let the bank decide."""
        with self._world.lock:
            account, dispute = self._find("dispute", dispute_id)
            return public(disputes.close_dispute(self._world, account, dispute, status=status))

    def things(self, account: str, kind: str) -> list[Thing]:
        """Return an account's objects of a kind, oldest first."""
        with self._world.lock:
            return [public(thing) for thing in self._world.accounts[account].all(kind).values()]
