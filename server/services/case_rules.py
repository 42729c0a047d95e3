"""Who may decide about a case, and what a person must say to do so."""

from datetime import datetime, timedelta

from sqlmodel import Session

from server.errors import Conflict, FieldInvalid, NotAllowed, NotFound
from server.services import audits
from server.services.conversation_rules import Colleague
from server.store import integrity_cases as store
from server.store import members, offers, teams
from server.store.integrity_cases import IntegrityCase
from server.store.participants import Participant
from server.store.teams import Role

DECIDE = frozenset({Role.OWNER, Role.REVIEWER})
REASON_WORDS_MIN, REASON_MAX, WORDS_MAX = 5, 1000, 2000
CONFIRMED_FOR = timedelta(days=30)
"""How long a person may keep something held to clear it up."""
APPEAL_WITHIN = timedelta(days=14)
"""How long a denial waits for an appeal, before anything is taken back."""
APPEAL_ANSWERED_WITHIN = timedelta(days=14)
"""How long another person has for an appeal, before it ends in the participant's favour."""


def enter(
    db: Session, by: Colleague, public_id: str
) -> tuple[IntegrityCase, Participant, offers.Offer]:
    """Return a case of the reviewer's brand, locked, with its participant and its offer.

    Raises:
        NotFound: the brand has no such case, or the reviewer is not on its team.
        NotAllowed: the reviewer's role does not decide cases, or the case is about them.
        Conflict: the participant erased everything; the case ends by itself.

    """
    refuse_strangers(db, by)
    found = store.find_of_brand(db, brand_id=by.brand_id, public_id=public_id)
    if found is None:
        raise NotFound("There is no such case.")
    case, participant, offer = found
    refuse_own(by, participant)
    living = {
        one: members.lock_living(db, one) for one in sorted({by.member_id, participant.member_id})
    }
    if not living[by.member_id]:
        raise NotFound("There is no such case.")
    if not living[participant.member_id]:
        raise Conflict("This customer erased everything. The case ends by itself.")
    assert offer.id is not None
    assert case.id is not None
    offer = offers.lock(db, offer.id)
    return store.lock(db, case.id), participant, offer


def refuse_strangers(db: Session, by: Colleague) -> None:
    """Let only owners and reviewers of the brand see its cases.

    Raises:
        NotFound: they are not on the brand's team.
        NotAllowed: their role does not include cases.

    """
    role = teams.role_of(db, brand_id=by.brand_id, member_id=by.member_id)
    if role is None:
        raise NotFound("There is no such case.")
    if role not in DECIDE:
        raise NotAllowed(f"As {role} you may not decide cases. Ask an owner or a reviewer.")


def refuse_own(by: Colleague, participant: Participant) -> None:
    """Let nobody decide about themselves.

    Raises:
        NotAllowed: the case is about whoever wants to see it.

    """
    if participant.member_id == by.member_id:
        raise NotAllowed("This case is about your own links. Somebody else must look at it.")


def reason(typed: str) -> str:
    """Return why somebody decides, which the participant will read.

    Raises:
        FieldInvalid: these are no reasons, or too many words.

    """
    said = " ".join(typed.split())
    if len(said.split()) < REASON_WORDS_MIN:
        raise FieldInvalid(
            "reason", "Give a reason in at least {least} words.", least=REASON_WORDS_MIN
        )
    if len(said) > REASON_MAX:
        raise FieldInvalid("reason", "Say it in at most {most} characters.", most=REASON_MAX)
    return said


def note(db: Session, by: str, case: IntegrityCase, action: str, *, now: datetime) -> None:
    """Write down who did what with a case; not the words, which are about a person."""
    audits.note(
        db,
        brand_id=case.brand_id,
        actor=by,
        action=action,
        subject=f"case:{case.public_id}",
        after={"state": str(case.state), "ruling": case.ruling},
        now=now,
    )
