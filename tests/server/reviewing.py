"""Nele and Carl of Berta's Boots, and the case about Mallory's link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from rewards.integrity import Ruling
from server.services import consents, own_cases, reviews, rulings
from server.services.conversation_rules import Colleague
from server.services.own_cases import Form
from server.services.reviews import CaseFile, CaseLine
from server.store.integrity_cases import AppealRuling
from server.store.teams import Role
from tests import make
from tests.server.nights import TWO, Nights

REASON = "Every click comes after exactly one minute."


@dataclass
class Desk:
    """What reviewers and the participant do with one case."""

    town: Nights
    case: str
    people: dict[str, Colleague]
    whose: str = "Mallory"

    def decide(
        self,
        ruling: Ruling,
        *,
        by: str = "Nele",
        reason: str = REASON,
        seen: int | None = None,
        takes_orders: bool = False,
        now: datetime = TWO,
    ) -> None:
        known = len(self.read().numbers) if seen is None else seen
        with self.town.database.transaction() as db:
            rulings.decide(
                db,
                by=self.people[by],
                public_id=self.case,
                ruling=ruling,
                reason=reason,
                takes_orders=takes_orders,
                seen=known,
                now=now,
            )

    def decide_appeal(self, ruling: AppealRuling, *, by: str = "Carl", now: datetime = TWO) -> None:
        with self.town.database.transaction() as db:
            rulings.decide_appeal(
                db,
                by=self.people[by],
                public_id=self.case,
                ruling=ruling,
                reason=REASON,
                now=now,
            )

    def ask(self, words: str, *, now: datetime = TWO) -> None:
        with self.town.database.transaction() as db:
            rulings.ask(
                db,
                by=self.people["Nele"],
                public_id=self.case,
                event_id=str(uuid4()),
                words=words,
                now=now,
            )

    def answers(self, words: str, *, now: datetime = TWO, **form: Any) -> None:
        self._say(own_cases.answer, words, now, form)

    def appeals(self, words: str, *, now: datetime = TWO, **form: Any) -> None:
        self._say(own_cases.appeal, words, now, form)

    def read(self, by: str = "Nele") -> CaseFile:
        with self.town.database.reading() as db:
            return reviews.read(db, by=self.people[by], public_id=self.case)

    def queue(self, by: str, **filters: Any) -> list[CaseLine]:
        with self.town.database.reading() as db:
            return reviews.of_brand(db, by=self.people[by], **filters)

    def _say(self, how: Any, words: str, now: datetime, form: dict[str, Any]) -> None:
        text = consents.text(consents.REVIEW)
        sent = {"event_id": str(uuid4()), "text_hash": text.hash} | form
        sent = Form(words=words, language="en", surface="site", **sent)
        member_id = self.town.member(self.whose)
        with self.town.database.transaction() as db:
            how(db, member_id=member_id, public_id=self.case, form=sent, now=now)


def desk(town: Nights) -> Desk:
    """Let Nele and Carl work for the brand, where one case is open."""
    people = {}
    with town.database.transaction() as db:
        for name, role in (("Nele", Role.REVIEWER), ("Carl", Role.OWNER)):
            member_id = make.member(db, name.lower())
            make.team(db, town.brand_id, member_id, role)
            people[name] = Colleague(town.brand_id, member_id, role)
    (case,) = town.cases()
    return Desk(town, case.public_id, people)
