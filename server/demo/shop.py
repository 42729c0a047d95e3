"""The demo shop: a brand's own page and checkout, which uses Fanfare as any shop would.

The page runs ``fanfare.js``; the checkout reports orders and refunds, and takes codes, through the
partner API with a client of its own.  It keeps its orders in memory: they are props.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, redirect, render_template, request

from rewards.errors import MoneyInvalid
from rewards.money import Money
from server.settings import Settings

CURRENCY = "EUR"
SECONDS = 10


@dataclass(frozen=True, slots=True)
class Credentials:
    """The shop's client at Fanfare."""

    client_id: str
    client_secret: str


@dataclass(slots=True)
class Order:
    """One order, with what Fanfare answered about it."""

    ref: str
    total: Money
    discount: Money
    conversion: dict[str, Any]
    refunded: Money


@dataclass(slots=True)
class Fanfare:
    """The partner API, as a shop's back end calls it."""

    site_url: str
    credentials: Credentials
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Post to the partner API; a retry of the same call is safe."""
        key = secrets.token_hex(16)
        answer = self._send(path, content, key)
        if answer.status_code == 401:  # noqa: PLR2004 - the token ended: get another one
            self._sign_in()
            answer = self._send(path, content, key)
        return dict(answer.json())

    def _send(self, path: str, content: dict[str, Any], key: str) -> requests.Response:
        return self.session.post(
            f"{self.site_url}/api/partner/v1{path}",
            json=content,
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
            timeout=SECONDS,
        )

    def _sign_in(self) -> None:
        answer = self.session.post(
            f"{self.site_url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.credentials.client_id, self.credentials.client_secret),
            timeout=SECONDS,
        )
        answer.raise_for_status()
        self.token = answer.json()["access_token"]


def create_shop(settings: Settings, credentials: Credentials) -> Flask:
    """Build the shop."""
    app = Flask(__name__)
    fanfare = Fanfare(settings.site_url, credentials)
    orders: dict[str, Order] = {}

    @app.context_processor
    def addresses() -> dict[str, str]:
        return {"link_url": settings.link_url, "site_url": settings.site_url}

    @app.get("/")
    def home() -> Any:  # noqa: ANN401
        return redirect("/boots")

    @app.get("/boots")
    def boots() -> str:
        return render_template("boots.html", visit=request.args.get("ff", ""))

    @app.get("/sandals")
    def sandals() -> str:
        visit = request.args.get("ff", "")
        return render_template("boots.html", visit=visit, title="Summer sandals")

    @app.post("/orders")
    def order() -> Any:  # noqa: ANN401
        return _order(fanfare, orders)

    @app.get("/orders")
    def index() -> str:
        return render_template("orders.html", orders=list(reversed(orders.values())), said="")

    @app.post("/orders/<ref>/refund")
    def refund(ref: str) -> Any:  # noqa: ANN401
        return _refund(fanfare, orders, ref)

    return app


def _order(fanfare: Fanfare, orders: dict[str, Order]) -> str | tuple[str, int]:
    ref = f"boots-{secrets.token_hex(4)}"
    try:
        total = Money.parse(request.form.get("total", ""), CURRENCY)
    except MoneyInvalid as error:
        return render_template("boots.html", visit=request.form.get("visit", ""), said=error), 422
    code, discount = request.form.get("code", "").strip(), Money(0, CURRENCY)
    if code:
        used = fanfare.post(
            "/redemptions",
            {
                "code": code,
                "order_ref": ref,
                "order_total_minor": total.minor,
                "currency": CURRENCY,
            },
        )
        if "discount_minor" not in used:
            visit = request.form.get("visit", "")
            return render_template("boots.html", visit=visit, said=used["detail"]), 422
        discount = Money(used["discount_minor"], CURRENCY)
    report: dict[str, Any] = {
        "order_ref": ref,
        "net_minor": (total - discount).minor,
        "currency": CURRENCY,
        "is_new_customer": not code,
    }
    if token := request.form.get("visit"):
        report["visit_token"] = token
    if code:
        report["code"] = code
    conversion = (
        fanfare.post("/conversions", report) if report["net_minor"] else {"why": "Nothing to pay."}
    )
    orders[ref] = Order(ref, total, discount, conversion, Money(0, CURRENCY))
    return render_template("orders.html", orders=list(reversed(orders.values())), said="")


def _refund(
    fanfare: Fanfare, orders: dict[str, Order], ref: str
) -> str | tuple[str, int] | Response:
    order = orders.get(ref)
    if order is None:
        return "There is no such order.", 404
    answer = fanfare.post(
        f"/conversions/{order.conversion.get('conversion_id', '')}/reversals",
        {"reversal_ref": f"refund-{ref}"},
    )
    if "conversion" in answer:
        order.conversion = answer["conversion"]
        order.refunded = Money(answer["conversion"]["refunded_minor"], CURRENCY)
    said = answer.get("detail", "")
    return render_template("orders.html", orders=list(reversed(orders.values())), said=said)
