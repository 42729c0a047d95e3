"""Setting the demo up, and serving its two processes."""

import contextlib
import json
import secrets
from datetime import datetime
from pathlib import Path

from sqlmodel import Session
from werkzeug.serving import make_server

from rewards.money import Money
from server import clock
from server.demo.provider import create_provider
from server.demo.shop import Credentials, create_shop
from server.errors import NotFound
from server.services import brands, clients, offers
from server.services.drafts import Draft
from server.settings import Settings
from server.store.connection import Database

PROVIDER_URL = "http://127.0.0.1:8002"
SHOP_URL = "http://127.0.0.1:8003"
BINDS = ["127.0.0.1:8002", "127.0.0.1:8003"]
SLUG = "bertas-boots"
ACTOR = "demo"
BUDGET = Money(5_000_00, "EUR")
WELCOME = f"""Shop    {SHOP_URL}/boots    (the demo brand's own page: share it, order in it)

Sign in on the site as Ada or Bela (customers), Carl (owner of Berta's Boots) or a stranger.
Load the folder extension/ in Chromium (chrome://extensions, developer mode, "Load unpacked").
Use a code in the shop, and Berta's Boots asks one question in the wallet.
One real visit through your link opens the first of three exclusive items there.
Let time pass with: fanfare time-travel 15d        Stop with Ctrl-C.
Try the partner API with codes from: fanfare demo-codes; hold it to its contract with:
fanfare demo-conformance"""


def environment() -> dict[str, str]:
    """Return the settings with which every process of the demo starts."""
    provider = {
        "name": "demo",
        "title": "the demo people",
        "issuer": PROVIDER_URL,
        "client_id": "fanfare",
        "client_secret": secrets.token_urlsafe(32),
    }
    return {
        "DEMO": "1",
        "JOBS_EVERY_SECONDS": "2",
        "IDENTITY_PROVIDERS": json.dumps([provider]),
    }


def seed(settings: Settings, *, budget: Money, now: datetime) -> str:
    """Add the demo brand with its owner, a published offer and the shop's key, unless there.

    Return the public id of the offer.
    """
    with contextlib.closing(Database(settings.database)) as database, database.transaction() as db:
        brand = _ensure_brand(db, now)
        kept = _credentials_file(settings)
        if not kept.exists():
            made = clients.create(
                db, brand_id=brand.id, actor=ACTOR, title="The demo shop", now=now
            )
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(json.dumps([made.client_id, made.client_secret]))
        there = offers.of_brand(db, brand_id=brand.id)
        return there[-1].public_id if there else _publish(db, brand, budget, now)


def serve_provider(settings: Settings) -> None:
    """Serve the demo identity provider until it is ended."""
    us = settings.identity_providers[0]
    app = create_provider(us.issuer, {us.client_id: us.client_secret}, settings.site_url)
    make_server("127.0.0.1", 8002, app, threaded=True).serve_forever()


def serve_shop(settings: Settings) -> None:
    """Serve the demo shop until it is ended."""
    clock.follow(settings.clock_file)
    app = create_shop(settings, credentials(settings))
    make_server("127.0.0.1", 8003, app, threaded=True).serve_forever()


def credentials(settings: Settings) -> Credentials:
    """Return the shop's key, which ``seed`` made."""
    client_id, client_secret = json.loads(_credentials_file(settings).read_text())
    return Credentials(client_id, client_secret)


def _ensure_brand(db: Session, now: datetime) -> brands.BrandView:
    with contextlib.suppress(NotFound):
        return brands.find(db, slug=SLUG)
    host = SHOP_URL.removeprefix("http://")
    brand = brands.add(db, slug=SLUG, name="Berta's Boots", currency="EUR", hosts=[host], now=now)
    brands.set_role(db, slug=SLUG, issuer=PROVIDER_URL, subject="carl", role="owner", now=now)
    return brand


def _publish(db: Session, brand: brands.BrandView, budget: Money, now: datetime) -> str:
    wanted = Draft(
        title="Winter boots",
        page_url=f"{SHOP_URL}/boots",
        share_text="These boots kept my feet warm all winter:",
        average_order_minor=60_00,
        ceiling_basis_points=1_000,
        budget_minor=budget.minor,
        min_grant_minor=5_00,
        return_days=14,
    )
    made = offers.draft(db, brand_id=brand.id, actor=ACTOR, wanted=wanted, now=now)
    offers.publish(db, brand_id=brand.id, public_id=made.public_id, actor=ACTOR, now=now)
    return made.public_id


def _credentials_file(settings: Settings) -> Path:
    return settings.fanfare_data / "keys" / "demo-shop.json"
