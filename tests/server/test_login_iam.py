"""Signing in with an OpenID Connect server that others wrote: Canaille, by pytest-iam.

Canaille's memory joins the conditions of a search with "or": while a client has a code that was
not used, asking for another of its codes may find that one.  So each test leaves no code behind,
and none holds two at once.
"""

import uuid

import pytest
import requests

from server.settings import IdentityProvider, Settings
from tests.server.test_login import back, members, query, site

CALLBACK = "http://127.0.0.1:8000/sign-in/iam/callback"


@pytest.fixture(scope="session")
def iam_client(iam_server):
    """Register the site at the server."""
    client = iam_server.models.Client(
        client_id=str(uuid.uuid4()),
        client_secret=str(uuid.uuid4()),
        client_name="Fanfare",
        client_uri="http://127.0.0.1:8000",
        redirect_uris=[CALLBACK],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid"],
    )
    iam_server.backend.save(client)
    client.audience = [client]  # only who is kept can be named
    iam_server.backend.save(client)
    return client


@pytest.fixture
def browser(settings, database, iam_server, iam_client):
    """Return a browser at a site where one can sign in with the server."""
    provider = IdentityProvider(
        name="iam",
        title="The identity server",
        issuer=iam_server.url.rstrip("/"),
        client_id=iam_client.client_id,
        client_secret=iam_client.client_secret,
    )
    chosen = Settings(**settings.model_dump() | {"identity_providers": [provider]})
    yield site(chosen, database).test_client()
    iam_server.logout()
    for code in iam_server.backend.query(iam_server.models.AuthorizationCode):
        iam_server.backend.delete(code)


@pytest.fixture
def person(iam_server, iam_client):
    """Be somebody whom the server knows and who lets the site know who they are."""
    user = iam_server.random_user()
    iam_server.login(user)
    iam_server.consent(user, iam_client)
    return user


def follow(departure: str) -> str:
    """Go to the server and return where it sends the browser."""
    answer = requests.get(departure, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_signs_somebody_in(browser, database, iam_server, person):
    begun = browser.get("/sign-in/iam?next=/test/who")

    callback = follow(begun.location)
    assert callback.startswith(CALLBACK)
    answer = browser.get(back(callback))

    assert answer.status_code == 303
    assert answer.location == "/test/who"
    assert browser.get("/test/who").status_code == 200
    ((issuer, subject),) = members(database)
    assert issuer == iam_server.url.rstrip("/")
    assert subject == person.user_name


def test_knows_the_same_person_again_and_others_apart(
    browser, database, iam_server, iam_client, person
):
    other = iam_server.random_user()
    iam_server.consent(other, iam_client)
    for user in (person, other, person):
        iam_server.login(user)
        browser.get(back(follow(browser.get("/sign-in/iam").location)))

    assert [subject for _, subject in members(database)] == [person.user_name, other.user_name]


def test_refuses_an_answer_to_another_browser(browser, database, person):
    callback = follow(browser.get("/sign-in/iam").location)
    other = browser.application.test_client()
    other.get("/sign-in/iam")

    assert other.get(back(callback)).status_code == 403
    assert members(database) == []


@pytest.mark.parametrize("secret", ["verifier", "nonce"])
def test_refuses_an_answer_to_another_question(browser, database, person, secret):
    callback = follow(browser.get("/sign-in/iam").location)
    with browser.session_transaction() as session:
        key = f"sign_in:{query(callback)['state']}"
        session[key] = session[key] | {secret: "another-one-0123456789-0123456789-0123456789"}

    assert browser.get(back(callback)).status_code == 403
    assert members(database) == []


@pytest.mark.parametrize("sender", ["https://evil.example", None])
def test_refuses_an_answer_that_names_another_sender_or_none(browser, database, person, sender):
    answer = query(follow(browser.get("/sign-in/iam").location))
    assert answer["iss"]
    tampered = {k: v for k, v in (answer | {"iss": sender}).items() if v is not None}

    assert browser.get("/sign-in/iam/callback", query_string=tampered).status_code == 403
    assert members(database) == []


def test_says_so_when_the_person_did_not_want_to(browser, database, iam_server):
    user = iam_server.random_user()
    iam_server.login(user)
    departure = browser.get("/sign-in/iam").location

    answer = requests.post(departure, data={"answer": "deny"}, allow_redirects=False, timeout=10)

    assert answer.status_code == 302, answer.text
    assert query(answer.headers["Location"])["error"] == "access_denied"
    assert browser.get(back(answer.headers["Location"])).status_code == 403
    assert members(database) == []
