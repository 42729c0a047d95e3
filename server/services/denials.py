"""What a denial does to money: what was held and has not vested is taken back, and nothing else.

It happens when nobody appealed in time, or when a second person upheld it.  Visits are removed as
if they had never been verified; orders, if the ruling names them, are reversed in what they count
for.  Nothing that has vested or was granted is touched, so nobody's balance can become negative.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.facts import OrderReversed, VisitRemoved
from server.services import conversions, forests, holds
from server.services.attribution import Unattributed
from server.store import findings as finding_store
from server.store import holds as held_store
from server.store import offers, visits
from server.store.conversions import Conversion
from server.store.findings import FindingOutcome
from server.store.holds import Period
from server.store.integrity_cases import CaseOutcome, IntegrityCase
from server.store.visits import VisitOutcome


def carry_out(
    db: Session, offer: offers.Offer, case: IntegrityCase, *, by: str, now: datetime
) -> None:
    """Take back what a denied case holds, and close it; offer and case are locked."""
    assert case.id is not None
    opened = forests.load(db, offer, case.participant_id)
    for row in finding_store.lock_of_case(db, case.id):
        period = holds.period_of(row)
        _remove_visits(db, opened, period)
        if case.takes_orders:
            for order in held_store.lock_orders(db, period):
                _reverse(opened, order)
        forests.save(db, opened, now=now)
        holds.end(db, row, FindingOutcome.DENIED, now=now)
    holds.close(db, case, CaseOutcome.DENIED, by=by, now=now)


def _remove_visits(db: Session, opened: forests.Opened, period: Period) -> None:
    gone = held_store.lock_visits(db, period)
    for visit_id, credited in gone:
        fact = VisitRemoved(
            f"visit-denied:{visit_id}",
            period.participant_id,
            vested=False,
            credited=credited,
            undoes=f"visit:{visit_id}",
        )
        forests.decide(opened, fact)
    denied = {"outcome": VisitOutcome.DENIED, "credited": False, "vests_at": None}
    visits.save(db, [{"row_id": visit_id, **denied} for visit_id, _ in gone])


def _reverse(opened: forests.Opened, row: Conversion) -> None:
    """Let an order count for nobody; what the shop refunds of it later changes nothing more."""
    assert row.participant_id is not None
    order = conversions.order_of(row)
    fact = OrderReversed(
        f"denied:{row.public_id}",
        row.participant_id,
        order,
        order.net_minor - order.refunded_minor,
        undoes=f"order:{row.public_id}",
    )
    forests.decide(opened, fact)
    row.credited_minor, row.reason, row.vests_at = 0, Unattributed.DENIED, None
