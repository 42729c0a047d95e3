"""When the database does not answer, people and programs are told so, and healthz still lives."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.settings import Settings
from server.store.connection import Database
from tests.server.conftest import SignIn, bearer


@pytest.fixture
def unplugged(app: Flask, client: FlaskClient, sign_in: SignIn, settings: Settings) -> FlaskClient:
    """Return Ada's browser, whose site has just lost its database."""
    sign_in(client, "ada")
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    app.extensions["fanfare"] = (settings, nowhere)
    return client


@pytest.mark.parametrize("path", ["/", "/wallet", "/sign-in", "/brands"])
def test_pages_say_so(unplugged: FlaskClient, path: str):
    answer = unplugged.get(path)

    assert answer.status_code == 503
    assert "does not answer" in answer.get_data(as_text=True)


def test_programs_get_a_problem(unplugged: FlaskClient):
    answer = unplugged.get("/api/extension/v1/wallet", headers=bearer("a" * 40))

    assert answer.status_code == 503
    assert answer.json["type"].endswith("/problems/unavailable")
    assert "psycopg" not in answer.get_data(as_text=True)


def test_the_process_is_live_but_not_ready(unplugged: FlaskClient):
    assert unplugged.get("/healthz").status_code == 200
    assert unplugged.get("/readyz").status_code == 503
