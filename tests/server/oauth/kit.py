"""What the extension sends and gets when it asks for tokens."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from sqlalchemy import text

from server.store import tables
from server.store.connection import Database

EXTENSION = "fanfare-extension"
VERIFIER = "a-verifier-that-nobody-else-knows-0123456789abcdef"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().strip("=")
ALL = "offers:read shares:write referrals:write wallet:read"


def asked(returns_to: str, **changed: str | None) -> dict[str, str]:
    """Return the query of an authorization request; None leaves a parameter out."""
    query: dict[str, str | None] = {
        "response_type": "code",
        "client_id": EXTENSION,
        "redirect_uri": returns_to,
        "scope": ALL,
        "state": "s t/a&te",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {key: value for key, value in (query | changed).items() if value is not None}


def answered(location: str) -> dict[str, str]:
    """Return the query with which a client is answered."""
    return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}


def refresh(client: FlaskClient, token: str, **changed: str):
    form = {"grant_type": "refresh_token", "client_id": EXTENSION, "refresh_token": token}
    return client.post("/oauth/token", data=form | changed)


def everything_in(database: Database) -> str:
    """Return the text of every row of every table."""
    with database.reading() as db:
        return "\n".join(
            str(tuple(row))
            for table in tables.METADATA.sorted_tables
            for row in db.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608 - our names
        )
