"""What people of a brand decide about a case: ask, confirm, release, deny, and answer an appeal.

Only the last step of a denial takes anything back (``denials``): until then all rulings are about
when something vests.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.integrity import Ruling, Verdict
from server.errors import Conflict, EventTaken, NotAllowed
from server.services import case_rules, denials, holds, typed_words
from server.services.conversation_rules import Colleague
from server.store import case_statements, findings, offers
from server.store.findings import FindingOutcome
from server.store.integrity_cases import (
    UNDECIDED,
    AppealRuling,
    CaseOutcome,
    CaseStep,
    IntegrityCase,
)

_DECIDED = "Somebody has decided this case already. Read it again."


def ask(
    db: Session, *, by: Colleague, public_id: str, event_id: str, words: str, now: datetime
) -> None:
    """Ask the participant something; the same form again asks once.  The deadline stays.

    Raises:
        NotFound: the brand has no such case, or they are not on its team.
        NotAllowed: their role does not decide cases, or the case is about them.
        Conflict: it is not to be decided any more.
        FieldInvalid: nothing is asked, or too much.
        EventTaken: the form was used for another question.

    """
    case, _, _ = case_rules.enter(db, by, public_id)
    said = typed_words.checked(words, most=case_rules.WORDS_MAX)
    assert case.id is not None
    first = case_statements.find_by_event(db, case_id=case.id, event_id=event_id)
    if first is not None:
        if first.words != said:
            raise EventTaken("This form was sent before with other words; please send the new one.")
        return
    if not _is_to_decide(case):
        raise Conflict(_DECIDED)
    case_statements.add_question(
        db, case_id=case.id, event_id=event_id, author_id=by.member_id, words=said, at=now
    )
    if case.state == CaseStep.OPEN:
        case.state = CaseStep.ASKED
    db.flush()
    case_rules.note(db, by.actor, case, "case.asked", now=now)


def decide(
    db: Session,
    *,
    by: Colleague,
    public_id: str,
    ruling: Ruling,
    reason: str,
    takes_orders: bool = False,
    seen: int,
    now: datetime,
) -> None:
    """Confirm what is held for 30 days, release it, or deny it; for a reason that its owner reads.

    ``seen`` is how much evidence the reviewer had before them.  A denial waits for an appeal before
    anything is taken back; it is about visits, and about orders only with ``takes_orders``.

    Raises:
        NotFound: the brand has no such case, or they are not on its team.
        NotAllowed: their role does not decide cases, or the case is about them.
        Conflict: somebody decided, or something was found meanwhile.
        FieldInvalid: the reason is too short or too long.

    """
    case, _, _ = case_rules.enter(db, by, public_id)
    why = case_rules.reason(reason)
    verdict = Verdict(by.actor, ruling)
    is_again = verdict.ruling is Ruling.CONFIRM and case.ruling == Ruling.CONFIRM
    if not _is_to_decide(case) or is_again:
        raise Conflict(_DECIDED)
    if len(case.numbers) != seen:
        raise Conflict("Something new was found meanwhile. Read it before you decide.")
    case.ruling, case.reason = verdict.ruling, why
    case.reviewer_id, case.decided_at = by.member_id, now
    case.takes_orders = takes_orders and ruling is Ruling.DENY
    if ruling is Ruling.RELEASE:
        _release(db, case, CaseOutcome.RELEASED, by=by, now=now)
        return
    pause = case_rules.CONFIRMED_FOR if ruling is Ruling.CONFIRM else case_rules.APPEAL_WITHIN
    case.state = CaseStep.DECIDED
    move_deadline(db, case, now + pause)
    case_rules.note(db, by.actor, case, f"case.{_PAST[ruling]}", now=now)


def decide_appeal(
    db: Session,
    *,
    by: Colleague,
    public_id: str,
    ruling: AppealRuling,
    reason: str,
    now: datetime,
) -> None:
    """Uphold a denial, which takes back what is held, or overturn it; by another person.

    Raises:
        NotFound: the brand has no such case, or they are not on its team.
        NotAllowed: their role does not decide cases, the case is about them, or they denied it.
        Conflict: there is no appeal to decide.
        FieldInvalid: the reason is too short or too long.

    """
    case, _, offer = case_rules.enter(db, by, public_id)
    why = case_rules.reason(reason)
    if case.state != CaseStep.APPEALED:
        raise Conflict("There is no appeal to decide in this case.")
    if case.reviewer_id == by.member_id:
        raise NotAllowed("You denied this yourself. Another person must decide about the appeal.")
    case.appeal_ruling, case.appeal_reason = ruling, why
    case.appeal_reviewer_id, case.appeal_decided_at = by.member_id, now
    db.flush()
    case_rules.note(db, by.actor, case, f"case.appeal_{_PAST[ruling]}", now=now)
    if ruling is AppealRuling.OVERTURN:
        _release(db, case, CaseOutcome.OVERTURNED, by=by, now=now)
    else:
        _deny(db, offer, case, by=by, now=now)


def move_deadline(db: Session, case: IntegrityCase, deadline_at: datetime) -> None:
    """Let a case and everything that it holds end by itself at another moment."""
    assert case.id is not None
    case.deadline_at = deadline_at
    for row in findings.lock_of_case(db, case.id):
        row.ends_at = deadline_at
    db.flush()


_PAST = {
    Ruling.CONFIRM: "confirmed",
    Ruling.DENY: "denied",
    AppealRuling.UPHOLD: "upheld",
    AppealRuling.OVERTURN: "overturned",
}


def _is_to_decide(case: IntegrityCase) -> bool:
    """Tell whether somebody may decide: what is confirmed can still be released or denied."""
    is_confirmed = case.state == CaseStep.DECIDED and case.ruling == Ruling.CONFIRM
    return case.state in UNDECIDED or is_confirmed


def _release(
    db: Session, case: IntegrityCase, outcome: CaseOutcome, *, by: Colleague, now: datetime
) -> None:
    assert case.id is not None
    for row in findings.lock_of_case(db, case.id):
        holds.end(db, row, FindingOutcome.RELEASED, now=now)
    holds.close(db, case, outcome, by=by.actor, now=now)


def _deny(
    db: Session, offer: offers.Offer, case: IntegrityCase, *, by: Colleague, now: datetime
) -> None:
    denials.carry_out(db, offer, case, by=by.actor, now=now)
