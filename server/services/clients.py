"""Programs that may ask for tokens: what they may do, and who may make or end them."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from server import tokens
from server.errors import Invalid, NotFound
from server.store import oauth_clients as store
from server.store import oauth_tokens
from server.store.audit import AuditEntry

EXTENSION = "fanfare-extension"
EXTENSION_TITLE = "Fanfare browser extension"

APP_SCOPES = {
    "offers:read": "See which offers there are.",
    "shares:write": "Record what you share, with your consent each time.",
    "referrals:write": "Record who brought you to an offer, when you confirm it.",
    "wallet:read": "See what you have earned, and your codes.",
}
"""What a person can allow a program, each in one sentence."""

PARTNER_SCOPES = {
    "codes:validate": "Ask whether a code can be used.",
    "codes:redeem": "Reserve codes, use them up and roll that back.",
    "conversions:write": "Report orders and refunds.",
    "webhooks:manage": "Choose where events are sent.",
}
"""What a brand's own back ends may do in the brand's name."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,48}")
_TITLE_MAX = 80


@dataclass(frozen=True, slots=True)
class Client:
    """One program that may ask for tokens now; ``brand_id`` is None for the extension."""

    id: int
    client_id: str
    title: str
    brand_id: int | None
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    secret_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientView:
    """One partner client as its brand sees it."""

    client_id: str
    title: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewClient:
    """What a brand gets to see once: the secret is kept only as a hash."""

    client_id: str
    client_secret: str = field(repr=False)


def ensure_extension(db: Session, *, redirect_uris: list[str], now: datetime) -> None:
    """See to it that the extension's client exists and returns to exactly these addresses."""
    known = store.lock(db, EXTENSION)
    if known is None:
        try:
            with db.begin_nested():  # the unique constraint decides which process was first
                db.add(
                    store.OAuthClient(
                        client_id=EXTENSION,
                        title=EXTENSION_TITLE,
                        scope=" ".join(APP_SCOPES),
                        redirect_uris=redirect_uris,
                        created_at=now,
                    )
                )
        except IntegrityError:
            known = store.lock(db, EXTENSION)
    if known is not None:
        known.redirect_uris = redirect_uris
        known.scope = " ".join(APP_SCOPES)
        known.title = EXTENSION_TITLE


def find(db: Session, *, client_id: str) -> Client | None:
    """Return the client that calls itself so, unless it was revoked."""
    if not _CLIENT_ID.fullmatch(client_id):
        return None
    row = store.find(db, client_id)
    if row is None or row.revoked_at is not None:
        return None
    assert row.id is not None
    return Client(
        id=row.id,
        client_id=row.client_id,
        title=row.title,
        brand_id=row.brand_id,
        scopes=tuple(row.scope.split()),
        redirect_uris=tuple(row.redirect_uris),
        secret_hash=row.secret_hash,
    )


def create(db: Session, *, brand_id: int, actor: str, title: str, now: datetime) -> NewClient:
    """Make a client for a brand's own back end; its secret is in the answer and nowhere else.

    Raises:
        Invalid: the title is empty, too long, or holds characters that cannot be shown.

    """
    title = title.strip()
    if not (0 < len(title) <= _TITLE_MAX and title.isprintable()):
        raise Invalid(f"Give the client a name of 1 to {_TITLE_MAX} characters.")
    new = NewClient(client_id=f"partner-{tokens.public_id()}", client_secret=tokens.secret())
    db.add(
        store.OAuthClient(
            client_id=new.client_id,
            title=title,
            brand_id=brand_id,
            secret_hash=tokens.kept(new.client_secret),
            scope=" ".join(PARTNER_SCOPES),
            created_at=now,
        )
    )
    _record(
        db,
        brand_id=brand_id,
        actor=actor,
        action="client.create",
        client_id=new.client_id,
        after={"title": title, "scopes": list(PARTNER_SCOPES)},
        now=now,
    )
    db.flush()
    return new


def of_brand(db: Session, *, brand_id: int) -> list[ClientView]:
    """Return every client of a brand, oldest first, the revoked ones too."""
    return [
        ClientView(
            client_id=row.client_id,
            title=row.title,
            scopes=tuple(row.scope.split()),
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in store.of_brand(db, brand_id)
    ]


def revoke(db: Session, *, brand_id: int, client_id: str, actor: str, now: datetime) -> None:
    """End a client and all its tokens; a second time changes nothing.

    Raises:
        NotFound: the brand has no such client.

    """
    row = store.lock(db, client_id) if _CLIENT_ID.fullmatch(client_id) else None
    if row is None or row.brand_id != brand_id:
        raise NotFound("This brand has no such client.")
    if row.revoked_at is not None:
        return
    row.revoked_at = now
    assert row.id is not None
    oauth_tokens.revoke_of_client(db, row.id, now=now)
    _record(
        db,
        brand_id=brand_id,
        actor=actor,
        action="client.revoke",
        client_id=client_id,
        before={"title": row.title},
        now=now,
    )


def _record(
    db: Session,
    *,
    brand_id: int,
    actor: str,
    action: str,
    client_id: str,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    db.add(
        AuditEntry(
            brand_id=brand_id,
            actor=actor,
            action=action,
            subject=client_id,
            before=before or {},
            after=after or {},
            at=now,
        )
    )
