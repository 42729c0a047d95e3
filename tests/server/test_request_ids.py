"""Every answer has a name, which its problem and our logs carry too."""

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

EVERYWHERE = [
    ("/", 200),
    ("/nothing-here", 404),
    ("/healthz", 200),
    ("/static/css/site.css", 200),
    ("/oauth/token", 405),
    ("/api/partner/v1/offers", 401),
    ("/api/nothing", 404),
    ("/wallet", 303),
]


@pytest.mark.parametrize(("path", "status"), EVERYWHERE)
def test_every_answer_has_a_name_of_its_own(client: FlaskClient, path: str, status: int):
    names = set()
    for _ in range(2):
        with client.get(path) as answer:
            assert answer.status_code == status
            names.add(answer.headers["X-Request-Id"])
    assert len(names) == 2
    assert all(len(name) >= 8 for name in names)


def test_the_name_that_a_caller_gives_is_taken_over(client: FlaskClient):
    for name in ("7f3c", "0a1b2c3d-0000-4000-8000-000000000000", "Root=1-67891233", "x" * 64):
        answer = client.get("/api/nothing", headers={"X-Request-Id": name})
        assert answer.headers["X-Request-Id"] == name
        assert answer.json["request_id"] == name


@pytest.mark.parametrize("name", ["", "x" * 65, "two words", "a,b", '"', "ü", "<b>", "a\x7fb"])
def test_a_name_that_would_need_quotes_is_not(client: FlaskClient, name: str):
    answer = client.get("/api/nothing", headers={"X-Request-Id": name})
    given = answer.headers["X-Request-Id"]
    assert given != name
    assert answer.json["request_id"] == given


def test_our_logs_carry_it(app: Flask, client: FlaskClient):
    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError

    bind = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[bind]) as logs:
        client.get("/bug", headers={"X-Request-Id": "mine"})
        client.get("/bug", headers={"X-Request-Id": "another"})
    assert [entry["request_id"] for entry in logs] == ["mine", "another"]
