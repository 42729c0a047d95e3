"""Signing in with real identity providers, over real HTTP redirects."""

import re
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from flask import Flask, jsonify
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from sqlmodel import select

from server import clock
from server.app import create_app
from server.demo.provider import create_provider
from server.settings import IdentityProvider, Settings
from server.store.connection import Database
from server.store.members import Member
from server.web import caller
from server.web.login import safe_next
from tests.ports import free_port
from tests.server.live import serving

SECRET = "the-secret-of-the-tests-0123456789"


def with_provider(settings: Settings, issuer: str, name: str = "demo") -> Settings:
    provider = IdentityProvider(
        name=name, title="The provider", issuer=issuer, client_id="fanfare", client_secret=SECRET
    )
    return Settings(**settings.model_dump() | {"identity_providers": [provider]})


def site(settings: Settings, database: Database) -> Flask:
    app = create_app(settings, database)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def who() -> str:
        return str(caller.customer().member_id)

    app.add_url_rule("/test/who", view_func=who)
    app.add_url_rule("/test/act", "act", view_func=who, methods=["POST"])
    return app


def members(database: Database) -> list[tuple[str, str]]:
    with database.reading() as db:
        return [(m.issuer, m.subject) for m in db.exec(select(Member).order_by(Member.id))]


def query(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def back(url: str) -> str:
    """Return the part of an address that a test client asks for."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="session")
def provider_url():
    """Serve the demo identity provider."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    app = create_provider(issuer, {"fanfare": SECRET}, "http://127.0.0.1:8000")
    with serving(app, port):
        yield issuer


@pytest.fixture
def browser(settings, database, provider_url) -> FlaskClient:
    """Return a browser at a site where one can sign in with the demo provider."""
    return site(with_provider(settings, provider_url), database).test_client()


def choose(departure: str, subject: str) -> str:
    """Choose a person at the demo provider; return where it sends the browser."""
    page = requests.get(departure, timeout=5)
    assert "Who are you today?" in page.text
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    answer = requests.post(
        urljoin(departure, action[1].replace("&amp;", "&")),
        data={"subject": subject},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


class TestDemoProvider:
    def test_signs_somebody_in_and_brings_them_where_they_wanted_to_go(
        self, browser, database, provider_url
    ):
        page = browser.get("/test/who?a=1&b=2")
        assert page.status_code == 303
        choices = browser.get(page.location)
        link = re.search(r'href="(/sign-in/demo[^"]*)"', choices.text)
        assert link is not None

        departure = browser.get(link[1])
        callback = choose(departure.location, "ada")
        answer = browser.get(back(callback))

        assert answer.status_code == 303
        assert answer.location == "/test/who?a=1&b=2"
        assert browser.get(answer.location).status_code == 200
        assert members(database) == [(provider_url, "ada")]

    def test_is_asked_for_the_identifier_alone_with_every_protection(self, browser):
        asked = query(browser.get("/sign-in/demo").location)

        assert asked["scope"] == "openid"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == "http://127.0.0.1:8000/sign-in/demo/callback"
        assert len(asked["state"]) >= 20
        assert len(asked["nonce"]) >= 20
        assert asked["state"] != query(browser.get("/sign-in/demo").location)["state"]

    def test_knows_the_same_person_again_and_others_apart(self, browser, database, provider_url):
        for subject in ("ada", "bela", "ada"):
            browser.get(back(choose(browser.get("/sign-in/demo").location, subject)))

        assert members(database) == [(provider_url, "ada"), (provider_url, "bela")]

    def test_replaces_the_session_so_that_a_planted_one_is_worth_nothing(self, browser, database):
        departure = browser.get("/sign-in/demo")
        planted = browser.get_cookie("fanfare_session").value

        browser.get(back(choose(departure.location, "ada")))

        assert browser.get_cookie("fanfare_session").value != planted
        mallory = browser.application.test_client()
        mallory.set_cookie("fanfare_session", planted)
        assert mallory.get("/test/who").status_code == 303

    def test_leaves_nothing_of_the_sign_in_and_no_trace_of_the_browser(self, browser):
        browser.get("/sign-in/demo")
        browser.get(back(choose(browser.get("/sign-in/demo").location, "ada")))

        with browser.session_transaction() as session:
            assert set(session) == {"_user_id", "_fresh"}

    def test_two_sign_ins_begun_at_once_both_end_well(self, browser):
        first = browser.get("/sign-in/demo?next=/one")
        second = browser.get("/sign-in/demo?next=/two")

        assert browser.get(back(choose(first.location, "ada"))).location == "/one"
        assert browser.get(back(choose(second.location, "ada"))).status_code == 403  # rotated
        assert browser.get("/test/who").status_code == 200

    def test_only_a_few_begun_sign_ins_are_remembered(self, browser):
        departures = [browser.get("/sign-in/demo").location for _ in range(12)]

        with browser.session_transaction() as session:
            states = {key.removeprefix("sign_in:") for key in session}

        assert states == {query(url)["state"] for url in departures[-8:]}

    def test_says_so_when_the_person_did_not_want_to(self, browser, database):
        callback = choose(browser.get("/sign-in/demo?next=/two").location, "")
        assert query(callback)["error"] == "access_denied"

        answer = browser.get(back(callback))

        assert answer.status_code == 403
        assert "You are not signed in" in answer.text
        assert "/sign-in?next=%2Ftwo" in answer.text
        assert members(database) == []

    def test_answers_a_callback_once(self, browser):
        callback = back(choose(browser.get("/sign-in/demo").location, "ada"))
        browser.get(callback)

        assert browser.get(callback).status_code == 403

    def test_signing_out_needs_the_form_and_ends_the_session(self, browser, csrf_token):
        browser.get(back(choose(browser.get("/sign-in/demo").location, "ada")))

        assert browser.post("/sign-out").status_code in {400, 403}
        assert browser.get("/test/who").status_code == 200

        answer = browser.post("/sign-out", data={"csrf_token": csrf_token(browser)})

        assert answer.status_code == 303
        assert browser.get("/test/who").status_code == 303

    def test_refuses_addresses_that_are_not_the_sites(self, provider_url):
        for address in ("https://evil.example/", 'http://127.0.0.1:8000/x"é', ""):
            answer = requests.get(
                f"{provider_url}/authorize",
                params={
                    "response_type": "code",
                    "client_id": "fanfare",
                    "scope": "openid",
                    "redirect_uri": address,
                    "nonce": "n",
                },
                timeout=5,
                allow_redirects=False,
            )
            assert answer.status_code == 400

    @pytest.mark.parametrize("changed", [{}, {"code_verifier": "v" * 50}])
    def test_gives_no_identity_without_the_verifier(self, browser, provider_url, changed):
        callback = choose(browser.get("/sign-in/demo").location, "ada")

        answer = requests.post(
            f"{provider_url}/token",
            auth=("fanfare", SECRET),
            data={
                "grant_type": "authorization_code",
                "code": query(callback)["code"],
                "redirect_uri": "http://127.0.0.1:8000/sign-in/demo/callback",
            }
            | changed,
            timeout=5,
        )

        assert answer.status_code == 400


class TestTampering:
    def test_with_the_state_is_refused(self, browser, database):
        callback = choose(browser.get("/sign-in/demo").location, "ada")
        state = query(callback)["state"]

        for wrong in (state[:-1], state + "x", "", "é"):
            answer = browser.get(back(callback.replace(state, wrong)))
            assert answer.status_code == 403
            assert "not started in this browser" in answer.text
        assert browser.get("/sign-in/demo/callback").status_code == 403
        assert members(database) == []

    def test_by_another_browser_is_refused(self, browser, database):
        callback = choose(browser.get("/sign-in/demo").location, "ada")
        other = browser.application.test_client()
        other.get("/sign-in/demo")

        assert other.get(back(callback)).status_code == 403
        assert members(database) == []

    def test_with_the_code_is_refused(self, browser, database):
        mine = choose(browser.get("/sign-in/demo").location, "ada")
        other = choose(browser.get("/sign-in/demo").location, "bela")

        swapped = mine.replace(query(mine)["code"], query(other)["code"])
        answer = browser.get(back(swapped))

        assert answer.status_code == 403  # the verifier belongs to the other code
        assert members(database) == []
        for code in ("", "unknown", "é"):
            begun = browser.get("/sign-in/demo").location
            state = query(begun)["state"]
            answer = browser.get(f"/sign-in/demo/callback?state={state}&code={code}")
            assert answer.status_code == 403

    def test_with_the_issuer_is_refused(self, browser, database):
        callback = choose(browser.get("/sign-in/demo").location, "ada")

        answer = browser.get(back(callback) + "&iss=https://evil.example")

        assert answer.status_code == 403
        assert members(database) == []

    def test_by_waiting_too_long_is_refused(self, settings, browser, database):
        callback = choose(browser.get("/sign-in/demo").location, "ada")
        clock.travel(settings.clock_file, clock.timedelta(seconds=3601))

        assert browser.get(back(callback)).status_code == 403
        assert members(database) == []

    def test_with_the_error_shows_no_words_of_others(self, browser):
        state = query(browser.get("/sign-in/demo").location)["state"]

        answer = browser.get(
            f"/sign-in/demo/callback?state={state}&error=<b>x&error_description=Send+money"
        )

        assert answer.status_code == 403
        assert "Send money" not in answer.text
        assert "<b>x" not in answer.text


class Impostor:
    """A provider whose answers a test writes."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.metadata = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
        }
        self.status = 200
        self.token: object = None
        self.sent: dict[str, str] = {}
        self.app = Flask(__name__)
        self.app.add_url_rule(
            "/.well-known/openid-configuration", view_func=lambda: jsonify(self.metadata)
        )
        self.app.add_url_rule("/token", "token", self.answer, methods=["POST"])
        self.app.add_url_rule("/jwks", "jwks", lambda: KeySet([self.key]).as_dict(private=False))

    def answer(self):
        return jsonify(self.token), self.status

    def claims(self, expected: str, /, **changed: object) -> dict[str, object]:
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": "fanfare",
            "sub": "ada",
            "nonce": expected,
            "iat": now,
            "exp": now + 600,
        }
        return {k: v for k, v in (claims | changed).items() if v is not None}

    def vouches(self, claims: dict[str, object], key: object = None, alg: str = "RS256") -> None:
        signing = key or self.key
        id_token = jwt.encode({"alg": alg, "kid": self.key.kid}, claims, signing, [alg])
        self.token = {"access_token": "x", "token_type": "Bearer", "id_token": id_token}


@pytest.fixture
def impostor():
    port = free_port()
    impostor = Impostor(f"http://127.0.0.1:{port}")
    with serving(impostor.app, port):
        yield impostor


@pytest.fixture
def at_impostor(settings, database, impostor) -> FlaskClient:
    return site(with_provider(settings, impostor.issuer), database).test_client()


def come_back(browser: FlaskClient, departure: str):
    state = query(departure)["state"]
    return browser.get(f"/sign-in/demo/callback?code=c&state={state}")


class TestWhatAProviderSays:
    def test_is_believed_when_all_of_it_holds(self, at_impostor, impostor, database):
        departure = at_impostor.get("/sign-in/demo").location
        impostor.vouches(impostor.claims(query(departure)["nonce"]))

        assert come_back(at_impostor, departure).status_code == 303
        assert members(database) == [(impostor.issuer, "ada")]

    @pytest.mark.parametrize(
        "changed",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"iss": "https://evil.example"},
            {"iss": None},
            {"aud": "somebody-else"},
            {"aud": ["somebody-else"], "azp": "fanfare"},
            {"aud": None},
            {"exp": 1},
            {"exp": None},
            {"sub": None},
            {"sub": 5},
        ],
    )
    def test_is_not_believed_when_a_claim_does_not_hold(
        self, at_impostor, impostor, database, changed
    ):
        departure = at_impostor.get("/sign-in/demo").location
        impostor.vouches(impostor.claims(query(departure)["nonce"], **changed))

        answer = come_back(at_impostor, departure)

        assert answer.status_code == 403
        assert "You are not signed in" in answer.text
        assert members(database) == []

    @pytest.mark.parametrize("subject", ["", "a" * 256, "Ada\n", "Ädä", "a\0b"])
    def test_is_not_kept_when_it_is_no_subject(self, at_impostor, impostor, database, subject):
        departure = at_impostor.get("/sign-in/demo").location
        impostor.vouches(impostor.claims(query(departure)["nonce"], sub=subject))

        assert come_back(at_impostor, departure).status_code in {403, 422}
        assert members(database) == []

    @pytest.mark.parametrize("forgery", ["another key", "shared secret", "none"])
    def test_is_not_believed_when_the_signature_is_not_its_own(
        self, at_impostor, impostor, database, forgery
    ):
        departure = at_impostor.get("/sign-in/demo").location
        impostor.metadata["id_token_signing_alg_values_supported"] = ["RS256", "HS256", "none"]
        claims = impostor.claims(query(departure)["nonce"])
        if forgery == "another key":
            impostor.vouches(claims, RSAKey.generate_key(2048))
        elif forgery == "shared secret":
            impostor.vouches(claims, OctKey.import_key(SECRET), "HS256")
        else:
            impostor.vouches(claims)
            assert isinstance(impostor.token, dict)
            _, content, _ = impostor.token["id_token"].split(".")
            impostor.token["id_token"] = f"eyJhbGciOiJub25lIn0.{content}."  # {"alg":"none"}

        assert come_back(at_impostor, departure).status_code == 403
        assert members(database) == []

    @pytest.mark.parametrize(
        ("status", "token", "answered"),
        [
            (200, {}, 403),
            (200, {"access_token": "x", "token_type": "Bearer"}, 403),
            (200, {"id_token": 5, "access_token": "x", "token_type": "Bearer"}, (403, 503)),
            (200, {"id_token": "a.b.c", "access_token": "x", "token_type": "Bearer"}, (403, 503)),
            (200, [], 503),
            (200, "x", 503),
            (400, {"error": "invalid_grant"}, 403),
            (401, {"error": "invalid_client", "error_description": "no"}, 403),
            (500, {}, 503),
        ],
    )
    def test_is_no_error_of_ours_whatever_it_is(
        self, at_impostor, impostor, database, status, token, answered
    ):
        departure = at_impostor.get("/sign-in/demo").location
        impostor.status, impostor.token = status, token

        answer = come_back(at_impostor, departure)

        assert answer.status_code in (answered if isinstance(answered, tuple) else (answered,))
        assert members(database) == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"issuer": "https://evil.example"},
            {"issuer": None},
            {"token_endpoint": None},
            {"jwks_uri": "http://evil.example/jwks"},
            {"authorization_endpoint": "http://evil.example/"},
            {"authorization_endpoint": 5},
            {"authorization_endpoint": "javascript:alert(1)"},
        ],
    )
    def test_about_itself_is_checked(self, at_impostor, impostor, changed):
        impostor.metadata |= changed

        answer = at_impostor.get("/sign-in/demo?next=/two")

        assert answer.status_code == 503
        assert "There is no answer as it should be" in answer.text
        assert "/sign-in?next=%2Ftwo" in answer.text

    def test_names_the_sender_when_it_promised_to(self, at_impostor, impostor, database):
        impostor.metadata["authorization_response_iss_parameter_supported"] = True
        departure = at_impostor.get("/sign-in/demo").location
        impostor.vouches(impostor.claims(query(departure)["nonce"]))

        assert come_back(at_impostor, departure).status_code == 403
        assert members(database) == []


def test_a_provider_that_is_down_is_a_page_and_not_an_error(settings, database):
    browser = site(
        with_provider(settings, f"http://127.0.0.1:{free_port()}"), database
    ).test_client()

    answer = browser.get("/sign-in/demo")

    assert answer.status_code == 503
    assert "try again" in answer.text


def test_a_provider_that_goes_down_on_the_way_is_one_too(settings, database):
    port = free_port()
    impostor = Impostor(f"http://127.0.0.1:{port}")
    browser = site(with_provider(settings, impostor.issuer), database).test_client()
    with serving(impostor.app, port):
        departure = browser.get("/sign-in/demo").location

    assert come_back(browser, departure).status_code == 503


def test_there_is_no_other_provider(browser):
    assert browser.get("/sign-in/other").status_code == 404
    assert browser.get("/sign-in/other/callback?state=x").status_code == 404


def test_the_page_says_what_is_kept(browser):
    page = browser.get("/sign-in")

    assert "Sign in with The provider" in page.text
    assert "We do not ask for your name, e-mail address or picture" in page.text


def test_the_page_says_so_when_nobody_can_sign_in(client):
    assert "no identity provider has been set up" in client.get("/sign-in").text


def test_who_is_signed_in_goes_on(client, sign_in):
    sign_in(client, "ada")

    assert client.get("/sign-in?next=/two").location == "/two"


def test_a_form_of_somebody_who_is_signed_out_leads_to_the_page(browser, csrf_token):
    answer = browser.post("/test/act", data={"csrf_token": csrf_token(browser)})

    assert answer.status_code == 303
    assert answer.location == "/sign-in"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "evil.example",
        "",
        "/" + "a" * 2000,
    ],
)
def test_nobody_is_led_to_another_site(browser, target):
    begun = browser.get("/sign-in/demo", query_string={"next": target})

    answer = browser.get(back(choose(begun.location, "ada")))

    assert answer.location == "/"


@trials(deadline=None)
@given(st.text(st.sampled_from("/\\:.@?#%aeh \t\r\n\x00\x7f\u2028\u00a0")) | st.text())
def test_whatever_is_asked_for_stays_on_this_site(target):
    goes_to = safe_next(target)

    as_a_browser_reads_it = re.sub(r"[\t\r\n]", "", goes_to.strip()).replace("\\", "/")
    seen = urlsplit(urljoin("https://fanfare.example/a/b", as_a_browser_reads_it))
    assert (seen.scheme, seen.netloc) == ("https", "fanfare.example")


@trials(deadline=None)
@given(
    st.from_regex(
        r"/[a-z0-9-]{1,10}(/[a-z0-9-]{1,10}){0,3}(\?[a-z]=[a-z0-9%/]{0,9})?", fullmatch=True
    )
)
def test_paths_of_this_site_stay_as_they_are(path):
    assert safe_next(path) == (path if not path.startswith(("/sign-in", "/sign-out")) else "/")
