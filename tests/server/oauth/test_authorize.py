"""Asking a person, and turning their answer into a code."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server import clock
from server.services import clients
from server.store.oauth_tokens import OAuthToken
from tests import make
from tests.server.conftest import bearer
from tests.server.oauth.kit import (
    ALL,
    CHALLENGE,
    EXTENSION,
    answered,
    asked,
    everything_in,
    refresh,
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
