"""Everything that a customer was ever asked, and what they may still be asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import asks as engine
from server.services import ask_accounts, question_words
from server.services.ask_accounts import Given
from server.store import asks as store
from server.store import brands, questions

_HUNDREDTH = engine.POINT // 100


@dataclass(frozen=True, slots=True)
class AskLine:
    """One question that was put to a customer, what it cost in hundredths, and the reply."""

    asked_at: datetime
    title: str
    language: str
    cost_hundredths: int
    reply: str | None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one brand asked of a customer, and may still ask.  Points are in hundredths.

    ``rests_until`` is when the next question may come, if that is not now.
    """

    brand: str
    currency: str
    since: datetime
    asked_hundredths: int
    left_hundredths: int
    given_minor: int
    given_items: int
    rests_until: datetime | None
    lines: tuple[AskLine, ...]

    @property
    def excluded(self) -> tuple[AskLine, ...]:
        """What the customer never wants to be asked again."""
        return tuple(line for line in self.lines if line.reply == engine.Reply.NEVER)


def of_member(db: Session, *, member_id: int, language: str, now: datetime) -> list[Budget]:
    """Return a customer's budget with every brand that asked, or that gave them something."""
    given = ask_accounts.given_by_brand(db, member_id=member_id)
    asked = {row.brand_id for row in store.accounts(db, member_id)}
    return [
        _budget(db, (brand_id, member_id), given.get(brand_id, Given()), language=language, now=now)
        for brand_id in sorted(asked | given.keys())
    ]


def _budget(
    db: Session, of: tuple[int, int], given: Given, *, language: str, now: datetime
) -> Budget:
    brand_id, member_id = of
    brand = brands.find(db, brand_id)
    assert brand is not None
    account = ask_accounts.current(db, brand_id=brand_id, member_id=member_id, given=given, now=now)
    row = store.account(db, brand_id=brand_id, member_id=member_id)
    rows = store.of_account(db, row.id) if row and row.id else []
    rests_s = engine.rests_until_s(account.history)
    return Budget(
        brand=brand.name,
        currency=brand.currency,
        since=row.began_at if row else now,
        asked_hundredths=-(-sum(one.cost_parts for one in account.history) // _HUNDREDTH),
        left_hundredths=(account.time_parts + account.value_parts) // _HUNDREDTH,
        given_minor=given.minor,
        given_items=given.items,
        rests_until=ask_accounts.moment(rests_s) if rests_s > account.at_s else None,
        lines=tuple(_line(db, one, language) for one in reversed(rows)),
    )


def _line(db: Session, row: store.Ask, language: str) -> AskLine:
    words = question_words.from_json(questions.get(db, row.question_id).words)
    spoken = question_words.best(words, language)
    return AskLine(
        asked_at=row.asked_at,
        title=words[spoken].title,
        language=spoken,
        cost_hundredths=-(-row.cost_parts // _HUNDREDTH),
        reply=row.reply,
    )
