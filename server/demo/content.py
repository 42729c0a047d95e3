"""Exclusive content of the demo's brand: a text that one friend opens, then a file, then a link.

Each takes more real visits than the one before, so that a newcomer sees one open, one on its way
and one that is far.
"""

import io
from contextlib import closing
from datetime import datetime

from sqlmodel import Session

from server.demo import run as demo
from server.gateways.uploads import Upload, Uploads
from server.services import brands, content_items, offers
from server.services.content_items import ContentDraft
from server.settings import Settings
from server.store.connection import Database

TEXT = """# From hide to boot

A pair takes **two days**, always in this order:

1. The leather is cut by hand, along the back of the hide.
2. The upper is drawn over the last and rests for a night.
3. The sole is sewn, never glued.

> A boot that cannot be mended is no boot.

More about us: [the shop]({shop}/boots).
"""
GUIDE = b"""HOW TO KEEP BOOTS FOR TEN WINTERS

1. Let them dry slowly, away from the heater, with newspaper inside.
2. Brush them before you grease them.
3. Grease them thinly, twice a winter, the seams first.
4. Let a cobbler sew on new soles before the welt is worn.
"""
ITEMS = (
    (1, "From hide to boot", "markdown", TEXT.format(shop=demo.SHOP_URL)),
    (3, "Boots for ten winters, a guide", "file", ""),
    (10, "How a welt is sewn", "link", "https://en.wikipedia.org/wiki/Goodyear_welt"),
)
"""How many visits each takes, what it is called, what it is, and its words or address."""


def add(settings: Settings, *, now: datetime) -> None:
    """Put the samples into the boots' offer, unless the brand has any content."""
    with closing(Database(settings.database)) as database, database.transaction() as db:
        brand_id = brands.find(db, slug=demo.SLUG).id
        if content_items.of_brand(db, brand_id=brand_id):
            return
        boots = offers.of_brand(db, brand_id=brand_id)[-1].public_id
        folder = Uploads(settings.uploads, settings.upload_bytes_max)
        for takes, title, kind, body in ITEMS:
            wanted = ContentDraft(boots, title, kind, body, takes)
            guide = folder.keep(io.BytesIO(GUIDE), now=now) if kind == "file" else None
            _publish(db, brand_id, wanted, guide, now)


def _publish(
    db: Session, brand_id: int, wanted: ContentDraft, file: Upload | None, now: datetime
) -> None:
    made = content_items.draft(
        db, brand_id=brand_id, actor=demo.ACTOR, wanted=wanted, file=file, now=now
    )
    content_items.publish(
        db, brand_id=brand_id, public_id=made.public_id, actor=demo.ACTOR, now=now
    )
