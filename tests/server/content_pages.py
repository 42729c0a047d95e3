"""Exclusive content in every state that a page can show."""

from sqlmodel import Session

from server import clock
from server.gateways.uploads import Uploads
from server.services import content_items, content_shelves
from tests import make
from tests.server import shelf
from tests.server.pages_world import World

TEXT = """# Nothing but leather

Each pair takes *two days*. The order is always the same:

1. The leather is cut **by hand**.
2. The sole is sewn, never glued.

> A boot that cannot be mended is no boot.

Read [how to mend them](https://boots.example/mending).
"""


def all_states(db: Session, world: World, uploads: Uploads) -> dict[str, str]:
    """Let Berta give all kinds of things, and Ada open most; return their ids by state."""
    now = clock.now()
    for _ in range(12):
        make.visit(db, world.link, now=now, is_verified=True)
    make.pass_time(db, now)
    file = shelf.upload(uploads, shelf.PDF, now=now)
    address = "https://boots.example/workshop"
    given: dict[str, dict[str, object]] = {
        "text": {"title": "How boots are made", "body": TEXT},
        "file": {"title": "The boots' own book", "kind": "file", "body": "", "file": file},
        "link": {"title": "A day in the workshop", "kind": "link", "body": address},
        "new": {"title": "The first soles"},
        "locked": {"title": "Dinner with Berta", "takes": 50},
        "draft": {"title": "Not yet", "is_published": False},
        "withdrawn": {"title": "Last year's book"},
    }
    made = {
        state: shelf.item(db, world.brand_id, world.offer, now=now, **{"takes": 10, **what})
        for state, what in given.items()
    }
    for state in ("text", "file", "link"):
        content_shelves.open_first(db, member_id=world.ada, public_id=made[state], now=now)
    content_items.withdraw(
        db, brand_id=world.brand_id, public_id=made["withdrawn"], actor="member:1", now=now
    )
    return made
