"""Tokens: given, refreshed, revoked, and never kept in clear."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from server import clock
from server.services import authorizations, clients, retention
from tests import make
from tests.server.conftest import bearer
from tests.server.oauth.kit import ALL, EXTENSION, refresh


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

    def test_names_the_person_in_the_same_way_each_time(
        self, client, first, sign_in, allow, exchange, browser, coupondo_form
    ):
        again = refresh(client, first["refresh_token"]).json
        other_device = browser()
        sign_in(other_device, "ada")
        other = exchange(allow(other_device)).json
        somebody = browser()
        sign_in(somebody, "bela")
        bela = exchange(allow(somebody)).json

        assert first["person"] == again["person"] == other["person"]
        assert re.fullmatch(r"[0-9a-f]{32}", first["person"])
        assert bela["person"] != first["person"]
        assert "person" not in client.post("/oauth/token", data=coupondo_form).json

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
            gone = retention.forget_old(db, now=clock.now())
            return gone["oauth_code"] + gone["oauth_token"]

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
