"""Human visits of 14 days as the nightly look at them needs them (``rewards.integrity``)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, bindparam
from sqlalchemy import select as rows_of
from sqlmodel import Session

from rewards import networks
from rewards.anomalies import Seen
from server.store.shares import Share
from server.store.visits import Visit

PERIOD = timedelta(days=networks.PERIOD_DAYS)

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]


def _look(network: str) -> Select[Any]:
    """Build the look once: each visit compares by the key that all of the period share."""
    return (
        rows_of(
            _SHARE.c.participant_id,
            _VISIT.c.clicked_at,
            _VISIT.c.engaged,
            _VISIT.c[network],
            _VISIT.c.device,
        )
        .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(
            _VISIT.c.offer_id == bindparam("offer_id"),
            _VISIT.c.device.is_not(None),
            _VISIT.c.clicked_at > bindparam("since"),
            _VISIT.c.clicked_at <= bindparam("until"),
        )
        .order_by(_VISIT.c.clicked_at, _VISIT.c.id)
    )


_BY_EVEN, _BY_ODD = _look("network_even"), _look("network_odd")


def of_offer(db: Session, *, offer_id: int, now: datetime) -> dict[int, list[Seen]]:
    """Return the visits of the last 14 days by participant, oldest first.

    Visits that nobody clicked, such as those of codes given in person, are not among them.
    """
    today = now.astimezone(UTC).toordinal()
    look = _BY_EVEN if networks.is_even_older(today) else _BY_ODD
    values = {"offer_id": offer_id, "since": now - PERIOD, "until": now}
    found: dict[int, list[Seen]] = {}
    for sharer, clicked_at, engaged, network, device in db.connection().execute(look, values):
        seen = Seen(
            at_s=int(clicked_at.timestamp()),
            engaged=bool(engaged),
            network=None if network is None else bytes(network).hex(),
            device=device,
        )
        found.setdefault(sharer, []).append(seen)
    return found
