"""A brand, its team and its customers in the middle of a story, told through the real services."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from server import clock
from server.services import consents, device_keys, meetings, offers
from server.services.drafts import Draft
from server.services.offers import OfferView
from server.store.teams import Role
from tests import make
from tests.server.devices import Signer

BOOTS = Draft(
    title="Boots that last",
    page_url="http://127.0.0.1:8003/boots",
    share_text="Third winter, and they still look new.",
    average_order_minor=6000,
    ceiling_basis_points=1000,
    budget_minor=100_000,
    min_grant_minor=500,
    return_days=14,
)


@dataclass
class World:
    """Berta's Boots with one offer, and who takes part in it."""

    brand_id: int
    offer: OfferView
    ada: int
    bela: int
    link: str
    visit: str


def draft(db: Session, brand_id: int, **changes: object) -> OfferView:
    wanted = replace(BOOTS, **changes)
    return offers.draft(db, brand_id=brand_id, actor="member:1", wanted=wanted, now=clock.now())


def published(db: Session, brand_id: int, now: datetime, **changes: object) -> OfferView:
    public_id = draft(db, brand_id, **changes).public_id
    return offers.publish(db, brand_id=brand_id, public_id=public_id, actor="member:1", now=now)


def share(
    db: Session,
    member_id: int,
    offer: OfferView,
    now: datetime,
    *,
    name: str = "",
    by: str = "copy",
) -> str:
    """Return the link code of a new share."""
    return make.share(db, member_id, offer, now=now, channel=by, shown_as=name).code


def visit(db: Session, link: str, now: datetime) -> str:
    """Return the token of a human visit through a link."""
    return make.visit(db, link, now=now)


def order(db: Session, brand_id: int, token: str, amount: str, now: datetime) -> None:
    make.order(db, brand_id, amount, now=now, ordered_at=now, visit_token=token)


def berta(db: Session) -> int:
    """Make Berta's Boots with the whole team, and another brand with an owner of its own."""
    brand_id = make.brand(db)
    for subject, role in (
        ("carl", Role.OWNER),
        ("mia", Role.MANAGER),
        ("nele", Role.REVIEWER),
        ("otto", Role.ANALYST),
    ):
        make.team(db, brand_id, make.member(db, subject), role)
    other = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
    make.team(db, other, make.member(db, "tom"), Role.OWNER)
    make.member(db, "dora")
    return brand_id


def story(db: Session) -> World:
    """Ada shares, Bela comes and shares on, orders come; one vested and one is pending."""
    now = clock.now()
    long_ago, lately = now - timedelta(days=20), now - timedelta(days=3)
    brand_id = berta(db)
    ada, bela = make.member(db, "ada"), make.member(db, "bela")
    offer = published(db, brand_id, long_ago)
    link = share(db, ada, offer, long_ago, name="Ada", by="whatsapp")
    token = visit(db, link, long_ago + timedelta(hours=1))
    make.claim(db, bela, token, now=long_ago + timedelta(hours=2))
    belas = share(db, bela, offer, long_ago + timedelta(hours=3), name="Bela")
    bought = long_ago + timedelta(hours=5)
    order(db, brand_id, visit(db, link, long_ago + timedelta(hours=4)), "180.00", bought)
    order(db, brand_id, visit(db, belas, long_ago + timedelta(hours=4)), "240.00", bought)
    make.pass_time(db, now)
    order(db, brand_id, visit(db, link, lately), "90.00", lately + timedelta(hours=1))
    return World(brand_id, offer, ada, bela, link, token)


def spread(db: Session, world: World, *, people: int, below: int) -> None:
    """Let some of Ada's friends come and share on, and some of theirs."""
    now = clock.now() - timedelta(days=10)
    links = [_joins(db, world, f"spread-{number}", world.link, now) for number in range(people)]
    for number in range(below):
        _joins(db, world, f"spread-below-{number}", links[number % 2], now)
    make.pass_time(db, clock.now())


def _joins(db: Session, world: World, name: str, link: str, now: datetime) -> str:
    member_id = make.member(db, name)
    make.claim(db, member_id, make.visit(db, link, now=now, is_verified=True), now=now)
    return share(db, member_id, world.offer, now)


def met(db: Session, world: World, now: datetime) -> tuple[str, str]:
    """Return two codes that Ada's phone made for friends: one is free, one has Bela."""
    phone = Signer()
    hats = published(db, world.brand_id, now, title="Hats for the wind")
    link = share(db, world.ada, hats, now, name="Ada", by="qr")
    device_keys.register(db, member_id=world.ada, x=phone.x, y=phone.y, now=now)
    free, taken = phone.code(link, now), phone.code(link, now)
    meetings.take(
        db,
        member_id=world.bela,
        said=taken,
        consent_hash=consents.text(consents.REFERRAL).hash,
        language="en",
        surface="site",
        now=now,
    )
    return free, taken
