"""A person who allows the extension, and callers with its tokens."""

import pytest
from flask.testing import FlaskClient

from server.web import caller
from tests import make
from tests.server.oauth.kit import EXTENSION, VERIFIER, answered, asked


@pytest.fixture
def returns_to(extension: str) -> str:
    return extension


@pytest.fixture
def allow(returns_to, csrf_token):
    """Let the person at a browser allow the extension; return the code."""

    def decide(client: FlaskClient, **changed: str | None) -> str:
        answer = client.post(
            "/oauth/authorize",
            query_string=asked(returns_to, **changed),
            data={"csrf_token": csrf_token(client), "decision": "allow"},
        )
        assert answer.status_code == 302, answer.text
        assert answer.location.startswith(returns_to + "?")
        return answered(answer.location)["code"]

    return decide


@pytest.fixture
def exchange(client, returns_to):
    """Turn a code into tokens as the extension does."""

    def send(used: str, **changed: str | None):
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "client_id": EXTENSION,
            "redirect_uri": returns_to,
            "code": used,
            "code_verifier": VERIFIER,
        }
        return client.post(
            "/oauth/token", data={k: v for k, v in (form | changed).items() if v is not None}
        )

    return send


@pytest.fixture
def probe(app):
    """Give the app an address for the extension and one for partners."""

    def offers() -> dict[str, object]:
        return {"member": caller.app_user("offers:read").member_id}

    def wallet() -> dict[str, object]:
        return {"member": caller.app_user("wallet:read").member_id}

    def codes() -> dict[str, object]:
        partner = caller.partner("codes:redeem")
        return {"brand": partner.brand_id, "client": partner.client_id, "title": partner.title}

    app.add_url_rule("/api/test/offers", view_func=offers)
    app.add_url_rule("/api/test/wallet", view_func=wallet)
    app.add_url_rule("/api/test/codes", view_func=codes)


@pytest.fixture
def coupondo_form(database) -> dict[str, str]:
    with database.transaction() as db:
        partner = make.partner(db, make.brand(db))
    return {
        "grant_type": "client_credentials",
        "client_id": partner.client_id,
        "client_secret": partner.client_secret,
    }
