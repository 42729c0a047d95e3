"""Where a brand's own systems are told what happened: added, changed, tested, removed."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from server import sealing, tokens
from server.errors import FieldInvalid, Invalid, NotFound
from server.services import audits, events
from server.store import brands
from server.store import webhook_deliveries as deliveries
from server.store import webhook_endpoints as store

AT_MOST = 10
OLD_SECRET_SIGNS_FOR = timedelta(hours=24)
DESCRIPTION_MAX = 80
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes endpoints, for which brand; ``key`` seals their secrets."""

    brand_id: int
    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One endpoint as its brand sees it; ``secret`` only in the answer that made it."""

    public_id: str
    url: str
    description: str
    types: tuple[str, ...]
    created_at: datetime
    old_secret_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None
    secret: str | None = field(default=None, repr=False)


def add(
    db: Session,
    *,
    by: Actor,
    url: str,
    description: str,
    types: Sequence[str],
    now: datetime,
) -> EndpointView:
    """Add an endpoint; its secret is in the answer and nowhere else.

    The caller checked that ``url`` is one that may be told something (``gateways/webhooks.py``).

    Raises:
        FieldInvalid: there is no such type of event, or the description is too long.
        Invalid: the brand has as many endpoints as it may have.

    """
    _check(description, types)
    brands.lock(db, by.brand_id)  # two who add the last one at once are counted one after the other
    if store.count(db, by.brand_id) >= AT_MOST:
        raise Invalid(f"A brand has at most {AT_MOST} endpoints; remove one that is not needed.")
    secret = _new_secret()
    row = store.WebhookEndpoint(
        public_id=tokens.public_id(),
        brand_id=by.brand_id,
        url=url,
        description=description.strip(),
        types=sorted(set(types)),
        secret=sealing.seal(by.key, secret),
        created_at=now,
    )
    db.add(row)
    db.flush()
    _note(db, by, row, "webhook.added", now, after=_described(row))
    return view(row, secret=secret)


def change(
    db: Session,
    *,
    by: Actor,
    public_id: str,
    url: str | None,
    description: str | None,
    types: Sequence[str] | None,
    now: datetime,
) -> EndpointView:
    """Change what is given of an endpoint.

    Raises:
        NotFound: the brand has no such endpoint.
        FieldInvalid: there is no such type of event, or the description is too long.

    """
    row = _lock(db, by, public_id)
    before = _described(row)
    _check(row.description if description is None else description, types or ())
    row.url = row.url if url is None else url
    row.description = row.description if description is None else description.strip()
    row.types = row.types if types is None else sorted(set(types))
    _note(db, by, row, "webhook.changed", now, before=before, after=_described(row))
    return view(row)


def rotate(db: Session, *, by: Actor, public_id: str, now: datetime) -> EndpointView:
    """Give an endpoint a new secret; the old one signs along for 24 hours.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    row = _lock(db, by, public_id)
    secret = _new_secret()
    row.old_secret, row.old_secret_until = row.secret, now + OLD_SECRET_SIGNS_FOR
    row.secret = sealing.seal(by.key, secret)
    _note(db, by, row, "webhook.rotated", now)
    return view(row, secret=secret)


def enable(db: Session, *, by: Actor, public_id: str, now: datetime) -> EndpointView:
    """Tell an endpoint again, beginning with what waited; one that is enabled stays so.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    row = _lock(db, by, public_id)
    if row.disabled_at is not None:
        row.disabled_at = row.disabled_why = row.failing_since = None
        assert row.id is not None
        deliveries.hurry(db, endpoint_id=row.id, now=now)
        _note(db, by, row, "webhook.enabled", now)
    return view(row)


def remove(db: Session, *, by: Actor, public_id: str, now: datetime) -> None:
    """Remove an endpoint; what waited for it is not told any more.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    row = _lock(db, by, public_id)
    row.removed_at = now
    row.secret, row.old_secret, row.old_secret_until = "", None, None
    _note(db, by, row, "webhook.removed", now, before={"url": row.url})


def send_test(db: Session, *, by: Actor, public_id: str, now: datetime) -> None:
    """Send a test to an endpoint, like every event: within seconds, and again if it fails.

    Raises:
        NotFound: the brand has no such endpoint.
        Invalid: the endpoint is disabled.

    """
    row = _lock(db, by, public_id)
    assert row.id is not None
    if row.disabled_at is not None:
        raise Invalid("This endpoint is disabled; enable it first.")
    test = events.WebhookTest("This is a test, and nothing happened.")
    events.deliver(db, brand_id=by.brand_id, event=test, endpoint_ids=[row.id], now=now)


def find(db: Session, *, brand_id: int, public_id: str) -> EndpointView:
    """Return a brand's endpoint.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    row = store.find(db, brand_id=brand_id, public_id=public_id)
    if row is None:
        raise NotFound("There is no such endpoint.")
    return view(row)


def of_brand(db: Session, *, brand_id: int) -> list[EndpointView]:
    """Return a brand's endpoints, oldest first."""
    return [view(row) for row in store.of_brand(db, brand_id)]


def view(row: store.WebhookEndpoint, *, secret: str | None = None) -> EndpointView:
    """Return an endpoint as its brand sees it."""
    return EndpointView(
        public_id=row.public_id,
        url=row.url,
        description=row.description,
        types=tuple(row.types),
        created_at=row.created_at,
        old_secret_until=row.old_secret_until,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
        secret=secret,
    )


def _lock(db: Session, by: Actor, public_id: str) -> store.WebhookEndpoint:
    row = store.find(db, brand_id=by.brand_id, public_id=public_id)
    if row is None or row.id is None:
        raise NotFound("There is no such endpoint.")
    return store.lock(db, row.id)


def _check(description: str, types: Sequence[str]) -> None:
    if len(description) > DESCRIPTION_MAX or not description.isprintable():
        raise FieldInvalid("description", f"Use at most {DESCRIPTION_MAX} visible characters.")
    if unknown := sorted(set(types) - set(events.ALL)):
        raise FieldInvalid("types", f"There is no event {unknown[0]!r}; see the documentation.")


def _described(row: store.WebhookEndpoint) -> dict[str, object]:
    return {"url": row.url, "description": row.description, "types": row.types}


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _note(
    db: Session,
    by: Actor,
    row: store.WebhookEndpoint,
    action: str,
    now: datetime,
    **changes: dict[str, object],
) -> None:
    db.flush()
    audits.note(
        db,
        brand_id=by.brand_id,
        actor=by.name,
        action=action,
        subject=f"webhook:{row.public_id}",
        now=now,
        **changes,
    )
