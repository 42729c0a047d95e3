"""Questions at Berta's Boots in all their states, for pictures of their pages."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from rewards.explain import Language
from server import clock
from server.services import questions
from tests.server import asking
from tests.server.asking import SIZES, TOWN

ASKED = tuple(f"Emil-{language}" for language in Language)
"""Each is asked once, on the page of their language; so nobody's picture lacks the card."""


@dataclass(frozen=True)
class Asked:
    """What the addresses of a live question and of a draft call them."""

    live: str
    draft: str


def all_states(db: Session, brand_id: int) -> Asked:
    """Let Frida have answered, Gerd have said never, three Emils wait for the card."""
    now = clock.now()
    shop = asking.open_shop(
        db,
        brand_id=brand_id,
        names=("Frida", "Gerd", *ASKED),
        now=now - timedelta(days=17),
    )
    live = shop.live()
    shop.tells(shop.asked("s", "Frida"), name="Frida")
    shop.declines(shop.asked("s", "Gerd"), "Gerd", is_for_good=True)
    draft = questions.draft(db, brand_id=brand_id, actor="test", wanted=TOWN, now=now)
    assert live.field == SIZES.field
    return Asked(live.public_id, draft.public_id)
