"""Holds and watches: what a night found becomes rows, and rows keep things from vesting.

A hold changes when something vests, never whether or how much: no fact is told to the engine before
a person has denied it (``denials``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rewards.integrity import HOLD_DAYS, UNUSUAL, WATCH_DAYS, Finding, Standing
from server import tokens
from server.services import audits, conversions, events, forests
from server.services.nights import PERIOD, Figures
from server.store import findings as store
from server.store import holds, members, offers, participants, writing
from server.store import integrity_cases as case_store
from server.store.findings import FindingOutcome
from server.store.holds import Period
from server.store.integrity_cases import CaseOutcome, CaseStep, IntegrityCase
from server.store.integrity_nights import Turn

KIND = "integrity"
"""How events call these cases."""
JOB = "job:integrity"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one sharer; ``since`` is from when on it is about."""

    finding: Finding
    since: datetime
    is_checked: bool = True


def record(db: Session, *, turn: Turn, found: Mapping[int, Found], now: datetime) -> Figures:
    """Write down what a night found of some sharers, once.

    Where the check has run, an unchecked hold ends in the same step.
    """
    whose = participants.members_of(db, sorted(found))
    living = {one for one in sorted(set(whose.values())) if members.lock_living(db, one)}
    offer = offers.lock(db, turn.offer_id)
    read = frozenset(sharer for sharer, one in found.items() if one.is_checked)
    _end_unchecked(db, offer, read=read, now=now)
    figures = Figures()
    for participant_id, one in sorted(found.items()):
        if whose[participant_id] not in living:  # erased: nothing is written of them any more
            continue
        if one.finding.standing is Standing.HOLD:
            figures += _hold(db, offer, participant_id, turn, one, now=now)
        elif one.finding.standing is Standing.WATCH:
            figures += _watch(db, offer, participant_id, turn, one, now=now)
    return figures


def end_unchecked(db: Session, *, turn: Turn, read: frozenset[int], now: datetime) -> None:
    """End the unchecked holds of everybody whom this night could look at."""
    offer = offers.lock(db, turn.offer_id)
    _end_unchecked(db, offer, read=read, now=now)


def end(db: Session, row: store.Finding, outcome: FindingOutcome, *, now: datetime) -> None:
    """End a hold, once; what it kept from vesting goes on.  The offer is locked."""
    row.ended_at, row.outcome = now, outcome
    db.flush()
    for order in holds.lock_orders(db, period_of(row)):
        conversions.resume(db, order, now=now)


def close(
    db: Session, case: IntegrityCase, outcome: CaseOutcome, *, by: str, now: datetime
) -> None:
    """Close a locked case, once, and tell about it."""
    case.state, case.outcome, case.closed_at = CaseStep.CLOSED, outcome, now
    db.flush()
    audits.note(
        db,
        brand_id=case.brand_id,
        actor=by,
        action="case.closed",
        subject=f"case:{case.public_id}",
        after={"outcome": str(outcome)},
        now=now,
    )
    told = events.CaseClosed(case.public_id, KIND, None, outcome)
    events.publish(db, brand_id=case.brand_id, event=told, now=now)


def period_of(row: store.Finding) -> Period:
    """Return what a finding is about."""
    return Period(row.participant_id, row.covers_from, row.covers_until)


def _watch(
    db: Session, offer: offers.Offer, participant_id: int, turn: Turn, one: Found, *, now: datetime
) -> Figures:
    days = forests.terms_of(offer).return_days + WATCH_DAYS
    ends_at = turn.night + timedelta(days=days)
    row = store.latest_watch(db, participant_id)
    if row is not None and row.covers_until >= one.since:  # the same audience, a night later
        row.covers_until = max(row.covers_until, turn.night)
        row.ends_at = max(row.ends_at, ends_at)
        db.flush()
        return Figures()
    written = _write(db, participant_id, turn, one, now=now, ends_at=ends_at)
    return Figures(watched=int(written is not None))


def _hold(
    db: Session, offer: offers.Offer, participant_id: int, turn: Turn, one: Found, *, now: datetime
) -> Figures:
    """Begin a hold, in the case that is not decided yet or in a new one."""
    ends_at = now + timedelta(days=HOLD_DAYS)
    if not one.is_checked and _extend_unchecked(db, participant_id, turn):
        return Figures()
    written = _write(db, participant_id, turn, one, now=now, ends_at=ends_at)
    if written is None:
        return Figures()
    row = store.lock(db, written)
    assert row is not None
    row.case_id = _in_case(db, offer, row, one, now=now)
    db.flush()
    return Figures(held=1, unchecked=int(not one.is_checked))


