"""A question of the demo's brand, and enough neighbours for it to be asked.

Nobody is asked where an answer would leave fewer than twenty customers who look the same; so the
demo has neighbours who shared.  Use a code in the shop, and the wallet shows the card.
"""

import uuid
from contextlib import closing
from datetime import datetime

from sqlmodel import Session

from server.demo import run as demo
from server.services import brands, consents, offers, question_topics, questions, shares, sign_ins
from server.services.drafts import Draft
from server.services.question_words import QuestionDraft, Words
from server.settings import Settings
from server.store.connection import Database

NEIGHBOURS = 48
QUESTION = QuestionDraft(
    field="favourite_season",
    kind="category",
    retention_days=180,
    words={
        "en": Words(
            title="For which season do you look for shoes?",
            choices=("Winter", "Summer"),
            purpose="To decide which of our offers stands first on your page.",
            benefit="So that we show you first what you can wear now.",
        ),
        "de": Words(
            title="Für welche Jahreszeit suchen Sie Schuhe?",
            choices=("Winter", "Sommer"),
            purpose="Um zu entscheiden, welche unserer Aktionen auf Ihrer Seite vorn steht.",
            benefit="Damit wir Ihnen zuerst zeigen, was Sie jetzt tragen können.",
        ),
        "fr": Words(
            title="Pour quelle saison cherchez-vous des chaussures ?",
            choices=("Hiver", "Été"),
            purpose="Pour décider laquelle de nos offres vient en premier sur votre page.",
            benefit="Pour vous montrer d'abord ce que vous pouvez porter maintenant.",
        ),
    },
)
SANDALS = Draft(
    title="Summer sandals",
    page_url=f"{demo.SHOP_URL}/sandals",
    share_text="The lightest sandals that I ever wore:",
    average_order_minor=60_00,
    ceiling_basis_points=1_000,
    budget_minor=demo.BUDGET.minor,
    min_grant_minor=5_00,
    return_days=14,
)


def add(settings: Settings, *, now: datetime) -> None:
    """Add a second offer, neighbours who share, and a live question, unless there is one."""
    with closing(Database(settings.database)) as database, database.transaction() as db:
        brand_id = brands.find(db, slug=demo.SLUG).id
        if questions.of_brand(db, brand_id=brand_id):
            return
        boots = offers.of_brand(db, brand_id=brand_id)[-1].public_id
        sandals = _publish(db, brand_id, now)
        for number in range(NEIGHBOURS):
            _share(db, f"neighbour-{number}", boots if number % 2 else sandals, now)
        _ask(db, brand_id, topics=[(boots, 0), (sandals, 1)], now=now)


def _publish(db: Session, brand_id: int, now: datetime) -> str:
    made = offers.draft(db, brand_id=brand_id, actor=demo.ACTOR, wanted=SANDALS, now=now)
    offers.publish(db, brand_id=brand_id, public_id=made.public_id, actor=demo.ACTOR, now=now)
    return made.public_id


def _share(db: Session, subject: str, offer: str, now: datetime) -> None:
    person = sign_ins.sign_in(db, issuer=demo.PROVIDER_URL, subject=subject, now=now)
    shares.record(
        db,
        member_id=person.member_id,
        event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{subject}:{offer}")),
        offer_public_id=offer,
        channel="copy",
        shown_as="",
        consent_hash=consents.text(consents.SHARE).hash,
        language="en",
        surface="demo",
        now=now,
    )


def _ask(db: Session, brand_id: int, *, topics: list[tuple[str, int]], now: datetime) -> None:
    made = questions.draft(db, brand_id=brand_id, actor=demo.ACTOR, wanted=QUESTION, now=now)
    question_topics.change(
        db,
        brand_id=brand_id,
        public_id=made.public_id,
        version=made.version,
        actor=demo.ACTOR,
        topics=topics,
        now=now,
    )
    questions.publish(db, brand_id=brand_id, public_id=made.public_id, actor=demo.ACTOR, now=now)
