"""A participant's own cases: why something waits, what happens when, the answer and the appeal.

The participant's words stand on a consent to a review, one with each form; without it nobody of the
brand is shown them, and the case is decided without them.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards.integrity import Ruling
from server.errors import Conflict, EventTaken, NotFound
from server.services import case_rules, consents, hold_words, rulings, sign_ins, typed_words
from server.services.sentences import Sentence
from server.store import brands, case_statements, findings, offers
from server.store import integrity_cases as store
from server.store.case_statements import CaseStatement, StatementKind
from server.store.consents import put_consented
from server.store.integrity_cases import CaseStep, IntegrityCase
from server.store.participants import Participant


@dataclass(frozen=True, slots=True)
class Held:
    """What one hold is about, why, and until when."""

    covers_from: datetime
    covers_until: datetime
    why: tuple[Sentence, ...]
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in the case; ``is_shown`` is no where its consent was taken back."""

    kind: str
    words: str
    at: datetime
    is_shown: bool


@dataclass(frozen=True, slots=True)
class OwnCase:
    """One case, as the person sees it whom it is about."""

    public_id: str
    brand: str
    offer_title: str
    state: str
    opened_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    outcome: str | None
    ruling: str | None
    takes_orders: bool
    reason: str
    appeal_ruling: str | None
    appeal_reason: str
    held: tuple[Held, ...]
    said: tuple[Said, ...]
    can_answer: bool
    can_appeal: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What a participant sends: their words, and the consent to a person reading them."""

    event_id: str
    words: str
    text_hash: str
    language: str
    surface: str


def read(db: Session, *, member_id: int, public_id: str) -> OwnCase:
    """Return one of a member's own cases.

    Raises:
        NotFound: they have no such case.

    """
    case, _, offer = _find(db, member_id, public_id)
    assert case.id is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    said = case_statements.of_case(db, case.id)
    return OwnCase(
        public_id=case.public_id,
        brand=brand.name,
        offer_title=offer.title,
        state=case.state,
        opened_at=case.opened_at,
        deadline_at=case.deadline_at,
        closed_at=case.closed_at,
        outcome=case.outcome,
        ruling=case.ruling,
        takes_orders=case.takes_orders,
        reason=case.reason,
        appeal_ruling=case.appeal_ruling,
        appeal_reason=case.appeal_reason,
        held=tuple(_held(row) for row in findings.of_case(db, case.id)),
        said=tuple(
            Said(row.kind, row.words, row.at, consent is None or consent.withdrawn_at is None)
            for row, consent in said
        ),
        can_answer=_can_answer(case),
        can_appeal=_can_appeal(case),
    )


def answer(db: Session, *, member_id: int, public_id: str, form: Form, now: datetime) -> None:
    """Say something to whoever decides; the same form again says it once.

    Raises:
        NotSignedIn: the member was erased.
        NotFound: they have no such case.
        FieldInvalid: nothing is said, or too much.
        ConsentMissing: they agreed to other words than the current ones.
        EventTaken: the form was used for other words.
        Conflict: nobody decides this case any more.

    """
    case = _enter(db, member_id, public_id)
    if _was_sent(db, case, form, StatementKind.ANSWER):
        return
    if not _can_answer(case):
        raise Conflict("This case is decided. What was decided stands on its page.")
    _say(db, case, member_id, form, StatementKind.ANSWER, now=now)
    if case.state == CaseStep.ASKED:
        case.state = CaseStep.OPEN
        db.flush()
    case_rules.note(db, _BY_THE_PERSON, case, "case.answered", now=now)


def appeal(db: Session, *, member_id: int, public_id: str, form: Form, now: datetime) -> None:
    """Let another person decide about a denial; the same form again appeals once.

    Raises:
        NotSignedIn: the member was erased.
        NotFound: they have no such case.
        FieldInvalid: nothing is said, or too much.
        ConsentMissing: they agreed to other words than the current ones.
        EventTaken: the form was used for other words.
        Conflict: there is no denial to appeal, or it is too late.

    """
    case = _enter(db, member_id, public_id)
    if _was_sent(db, case, form, StatementKind.APPEAL):
        return
    if not _can_appeal(case) or case.deadline_at <= now:
        raise Conflict("There is nothing to appeal in this case, or it is too late for it.")
    _say(db, case, member_id, form, StatementKind.APPEAL, now=now)
    case.state, case.appealed_at = CaseStep.APPEALED, now
    rulings.move_deadline(db, case, now + case_rules.APPEAL_ANSWERED_WITHIN)
    case_rules.note(db, _BY_THE_PERSON, case, "case.appealed", now=now)


_BY_THE_PERSON = "participant"
"""Who the participant is stands in the case; the log of the brand need not name them."""


def _find(
    db: Session, member_id: int, public_id: str
) -> tuple[IntegrityCase, Participant, offers.Offer]:
    found = None
    if "\0" not in public_id:  # PostgreSQL keeps no such text
        found = store.find_of_member(db, member_id=member_id, public_id=public_id)
    if found is None:
        raise NotFound("You have no such case.")
    return found


def _enter(db: Session, member_id: int, public_id: str) -> IntegrityCase:
    """Return one of a member's own cases, locked as everybody locks it."""
    sign_ins.lock_living(db, member_id)
    case, _, offer = _find(db, member_id, public_id)
    assert offer.id is not None
    assert case.id is not None
    offers.lock(db, offer.id)
    return store.lock(db, case.id)


def _was_sent(db: Session, case: IntegrityCase, form: Form, kind: StatementKind) -> bool:
    assert case.id is not None
    first = case_statements.find_by_event(db, case_id=case.id, event_id=form.event_id)
    if first is None:
        return False
    if (first.kind, first.words) != (
        kind,
        typed_words.checked(form.words, most=case_rules.WORDS_MAX),
    ):
        raise EventTaken("This form was sent before with other words; please send the new one.")
    return True


def _say(
    db: Session,
    case: IntegrityCase,
    member_id: int,
    form: Form,
    kind: StatementKind,
    *,
    now: datetime,
) -> None:
    said = typed_words.checked(form.words, most=case_rules.WORDS_MAX)
    consent_id = _live_consent(db, case, form) or consents.give(
        db,
        member_id=member_id,
        purpose=consents.REVIEW,
        text_hash=form.text_hash,
        language=form.language,
        surface=form.surface,
        now=now,
    )
    row = {
        "case_id": case.id,
        "consent_id": consent_id,
        "event_id": form.event_id,
        "kind": kind,
        "author_id": None,
        "words": said,
        "at": now,
    }
    written = put_consented(db, CaseStatement, row, purpose=consents.REVIEW, member_id=member_id)
    assert written is not None, "the case is locked, and the form is new"


def _live_consent(db: Session, case: IntegrityCase, form: Form) -> int | None:
    """Return the consent to the same words that they gave in this case before, if it lives."""
    assert case.id is not None
    given = (consent for _, consent in case_statements.of_case(db, case.id) if consent is not None)
    for consent in given:
        if consent.withdrawn_at is None and consent.text_hash == form.text_hash:
            return consent.id
    return None


def _held(row: findings.Finding) -> Held:
    return Held(row.covers_from, row.covers_until, hold_words.reasons(row.anomalies), row.ended_at)


def _can_answer(case: IntegrityCase) -> bool:
    is_confirmed = case.state == CaseStep.DECIDED and case.ruling == Ruling.CONFIRM
    return is_confirmed or case.state in {CaseStep.OPEN, CaseStep.ASKED}


def _can_appeal(case: IntegrityCase) -> bool:
    return case.state == CaseStep.DECIDED and case.ruling == Ruling.DENY