def _write(
    db: Session,
    participant_id: int,
    turn: Turn,
    one: Found,
    *,
    now: datetime,
    ends_at: datetime,
) -> int | None:
    since = one.since
    if not one.is_checked:  # what ran out unchecked is not held again
        since = max(since, store.unchecked_until(db, participant_id) or since)
    if since >= turn.night:
        return None
    return writing.put_first(
        db,
        store.Finding,
        {
            "participant_id": participant_id,
            "case_id": None,
            "night": turn.night,
            "standing": str(one.finding.standing),
            "is_checked": one.is_checked,
            "sentence": one.finding.sentence,
            "anomalies": anomalies_of(one.finding),
            "covers_from": since,
            "covers_until": turn.night,
            "began_at": now,
            "ends_at": ends_at,
            "ended_at": None,
            "outcome": None,
        },
    )


def anomalies_of(finding: Finding) -> list[dict[str, Any]]:
    """Return what each look found, as JSON keeps it."""
    return [
        {"look": one.look, "p": one.p, "sentence": one.sentence, "numbers": dict(one.numbers)}
        for one in finding.anomalies
    ]


def _extend_unchecked(db: Session, participant_id: int, turn: Turn) -> bool:
    """Let an open unchecked hold cover one night more; its end stays where it is."""
    for row in store.open_of_participant(db, participant_id):
        if not row.is_checked:
            row.covers_until = max(row.covers_until, turn.night)
            db.flush()
            return True
    return False


def _end_unchecked(
    db: Session,
    offer: offers.Offer,
    *,
    read: frozenset[int],
    now: datetime,
) -> None:
    assert offer.id is not None
    for row in store.lock_unchecked(db, offer.id):
        if row.participant_id not in read:
            continue
        end(db, row, FindingOutcome.CHECKED, now=now)
        if row.case_id is not None:
            close_if_empty(db, row.case_id, CaseOutcome.CHECKED, by=JOB, now=now)


def close_if_empty(
    db: Session, case_id: int, outcome: CaseOutcome, *, by: str, now: datetime
) -> None:
    """Close a case that holds nothing any more."""
    case = case_store.lock(db, case_id)
    if case.state != CaseStep.CLOSED and not store.lock_of_case(db, case_id):
        close(db, case, outcome, by=by, now=now)


def _in_case(
    db: Session, offer: offers.Offer, row: store.Finding, one: Found, *, now: datetime
) -> int:
    """Put a hold into the case about its participant that nobody decided yet; return its id."""
    sentences = [a.sentence for a in one.finding.anomalies if a.p < UNUSUAL]
    evidence = sentences or [one.finding.sentence]
    numbers = {
        "night": turn_day(row.night),
        "from": row.covers_from.isoformat(),
        "until": row.covers_until.isoformat(),
        "p": one.finding.p,
        "looks": row.anomalies,
    }
    case = case_store.lock_undecided(db, row.participant_id)
    if case is not None:
        case.evidence = [*case.evidence, *evidence]
        case.numbers = [*case.numbers, numbers]
        case.deadline_at = max(case.deadline_at, row.ends_at)
        db.flush()
        assert case.id is not None
        return case.id
    public_id = tokens.public_id()
    new = {
        "public_id": public_id,
        "brand_id": offer.brand_id,
        "participant_id": row.participant_id,
        "evidence": evidence,
        "numbers": [numbers],
        "opened_at": now,
        "deadline_at": row.ends_at,
    }
    case_id = writing.put(db, IntegrityCase, new)
    _tell_opened(db, offer.brand_id, public_id, now=now)
    return case_id


def turn_day(night: datetime) -> str:
    """Return the last UTC day that a night looks at."""
    return (night - timedelta(days=1)).date().isoformat()


def _tell_opened(db: Session, brand_id: int, public_id: str, *, now: datetime) -> None:
    audits.note(
        db,
        brand_id=brand_id,
        actor=JOB,
        action="case.opened",
        subject=f"case:{public_id}",
        now=now,
    )
    told = events.CaseOpened(public_id, KIND, None, None)
    events.publish(db, brand_id=brand_id, event=told, now=now)


def since_of(night: datetime, cleared: datetime | None) -> datetime:
    """Return from when on a night looks at a sharer: nothing is held a second time."""
    return max(night - PERIOD, cleared or night - PERIOD)
