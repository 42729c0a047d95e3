"""Callers of every kind: signed in, with a token of the extension, with a token of a partner."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlmodel import Session

from server import clock, tokens
from server.services import authorizations, clients
from server.settings import Settings
from server.store import oauth_clients
from server.store.connection import Database
from tests import make

SignIn = Callable[..., int]
Tokens = Callable[..., str]


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    """Sign a browser in as a subject of the demo provider, by the real sessions, without HTTP.

    ``sign_in(client, "ada")`` returns the member's id; a member who is missing is made.
    """

    def as_subject(client: FlaskClient, subject: str = "ada") -> int:
        with database.transaction() as db:
            member_id = make.member(db, subject, now=clock.now())
        with client.session_transaction() as session:
            session.clear()
            session["_user_id"] = str(member_id)
            session["_fresh"] = True
        return member_id

    return as_subject


@pytest.fixture
def csrf_token() -> Callable[[FlaskClient], str]:
    """Give the token that a browser's forms carry.

    ``client.post(path, data={"csrf_token": csrf_token(client)})``
    """

    def of_client(client: FlaskClient) -> str:
        with client.session_transaction() as session:
            raw = session.setdefault("csrf_token", tokens.secret())
        signer = URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    return of_client


@pytest.fixture
def app_token(database: Database, settings: Settings) -> Tokens:
    """Return an access token of the extension for a member: ``app_token(member_id)``."""

    def for_member(member_id: int, scope: str = " ".join(clients.APP_SCOPES)) -> str:
        with database.transaction() as db:
            now = clock.now()
            clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
            return _token(db, client_id=clients.EXTENSION, member_id=member_id, scope=scope)

    return for_member


@pytest.fixture
def partner_token(database: Database) -> Tokens:
    """Return an access token of a new partner client of a brand: ``partner_token(brand_id)``."""

    def for_brand(brand_id: int, scope: str = " ".join(clients.PARTNER_SCOPES)) -> str:
        with database.transaction() as db:
            made = make.partner(db, brand_id)
            return _token(db, client_id=made.client_id, member_id=None, scope=scope)

    return for_brand


@pytest.fixture
def extension(database: Database, settings: Settings) -> Iterator[str]:
    """Return the address to which the extension's sign-in returns; its client exists."""
    with database.transaction() as db:
        clients.ensure_extension(
            db, redirect_uris=settings.extension_redirect_uris, now=clock.now()
        )
    return settings.extension_redirect_uris[0]


@pytest.fixture
def browser(app: Flask) -> Callable[[], FlaskClient]:
    """Open one more browser without cookies with each call."""
    return app.test_client


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries an access token."""
    return {"Authorization": f"Bearer {token}"}


def _token(db: Session, *, client_id: str, member_id: int | None, scope: str) -> str:
    row = oauth_clients.find(db, client_id)
    assert row is not None
    assert row.id is not None
    token = tokens.secret()
    authorizations.keep_token(
        db,
        client_id=row.id,
        member_id=member_id,
        scope=scope,
        access_token=token,
        refresh_token=tokens.secret() if member_id else None,
        now=clock.now(),
    )
    return token
