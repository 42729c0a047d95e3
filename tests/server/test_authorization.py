"""The authorization server as its clients meet it."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import select

from server import clock
from server.services import authorizations, clients
from server.store import tables
from server.store.connection import Database
from server.store.oauth_tokens import OAuthToken
from server.web import caller
from tests import make
from tests.server.conftest import bearer

EXTENSION = "fanfare-extension"
VERIFIER = "a-verifier-that-nobody-else-knows-0123456789abcdef"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().strip("=")
ALL = "offers:read shares:write referrals:write wallet:read"


@pytest.fixture
def returns_to(extension: str) -> str:
    return extension


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


def refresh(client: FlaskClient, token: str, **changed: str):
    form = {"grant_type": "refresh_token", "client_id": EXTENSION, "refresh_token": token}
    return client.post("/oauth/token", data=form | changed)


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


def everything_in(database: Database) -> str:
    """Return the text of every row of every table."""
    with database.reading() as db:
        return "\n".join(
            str(tuple(row))
            for table in tables.METADATA.sorted_tables
            for row in db.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608 - our names
        )


class TestAuthorize:
    def test_asks_in_plain_words(self, client, sign_in, returns_to):
        sign_in(client, "ada")

        page = client.get("/oauth/authorize", query_string=asked(returns_to))

        assert page.status_code == 200
        assert "Fanfare browser extension" in page.text
        for sentence in clients.APP_SCOPES.values():
            assert sentence in page.text
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert returns_to.rstrip("/") in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"

    def test_names_only_what_is_asked_for(self, client, sign_in, returns_to):
        sign_in(client, "ada")

        page = client.get(
            "/oauth/authorize", query_string=asked(returns_to, scope="wallet:read")
        ).text

        assert clients.APP_SCOPES["wallet:read"] in page
        assert clients.APP_SCOPES["shares:write"] not in page

    def test_leads_through_sign_in_and_back(self, client, returns_to):
        answer = client.get("/oauth/authorize", query_string=asked(returns_to))

        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=%2Foauth%2Fauthorize%3F")
        back = answered(answer.location)["next"]
        assert answered(back) == asked(returns_to)

    def test_answers_with_a_code_the_state_and_the_issuer(
        self, client, sign_in, returns_to, csrf_token, settings
    ):
        sign_in(client, "ada")

        answer = client.post(
            "/oauth/authorize",
            query_string=asked(returns_to),
            data={"csrf_token": csrf_token(client), "decision": "allow"},
        )

        query = answered(answer.location)
        assert query["state"] == "s t/a&te"
        assert query["iss"] == settings.site_url
        assert len(query["code"]) == 43

    @pytest.mark.parametrize("decision", ["deny", "", "ALLOW"])
    def test_gives_no_code_unless_the_person_allows_it(
        self, client, sign_in, returns_to, csrf_token, decision
    ):
        sign_in(client, "ada")

        answer = client.post(
            "/oauth/authorize",
            query_string=asked(returns_to),
            data={"csrf_token": csrf_token(client), "decision": decision},
        )

        query = answered(answer.location)
        assert query["error"] == "access_denied"
        assert "code" not in query
        assert query["state"] == "s t/a&te"

    def test_believes_no_decision_from_another_site(self, client, sign_in, returns_to):
        sign_in(client, "ada")

        answer = client.post(
            "/oauth/authorize", query_string=asked(returns_to), data={"decision": "allow"}
        )

        assert answer.status_code in {400, 403}
        assert answer.location is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"client_id": None},
            {"client_id": "nobody"},
            {"client_id": 'no"body é'},
            {"redirect_uri": None},
            {"redirect_uri": "https://evil.example/"},
            {"redirect_uri": 'https://evil.example/"\\é'},
            {"redirect_uri": "https://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org"},
            {"redirect_uri": "https://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org/?x=1"},
            {"redirect_uri": "https://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org/a"},
            {"redirect_uri": "HTTPS://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org/"},
            {"redirect_uri": "http://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org/"},
        ],
    )
    def test_sends_nobody_to_an_address_that_is_not_registered(
        self, client, sign_in, returns_to, csrf_token, changed
    ):
        sign_in(client, "ada")
        query = asked(returns_to, **changed)

        for answer in (
            client.get("/oauth/authorize", query_string=query),
            client.post(
                "/oauth/authorize",
                query_string=query,
                data={"csrf_token": csrf_token(client), "decision": "allow"},
            ),
        ):
            assert answer.status_code == 400
            assert answer.location is None
            assert "cannot be answered" in answer.text

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": 'x"\\é'}, "unsupported_response_type"),
            ({"response_type": None}, "unsupported_response_type"),
            ({"scope": "offers:read codes:redeem"}, "invalid_scope"),
            ({"scope": 'é"'}, "invalid_scope"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge": CHALLENGE + "é"}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ],
    )
    def test_tells_the_client_what_was_wrong(self, client, sign_in, returns_to, changed, error):
        sign_in(client, "ada")

        answer = client.get("/oauth/authorize", query_string=asked(returns_to, **changed))

        assert answer.status_code == 302
        assert answer.location.startswith(returns_to + "?")
        query = answered(answer.location)
        assert query["error"] == error
        assert query["state"] == "s t/a&te"

    def test_refuses_a_parameter_that_stands_there_twice(self, client, sign_in, returns_to):
        sign_in(client, "ada")

        answer = client.get(
            "/oauth/authorize",
            query_string=[*asked(returns_to).items(), ("scope", "offers:read")],
        )

        assert answer.status_code == 400

    def test_is_not_for_partners(self, client, sign_in, database, returns_to):
        sign_in(client, "ada")
        with database.transaction() as db:
            partner = make.partner(db, make.brand(db))

        answer = client.get(
            "/oauth/authorize", query_string=asked(returns_to, client_id=partner.client_id)
        )

        assert answer.status_code == 400


@pytest.mark.usefixtures("probe")
class TestCode:
    def test_brings_tokens_that_act_for_the_person(self, client, sign_in, allow, exchange):
        ada = sign_in(client, "ada")

        answer = exchange(allow(client))

        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_type == "application/json"
        tokens = answer.json
        assert tokens["token_type"] == "Bearer"
        assert tokens["expires_in"] == 900
        assert tokens["scope"] == ALL
        for address in ("/api/test/offers", "/api/test/wallet"):
            assert client.get(address, headers=bearer(tokens["access_token"])).json == {
                "member": ada
            }

    def test_is_kept_as_a_hash_like_every_token(self, client, sign_in, allow, exchange, database):
        sign_in(client, "ada")
        code = allow(client)
        tokens = exchange(code).json
        fresh = refresh(client, tokens["refresh_token"]).json
        with database.transaction() as db:
            partner = make.partner(db, make.brand(db))

        kept = everything_in(database)

        assert EXTENSION in kept  # the search would find what is there
        cookie = client.get_cookie("fanfare_session").value
        secrets = [code, cookie, partner.client_secret]
        secrets += [
            token[kind] for token in (tokens, fresh) for kind in ("access_token", "refresh_token")
        ]
        assert not [secret for secret in secrets if secret in kept]

    @pytest.mark.parametrize(
        "changed",
        [
            {"code_verifier": "another-verifier-0123456789-0123456789-0123456789"},
            {"code_verifier": None},
            {"code_verifier": "é" * 50},
            {"code_verifier": CHALLENGE},
            {"redirect_uri": "https://evil.example/"},
            {"redirect_uri": None},
            {"code": "unknown"},
            {"code": None},
            {"client_id": None},
            {"client_id": "nobody"},
        ],
    )
    def test_needs_all_that_belongs_to_it(
        self, client, sign_in, allow, exchange, database, changed
    ):
        sign_in(client, "ada")
        code = allow(client)

        answer = exchange(code, **changed)

        assert answer.status_code in {400, 401}
        assert answer.json["error"] in {"invalid_grant", "invalid_request", "invalid_client"}
        with database.reading() as db:
            assert db.exec(select(OAuthToken)).all() == []

    def test_lasts_a_minute(self, client, sign_in, allow, exchange, settings):
        sign_in(client, "ada")
        code = allow(client)
        clock.travel(settings.clock_file, timedelta(seconds=61))

        assert exchange(code).json["error"] == "invalid_grant"

    def test_used_twice_ends_what_it_brought(self, client, sign_in, allow, exchange):
        sign_in(client, "ada")
        other = exchange(allow(client)).json
        code = allow(client)
        tokens = exchange(code).json

        assert exchange(code).json["error"] == "invalid_grant"

        used = client.get("/api/test/offers", headers=bearer(tokens["access_token"]))
        assert used.status_code == 401
        assert refresh(client, tokens["refresh_token"]).json["error"] == "invalid_grant"
        spared = client.get("/api/test/offers", headers=bearer(other["access_token"]))
        assert spared.status_code == 200

    def test_does_not_help_another_client(self, client, sign_in, allow, exchange, database):
        sign_in(client, "ada")
        with database.transaction() as db:
            partner = make.partner(db, make.brand(db))
        code = allow(client)

        answer = exchange(code, client_id=partner.client_id, client_secret=partner.client_secret)

        assert answer.json["error"] in {"unauthorized_client", "invalid_client"}
        assert exchange(code).status_code == 200

    def test_gives_no_more_than_was_allowed(self, client, sign_in, allow, exchange):
        sign_in(client, "ada")
        tokens = exchange(allow(client, scope="wallet:read")).json

        assert tokens["scope"] == "wallet:read"
        header = bearer(tokens["access_token"])
        assert client.get("/api/test/wallet", headers=header).status_code == 200
        assert client.get("/api/test/offers", headers=header).status_code == 403
        wider = refresh(client, tokens["refresh_token"], scope="wallet:read offers:read")
        assert wider.json["error"] == "invalid_scope"


@pytest.mark.usefixtures("probe")
class TestAccessToken:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer unknown-token-0123456789",
            "Basic YWJj",
            "Bearer é\0",
        ],
    )
    def test_is_asked_for(self, client, header):
        headers = {} if header is None else {"Authorization": header}

        answer = client.get("/api/test/offers", headers=headers)

        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_lasts_a_quarter_of_an_hour(self, client, app_token, database, settings):
        with database.transaction() as db:
            ada = make.member(db, "ada")
        header = bearer(app_token(ada))

        clock.travel(settings.clock_file, timedelta(minutes=14, seconds=50))
        assert client.get("/api/test/offers", headers=header).status_code == 200
        clock.travel(settings.clock_file, timedelta(seconds=11))
        assert client.get("/api/test/offers", headers=header).status_code == 401

    def test_of_a_person_does_not_speak_for_a_brand(self, client, app_token, database):
        with database.transaction() as db:
            ada = make.member(db, "ada")
        token = app_token(ada, scope="offers:read codes:redeem")

        assert client.get("/api/test/codes", headers=bearer(token)).status_code == 403

    def test_of_a_brand_does_not_speak_for_a_person(self, client, partner_token, database):
        with database.transaction() as db:
            brand = make.brand(db)
        token = partner_token(brand, scope="offers:read codes:redeem")

        assert client.get("/api/test/offers", headers=bearer(token)).status_code == 403


@pytest.mark.usefixtures("probe")
class TestRefreshToken:
    @pytest.fixture
    def first(self, client, sign_in, allow, exchange) -> dict[str, str]:
        sign_in(client, "ada")
        answer = exchange(allow(client)).json
        assert isinstance(answer, dict)
        return answer

    def test_brings_new_tokens_each_time(self, client, first):
        second = refresh(client, first["refresh_token"]).json
        third = refresh(client, second["refresh_token"]).json

        assert len({t["refresh_token"] for t in (first, second, third)}) == 3
        assert len({t["access_token"] for t in (first, second, third)}) == 3
        header = bearer(third["access_token"])
        assert client.get("/api/test/wallet", headers=header).status_code == 200

    def test_that_comes_back_ends_its_family(self, client, first, sign_in):
        second = refresh(client, first["refresh_token"]).json
        header = bearer(second["access_token"])
        assert client.get("/api/test/offers", headers=header).status_code == 200

        stolen = refresh(client, first["refresh_token"])

        assert stolen.status_code == 400
        assert stolen.json["error"] == "invalid_grant"
        assert client.get("/api/test/offers", headers=header).status_code == 401
        owner = refresh(client, second["refresh_token"])
        assert owner.json["error"] == "invalid_grant"

    def test_lasts_sixty_days_from_its_last_use(self, client, first, settings):
        clock.travel(settings.clock_file, timedelta(days=59))
        second = refresh(client, first["refresh_token"]).json
        clock.travel(settings.clock_file, timedelta(days=59))
        third = refresh(client, second["refresh_token"]).json
        clock.travel(settings.clock_file, timedelta(days=60, seconds=1))

        assert refresh(client, third["refresh_token"]).json["error"] == "invalid_grant"

    def test_can_ask_for_less(self, client, first):
        less = refresh(client, first["refresh_token"], scope="wallet:read").json

        assert less["scope"] == "wallet:read"
        header = bearer(less["access_token"])
        assert client.get("/api/test/offers", headers=header).status_code == 403

    def test_is_worth_nothing_as_an_access_token(self, client, first):
        header = bearer(first["refresh_token"])

        assert client.get("/api/test/offers", headers=header).status_code == 401
        assert refresh(client, first["access_token"]).json["error"] == "invalid_grant"

    @pytest.mark.parametrize("changed", [{"client_id": "nobody"}, {"refresh_token": "unknown\0é"}])
    def test_needs_all_that_belongs_to_it(self, client, first, changed):
        answer = refresh(client, first["refresh_token"], **changed)

        assert answer.status_code == 400
        assert refresh(client, first["refresh_token"]).status_code == 200


@pytest.mark.usefixtures("probe")
class TestRevocation:
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_ends_the_family(self, client, sign_in, allow, exchange, kind):
        sign_in(client, "ada")
        first = exchange(allow(client)).json
        other = exchange(allow(client)).json

        answer = client.post("/oauth/revoke", data={"client_id": EXTENSION, "token": first[kind]})

        assert answer.status_code == 200
        header = bearer(first["access_token"])
        assert client.get("/api/test/offers", headers=header).status_code == 401
        assert refresh(client, first["refresh_token"]).json["error"] == "invalid_grant"
        header = bearer(other["access_token"])
        assert client.get("/api/test/offers", headers=header).status_code == 200

    def test_of_a_token_that_nobody_knows_is_no_error(self, client, returns_to):
        answer = client.post("/oauth/revoke", data={"client_id": EXTENSION, "token": "unknown"})

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"token": "x"}, "invalid_client"),
            ({"token": "x", "client_id": "nobody"}, "invalid_client"),
            ({"client_id": EXTENSION}, "invalid_request"),
            (
                {"client_id": EXTENSION, "token": "x", "token_type_hint": "é"},
                "unsupported_token_type",
            ),
        ],
    )
    def test_refuses_what_is_not_a_request(self, client, returns_to, form, error):
        answer = client.post("/oauth/revoke", data=form)

        assert answer.status_code in {400, 401}
        assert answer.json["error"] == error

    def test_leaves_the_tokens_of_others_alone(self, client, partner_token, database):
        with database.transaction() as db:
            berta, other = make.brand(db), make.brand(db, "other", hosts=())
            stranger = make.partner(db, other)
        token = partner_token(berta)

        client.post(
            "/oauth/revoke",
            data={
                "client_id": stranger.client_id,
                "client_secret": stranger.client_secret,
                "token": token,
            },
        )

        assert client.get("/api/test/codes", headers=bearer(token)).status_code == 200


@pytest.mark.usefixtures("probe")
class TestPartner:
    @pytest.fixture
    def coupondo(self, database) -> make.PartnerMade:
        with database.transaction() as db:
            make.partner(db, make.brand(db, "noise", hosts=()))
            return make.partner(db, make.brand(db))

    @staticmethod
    def get(client: FlaskClient, partner: make.PartnerMade, secret: str | None = None, **form: str):
        return client.post(
            "/oauth/token",
            auth=(partner.client_id, partner.client_secret if secret is None else secret),
            data={"grant_type": "client_credentials"} | form,
        )

    def test_speaks_for_its_own_brand(self, client, coupondo):
        token = self.get(client, coupondo).json

        assert token["expires_in"] == 900
        assert token["scope"] == " ".join(clients.PARTNER_SCOPES)
        assert "refresh_token" not in token
        seen = client.get("/api/test/codes", headers=bearer(token["access_token"])).json
        assert seen == {
            "brand": coupondo.brand_id,
            "client": coupondo.client_id,
            "title": "Coupondo",
        }

    def test_may_send_its_secret_in_the_form(self, client, coupondo):
        answer = client.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": coupondo.client_id,
                "client_secret": coupondo.client_secret,
                "scope": "codes:validate",
            },
        )

        assert answer.json["scope"] == "codes:validate"
        header = bearer(answer.json["access_token"])
        assert client.get("/api/test/codes", headers=header).status_code == 403

    @pytest.mark.parametrize("secret", ["", "wrong", "é\0"])
    def test_is_refused_with_another_secret(self, client, coupondo, secret):
        answer = self.get(client, coupondo, secret)

        assert answer.status_code == 401
        assert answer.json["error"] == "invalid_client"
        assert answer.headers["WWW-Authenticate"].startswith("Basic")

    @pytest.mark.parametrize("header", ["Basic", "Basic é", "Basic ////", "Basic YWJj", "Basic !"])
    def test_is_refused_with_a_broken_header(self, client, coupondo, header):
        answer = client.post(
            "/oauth/token",
            headers={"Authorization": header},
            data={"grant_type": "client_credentials"},
        )

        assert answer.status_code == 401
        assert answer.json["error"] == "invalid_client"

    def test_is_refused_without_a_secret_and_with_one_in_the_address(self, client, coupondo):
        form = {"grant_type": "client_credentials", "client_id": coupondo.client_id}

        assert client.post("/oauth/token", data=form).json["error"] == "invalid_client"
        answer = client.post(
            "/oauth/token", query_string={"client_secret": coupondo.client_secret}, data=form
        )
        assert answer.json["error"] == "invalid_client"

    @pytest.mark.parametrize("scope", ["wallet:read", "codes:redeem wallet:read", "é", "*"])
    def test_gets_no_scope_that_is_not_for_partners(self, client, coupondo, scope):
        answer = self.get(client, coupondo, scope=scope)

        assert answer.status_code == 400
        assert answer.json["error"] == "invalid_scope"

    def test_gets_no_token_as_a_person(self, client, coupondo):
        form = {"grant_type": "refresh_token", "refresh_token": "x"}

        answer = client.post(
            "/oauth/token", auth=(coupondo.client_id, coupondo.client_secret), data=form
        )

        assert answer.json["error"] in {"unauthorized_client", "invalid_client"}

    def test_that_is_revoked_gets_nothing_and_its_tokens_end(self, client, coupondo, database):
        header = bearer(self.get(client, coupondo).json["access_token"])
        with database.transaction() as db:
            clients.revoke(
                db,
                brand_id=coupondo.brand_id,
                client_id=coupondo.client_id,
                actor="test",
                now=clock.now(),
            )

        assert client.get("/api/test/codes", headers=header).status_code == 401
        assert self.get(client, coupondo).json["error"] == "invalid_client"

    def test_token_cannot_come_from_the_extension(self, client, returns_to):
        answer = client.post(
            "/oauth/token", data={"grant_type": "client_credentials", "client_id": EXTENSION}
        )

        assert answer.json["error"] in {"unauthorized_client", "invalid_client"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'é"\0'}, "unsupported_grant_type"),
        ({"grant_type": ["refresh_token", "refresh_token"]}, "invalid_request"),
    ],
)
def test_the_token_address_refuses_what_it_does_not_know(client, returns_to, form, error):
    answer = client.post("/oauth/token", data=form)

    assert answer.status_code == 400
    assert answer.json["error"] == error


def test_the_token_address_takes_forms_only(client, returns_to):
    answer = client.post("/oauth/token", json={"grant_type": "client_credentials"})

    assert answer.status_code == 400
    assert client.get("/oauth/token").status_code == 405


def test_the_server_describes_itself(client, settings):
    described = client.get("/.well-known/oauth-authorization-server").json

    assert described["issuer"] == settings.site_url
    assert described["token_endpoint"] == settings.site_url + "/oauth/token"
    assert described["code_challenge_methods_supported"] == ["S256"]
    assert set(ALL.split()) < set(described["scopes_supported"])


def test_an_insecure_host_header_changes_nothing(client, coupondo_form, returns_to):
    answer = client.post("/oauth/token", base_url="http://evil.example", data=coupondo_form)

    assert answer.status_code == 200


@pytest.fixture
def coupondo_form(database) -> dict[str, str]:
    with database.transaction() as db:
        partner = make.partner(db, make.brand(db))
    return {
        "grant_type": "client_credentials",
        "client_id": partner.client_id,
        "client_secret": partner.client_secret,
    }


def test_what_ended_a_day_ago_is_forgotten_and_what_lives_is_kept(
    client, sign_in, allow, exchange, database, settings
):
    sign_in(client, "ada")
    first = exchange(allow(client)).json
    with database.transaction() as db:
        partner = make.partner(db, make.brand(db))
    form = {"grant_type": "client_credentials"}
    client.post("/oauth/token", auth=(partner.client_id, partner.client_secret), data=form)

    def forget() -> int:
        with database.transaction() as db:
            return authorizations.remove_expired(db, now=clock.now())

    clock.travel(settings.clock_file, timedelta(hours=23))
    assert forget() == 0
    clock.travel(settings.clock_file, timedelta(hours=2))
    assert forget() == 2  # the code and the partner's token
    assert refresh(client, first["refresh_token"]).status_code == 200
    clock.travel(settings.clock_file, timedelta(days=62))
    assert forget() == 2  # both tokens of the family


@pytest.mark.usefixtures("probe")
class TestConnectedApps:
    def test_can_be_ended_by_their_person_alone(
        self, client, browser, sign_in, csrf_token, app_token, database
    ):
        ada = sign_in(client, "ada")
        dora = browser()
        sign_in(dora, "dora")
        header = bearer(app_token(ada))
        with database.reading() as db:
            (app,) = authorizations.connected(db, member_id=ada, now=clock.now())
        address = f"/connected-apps/{app.family}/revoke"

        assert dora.post(address, data={"csrf_token": csrf_token(dora)}).status_code == 404
        assert client.get("/api/test/offers", headers=header).status_code == 200

        answer = client.post(address, data={"csrf_token": csrf_token(client)})

        assert answer.status_code == 303
        assert client.get("/api/test/offers", headers=header).status_code == 401
        with database.reading() as db:
            assert authorizations.connected(db, member_id=ada, now=clock.now()) == []

    @pytest.mark.parametrize("family", ["unknown", "é"])
    def test_that_do_not_exist_are_not_found(self, client, sign_in, csrf_token, family):
        sign_in(client, "ada")

        answer = client.post(
            f"/connected-apps/{family}/revoke", data={"csrf_token": csrf_token(client)}
        )

        assert answer.status_code == 404
