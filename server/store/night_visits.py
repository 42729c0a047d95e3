"""The human visits of one night's period, a batch of sharers at a time; no table of its own."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, func
from sqlalchemy import select as rows_of
from sqlmodel import Session

from rewards import networks
from rewards.anomalies import Seen
from server.store.shares import Share
from server.store.visits import Visit

VISITS_MAX = 20_000
"""How many visits of one sharer are looked at: the latest ones."""

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]
_IN_PERIOD = (
    _VISIT.c.offer_id == bindparam("offer_id"),
    _VISIT.c.clicked_at >= bindparam("since"),
    _VISIT.c.clicked_at < bindparam("until"),
    _VISIT.c.device.is_not(None),
)
_SHARERS = (
    rows_of(_SHARE.c.participant_id)
    .join(_VISIT, _VISIT.c.share_id == _SHARE.c.id)
    .where(*_IN_PERIOD)
    .distinct()
    .order_by(_SHARE.c.participant_id)
)


def _look(network: str) -> Select[Any]:
    """Build the look at one sharer: visits compare by the key that all of the period share."""
    latest = func.row_number().over(
        partition_by=_SHARE.c.participant_id, order_by=(_VISIT.c.clicked_at.desc(), _VISIT.c.id)
    )
    ranked = (
        rows_of(
            _SHARE.c.participant_id,
            _VISIT.c.clicked_at,
            _VISIT.c.engaged,
            _VISIT.c[network].label("network"),
            _VISIT.c.device,
            latest.label("place"),
        )
        .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(
            *_IN_PERIOD,
            _SHARE.c.participant_id.in_(bindparam("participant_ids", expanding=True)),
        )
        .subquery()
    )
    return rows_of(ranked).where(ranked.c.place <= VISITS_MAX)


_BY_EVEN, _BY_ODD = _look("network_even"), _look("network_odd")


def sharers(db: Session, *, offer_id: int, since: datetime, until: datetime) -> list[int]:
    """Return the participants through whose links somebody came, in the order of their ids."""
    values = {"offer_id": offer_id, "since": since, "until": until}
    return list(db.connection().execute(_SHARERS, values).scalars())


def of_participants(
    db: Session, participant_ids: list[int], *, offer_id: int, since: datetime, until: datetime
) -> dict[int, list[Seen]]:
    """Return the visits of some participants; those that nobody clicked are not among them."""
    values = {"offer_id": offer_id, "since": since, "until": until}
    rows = db.connection().execute(
        _BY_EVEN if networks.is_even_older(until.astimezone(UTC).toordinal()) else _BY_ODD,
        {**values, "participant_ids": participant_ids},
    )
    found: dict[int, list[Seen]] = {one: [] for one in participant_ids}
    for sharer, clicked_at, engaged, network, device, _ in rows:
        seen = Seen(
            at_s=int(clicked_at.timestamp()),
            engaged=bool(engaged),
            network=None if network is None else bytes(network).hex(),
            device=device,
        )
        found[sharer].append(seen)
    return found
