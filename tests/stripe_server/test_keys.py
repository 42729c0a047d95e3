"""Whose key may do what, and what Connect changes about it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe as package
from stripe import AuthenticationError, StripeClient
from stripe._api_version import _ApiVersion
from stripe.oauth_error import InvalidClientError, InvalidGrantError, OAuthError

from tests.stripe_server import StripeServer

HERE = "https://fanfare.example/stripe/connected"


def client_with(stripe: StripeServer, key: str, **options: str) -> StripeClient:
    return StripeClient(key, base_addresses=stripe.base_addresses, **options)


class TestAKey:
    def test_opens_its_own_account(self, client: StripeClient, boots: str):
        own = client.v1.accounts.retrieve_current()
        assert (own.id, own.business_profile.name) == (boots, "Berta's Boots")
        assert client.v1.accounts.retrieve(boots).id == boots

    def test_sees_nothing_of_another_account(
        self, stripe: StripeServer, client: StripeClient, boots: str
    ):
        coupon = client.v1.coupons.create({"percent_off": 5})
        other = client_with(stripe, stripe.key(stripe.account("Another shop")))
        assert other.v1.coupons.list().data == []
        with pytest.raises(package.InvalidRequestError, match="No such coupon"):
            other.v1.coupons.retrieve(coupon.id)

    def test_of_another_account_is_refused(self, stripe: StripeServer, boots: str):
        stranger = client_with(
            stripe, stripe.key(stripe.account("Another shop")), stripe_account=boots
        )
        with pytest.raises(package.PermissionError, match="does not have access") as refusal:
            stranger.v1.coupons.list()
        assert refusal.value.http_status == 403
        assert refusal.value.error.code == "account_invalid"
        with pytest.raises(package.PermissionError):
            client_with(stripe, stripe.connect_secret, stripe_account="acct_none").v1.coupons.list()

    def test_that_is_wrong_or_missing_or_revoked_is_refused(
        self, stripe: StripeServer, client: StripeClient, boots: str
    ):
        with pytest.raises(AuthenticationError, match=r"Invalid API Key .*: sk_test_\*+mine"):
            client_with(stripe, "sk_test_not_mine").v1.coupons.list()
        assert requests.get(f"{stripe.address}/v1/coupons", timeout=5).status_code == 401
        stripe.revoke_key(stripe.key(boots))
        with pytest.raises(AuthenticationError):
            client.v1.coupons.list()


class TestARestrictedKey:
    def test_does_only_what_it_may(self, stripe: StripeServer, boots: str):
        key = stripe.restricted_key(boots, "coupon_write", "event_read")
        assert key.startswith("rk_test_")
        client = client_with(stripe, key)
        client.v1.coupons.create({"percent_off": 5})
        assert len(client.v1.coupons.list().data) == 1, "who may write may read"
        assert len(client.v1.events.list().data) == 1
        with pytest.raises(package.PermissionError, match="'rak_promotion_code_read'") as refusal:
            client.v1.promotion_codes.list()
        assert refusal.value.http_status == 403
        with pytest.raises(package.PermissionError, match="'rak_accounts_kyc_basic_read'"):
            client.v1.accounts.retrieve_current()

    def test_that_may_read_may_not_write(self, stripe: StripeServer, boots: str):
        client = client_with(stripe, stripe.restricted_key(boots, "coupon_read"))
        assert client.v1.coupons.list().data == []
        with pytest.raises(package.PermissionError, match="'rak_coupon_write'"):
            client.v1.coupons.create({"percent_off": 5})
        assert stripe.things(boots, "coupon") == []

    def test_has_only_permissions_that_there_are(self, stripe: StripeServer, boots: str):
        with pytest.raises(ValueError, match="coupons_write"):
            stripe.restricted_key(boots, "coupons_write")


class TestConnect:
    @pytest.fixture
    def platform(self, stripe: StripeServer) -> StripeClient:
        stripe.connect.redirect_uris.append(HERE)
        return client_with(stripe, stripe.connect_secret, client_id=stripe.connect_client_id)

    def visit(self, platform: StripeClient, **changes: str) -> dict[str, str]:
        """Go to the page as a browser does and return what comes back to the site."""
        wanted = {"scope": "read_write", "state": "s-1", "redirect_uri": HERE, **changes}
        page = platform.oauth.authorize_url(wanted)
        answer = requests.get(page, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(HERE)
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: value for name, [value] in back.items()}

    def connect(self, platform: StripeClient, **changes: str) -> package.OAuth.OAuthToken:
        code = self.visit(platform, **changes)["code"]
        return platform.oauth.token({"grant_type": "authorization_code", "code": code})

    def test_gives_the_platform_the_merchants_account(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.connect.visitor = boots
        back = self.visit(platform)
        assert (back["state"], back["scope"]) == ("s-1", "read_write")

        token = platform.oauth.token({"grant_type": "authorization_code", "code": back["code"]})

        assert token.stripe_user_id == boots
        assert (token.scope, token.token_type, token.livemode) == ("read_write", "bearer", False)
        assert stripe.connected(boots)
        platform.v1.coupons.create({"percent_off": 5}, {"stripe_account": boots})
        assert platform.v1.accounts.retrieve(boots).id == boots
        assert len(client_with(stripe, token.access_token).v1.coupons.list().data) == 1
        assert stripe.things(stripe.platform, "coupon") == []

    def test_asks_for_a_code_that_is_used_once_and_soon(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.connect.visitor = boots
        code = self.visit(platform)["code"]
        platform.oauth.token({"grant_type": "authorization_code", "code": code})
        with pytest.raises(InvalidGrantError, match="already been used"):
            platform.oauth.token({"grant_type": "authorization_code", "code": code})
        assert not stripe.connected(boots), "what the code gave is taken back"

        late = self.visit(platform)["code"]
        stripe.now += 301
        with pytest.raises(InvalidGrantError, match="does not exist"):
            platform.oauth.token({"grant_type": "authorization_code", "code": late})

    def test_takes_no_for_an_answer(self, stripe: StripeServer, platform: StripeClient, boots: str):
        stripe.connect.visitor, stripe.connect.agrees = boots, False
        assert self.visit(platform) == {
            "error": "access_denied",
            "error_description": "The user denied your request",
            "state": "s-1",
        }

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "everything"}, "invalid_scope"),
        ],
    )
    def test_says_what_is_wrong_with_the_question(
        self,
        stripe: StripeServer,
        platform: StripeClient,
        boots: str,
        changes: dict[str, str],
        error: str,
    ):
        stripe.connect.visitor = boots
        back = self.visit(platform, **changes)
        assert (back["error"], back["state"], "code" in back) == (error, "s-1", False)

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"code": "ac_none"}, "invalid_request"),
            ({"grant_type": "authorization_code"}, "invalid_grant"),
            ({"grant_type": "authorization_code", "code": "ac_none"}, "invalid_grant"),
            ({"grant_type": "authorization_code", "code": "ac", "color": "red"}, "invalid_request"),
        ],
    )
    def test_gives_no_token_for_nothing(self, platform: StripeClient, form: Any, error: str):
        with pytest.raises(OAuthError) as refusal:
            platform.oauth.token(form)
        assert (refusal.value.http_status, refusal.value.code) == (400, error)

    def test_sends_nobody_to_an_address_that_is_not_registered(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.connect.visitor = boots
        for page in (
            platform.oauth.authorize_url({"redirect_uri": "https://evil.example"}),
            platform.oauth.authorize_url({"client_id": "ca_none", "redirect_uri": HERE}),
        ):
            answer = requests.get(page, allow_redirects=False, timeout=5)
            assert answer.status_code == 400
            assert "Location" not in answer.headers

    def test_can_be_for_reading_alone(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.connect.visitor = boots
        token = self.connect(platform, scope="read_only")
        reader = client_with(stripe, token.access_token)
        assert reader.v1.coupons.list().data == []
        with pytest.raises(package.PermissionError):
            reader.v1.coupons.create({"percent_off": 5})

    @pytest.mark.parametrize("who", ["the merchant", "the platform"])
    def test_ends_when_one_of_them_wants_it_to(
        self, stripe: StripeServer, platform: StripeClient, boots: str, who: str
    ):
        stripe.connect.visitor = boots
        token = self.connect(platform)
        if who == "the merchant":
            stripe.deauthorize(boots)
        else:
            platform.oauth.deauthorize({"stripe_user_id": boots})

        assert not stripe.connected(boots)
        assert stripe.events[-1]["type"] == "account.application.deauthorized"
        assert stripe.events[-1]["data"]["object"]["id"] == stripe.connect_client_id
        with pytest.raises(package.PermissionError, match="may have been revoked"):
            platform.v1.coupons.list({}, {"stripe_account": boots})
        with pytest.raises(AuthenticationError):
            client_with(stripe, token.access_token).v1.coupons.list()
        with pytest.raises(InvalidClientError, match="not connected"):
            platform.oauth.deauthorize({"stripe_user_id": boots})

    def test_is_ended_by_the_application_that_has_it(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.let_connect(boots)
        with pytest.raises(InvalidClientError, match="No such application"):
            platform.oauth.deauthorize({"client_id": "ca_none", "stripe_user_id": boots})
        assert stripe.connected(boots)

    def test_is_for_the_platforms_key_alone(
        self, stripe: StripeServer, platform: StripeClient, boots: str, client: StripeClient
    ):
        stripe.connect.visitor = boots
        code = self.visit(platform)["code"]
        with pytest.raises(AuthenticationError):
            client.oauth.token({"grant_type": "authorization_code", "code": code})
        assert not stripe.connected(boots)

    def test_gives_a_new_token_for_a_refresh_token(
        self, stripe: StripeServer, platform: StripeClient, boots: str
    ):
        stripe.connect.visitor = boots
        old = self.connect(platform)
        new = platform.oauth.token(
            {"grant_type": "refresh_token", "refresh_token": old.refresh_token}
        )
        assert new.stripe_user_id == boots
        assert new.access_token != old.access_token
        with pytest.raises(InvalidGrantError):
            platform.oauth.token({"grant_type": "refresh_token", "refresh_token": "rt_none"})


class TestEveryAnswer:
    def test_has_an_id_and_the_version_that_was_asked_for(
        self, stripe: StripeServer, client: StripeClient
    ):
        answer = client.v1.coupons.list().last_response
        assert answer.headers["Request-Id"] == stripe.requests[-1].id
        assert answer.headers["Stripe-Version"] == _ApiVersion.CURRENT
        assert stripe.requests[-1].version == _ApiVersion.CURRENT

    def test_is_a_refusal_for_a_version_whose_shapes_we_do_not_know(
        self, stripe: StripeServer, boots: str
    ):
        old = client_with(stripe, stripe.key(boots), stripe_version="2019-01-01")
        with pytest.raises(package.InvalidRequestError, match="Invalid Stripe API version"):
            old.v1.coupons.list()

    def test_is_written_down_with_its_request(
        self, stripe: StripeServer, client: StripeClient, boots: str
    ):
        client.v1.coupons.create({"percent_off": 5}, {"idempotency_key": "k-1"})
        came = stripe.requests[-1]
        assert (came.method, came.path, came.status) == ("POST", "/v1/coupons", 200)
        assert (came.form, came.account_id) == ({"percent_off": "5"}, boots)
        assert (came.idempotency_key, came.replayed) == ("k-1", False)
