"""Taking a consent back: at once, by the person alone, and never twice.

What stops depends on the purpose.  A share's link dies; an answer is deleted.  A referral and a
conversation need no more than the end of their consent: attribution and places ask for it each time
(decision 0031), and so do whoever shows a conversation to a brand or writes in it (decision 0042).
What was earned before stays.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from server.errors import NotFound
from server.services import answers, consents, question_consents, sign_ins
from server.store import consents as store
from server.store import shares

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was taken back; ``is_new`` says whether it was still alive."""

    purpose: str
    is_new: bool


def withdraw(db: Session, *, member_id: int, consent_public_id: str, now: datetime) -> Withdrawal:
    """Take a member's consent back and stop what stands on it; a second time changes nothing.

    Raises:
        NotFound: the member gave no such consent.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    consent = store.find_of_member(db, member_id=member_id, public_id=consent_public_id)
    if consent is None or consent.id is None:
        raise NotFound("You have given no such permission.")
    if not store.withdraw(db, consent.id, now=now):
        return Withdrawal(consent.purpose, is_new=False)
    _stop(db, consent.id, consent.purpose, now=now)
    log.info("consent_withdrawn", purpose=consent.purpose)
    return Withdrawal(consent.purpose, is_new=True)


def _stop(db: Session, consent_id: int, purpose: str, *, now: datetime) -> None:
    """End what the consent allowed."""
    if purpose == consents.SHARE:
        shares.withdraw(db, consent_id=consent_id, now=now)
    elif question_consents.is_for_question(purpose):
        answers.delete_of_consent(db, consent_id=consent_id)
