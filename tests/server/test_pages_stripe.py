"""The owner's page about Stripe: connected by sign-in or key, watched, and disconnected."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlmodel import select

from server.services import stripe_accounts
from server.store import stripe_accounts as account_store
from server.store.audit import AuditEntry
from server.store.connection import Database
from server.store.stripe_accounts import StripeAccount
from tests import make
from tests.server import stripe_world
from tests.server.stripe_site import app, port, settings, shop, stripe
from tests.server.stripe_world import Shop

__all__ = ["app", "port", "settings", "shop", "stripe"]

A_MINUTE = timedelta(minutes=1)
HOME = "/brands/bertas-boots/stripe"


@pytest.fixture
def carl(client, sign_in, shop: Shop, database: Database):
    member_id = sign_in(client, "carl")
    with database.transaction() as db:
        make.team(db, shop.town.brand_id, member_id)
    return client


@pytest.fixture
def send(carl, csrf_token):
    def post(path, **fields):
        return carl.post(f"{HOME}{path}", data={"csrf_token": csrf_token(carl), **fields})

    return post


class TestByKey:
    def test_a_good_key_connects_and_is_kept_sealed(self, carl, send, shop: Shop, database):
        key = shop.stripe.restricted_key(shop.account, *stripe_world.KEY)
        assert "Not connected" in carl.get(HOME).text
        assert send("/key", key=f" {key} ").status_code == 303

        page = carl.get(HOME).text
        assert shop.account in page
        assert "Test mode" in page
        assert key not in page
        with database.reading() as db:
            (row,) = db.exec(select(StripeAccount))
            lines = db.exec(select(AuditEntry).where(AuditEntry.action == "stripe.connected")).all()
        assert key not in str(row.model_dump())
        assert stripe_world.key_of(shop) == key
        assert len(lines) == 1

    @pytest.mark.parametrize("key", ["", "sk_test_51abcdefghijkl", "rk_test_", "rk_test_51é" * 5])
    def test_what_is_no_restricted_key_is_refused_without_asking(self, send, shop: Shop, key):
        before = len(shop.stripe.requests)
        answer = send("/key", key=key)

        assert answer.status_code == 422
        assert "Enter a restricted key" in answer.text
        assert len(shop.stripe.requests) == before

    def test_a_key_that_stripe_does_not_know_is_refused(self, send):
        answer = send("/key", key="rk_test_" + "a" * 40)

        assert answer.status_code == 422
        assert "does not accept the key" in answer.text

    def test_a_key_that_may_not_read_what_we_need_is_told_what_it_lacks(self, send, shop: Shop):
        answer = send(
            "/key", key=shop.stripe.restricted_key(shop.account, "accounts_kyc_basic_read")
        )

        assert answer.status_code == 422
        assert "Stripe does not allow this" in answer.text

    def test_a_silent_stripe_changes_nothing(self, send, shop: Shop, database):
        shop.stripe.cut(5)
        key = shop.stripe.restricted_key(shop.account, *stripe_world.KEY)

        assert send("/key", key=key).status_code == 503
        with database.reading() as db:
            assert db.exec(select(StripeAccount)).all() == []

    def test_an_account_belongs_to_one_brand(self, send, shop: Shop, database):
        with database.transaction() as db:
            other = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
            stripe_accounts.connect(
                db,
                shop.means,
                brand_id=other,
                account=stripe_accounts.look(
                    shop.means, key=shop.stripe.restricted_key(shop.account, *stripe_world.KEY)
                ),
                key=None,
                actor="member:9",
                now=shop.town.now,
            )
        answer = send("/key", key=shop.stripe.restricted_key(shop.account, *stripe_world.KEY))

        assert answer.status_code == 409
        assert "another brand this one" in answer.text

    def test_where_a_key_may_make_no_endpoint_the_page_says_how_and_takes_its_secret(
        self, carl, send, shop: Shop
    ):
        permissions = [one for one in stripe_world.KEY if "webhook" not in one]
        send("/key", key=shop.stripe.restricted_key(shop.account, *permissions))
        shop.pass_time(A_MINUTE)
        page = carl.get(HOME).text
        assert "Stripe does not tell us anything yet" in page
        assert shop.view().public_id in page

        assert send("/secret", secret="nonsense").status_code == 422
        assert send("/secret", secret="whsec_abcdefgh12345678").status_code == 303
        assert "Stripe does not tell us anything yet" not in carl.get(HOME).text


class TestByConnect:
    def at_stripe(self, carl, shop: Shop) -> str:
        """Let Carl go to Stripe and come back; return the path at which he arrives."""
        shop.stripe.connect.visitor = shop.account
        departure = carl.get(f"{HOME}/departure").headers["Location"]
        assert parse_qs(urlsplit(departure).query)["scope"] == ["read_write"]
        answer = requests.get(departure, allow_redirects=False, timeout=10)
        arrival = urlsplit(answer.headers["Location"])
        return f"{arrival.path}?{arrival.query}"

    def test_the_owner_signs_in_at_stripe_and_comes_back(self, carl, shop: Shop):
        assert carl.get(self.at_stripe(carl, shop)).headers["Location"] == HOME

        account = shop.view()
        assert (account.account_ref, account.how) == (shop.account, "connect")
        taken = shop.take()
        shop.pass_time(A_MINUTE)
        assert [promotion["code"] for promotion in shop.promotions()] == [taken.code]

    def test_another_browser_cannot_arrive_in_carls_name(self, carl, shop: Shop, browser, sign_in):
        path = self.at_stripe(carl, shop)
        stranger = browser()
        sign_in(stranger, "dora")

        assert stranger.get(path).status_code == 403
        assert carl.get(path).status_code == 303
        assert carl.get(path).status_code == 403, "a state is good once"

    def test_who_says_no_is_not_connected(self, carl, shop: Shop):
        shop.stripe.connect.agrees = False
        answer = carl.get(self.at_stripe(carl, shop), follow_redirects=True)

        assert "you or Stripe said no" in answer.text
        assert "Not connected" in answer.text

    def test_a_code_that_stripe_does_not_know_connects_nothing(self, carl, shop: Shop):
        path = self.at_stripe(carl, shop)
        state = parse_qs(urlsplit(path).query)["state"][0]
        answer = carl.get(f"/stripe/arrival?state={state}&code=nonsense", follow_redirects=True)

        assert "Stripe did not connect the account" in answer.text

    def test_the_account_that_leaves_at_stripe_is_told_on_the_page(self, carl, shop: Shop):
        carl.get(self.at_stripe(carl, shop))
        shop.pass_time(A_MINUTE)
        shop.stripe.deauthorize(shop.account)
        shop.hear()
        shop.pass_time(A_MINUTE)

        assert "You ended our access at Stripe" in carl.get(HOME).text
        carl.get(self.at_stripe(carl, shop))
        assert shop.view().disconnected_at is None, "it can come back"


class TestDisconnecting:
    def test_codes_end_first_and_then_the_key_is_forgotten(self, carl, send, shop: Shop, database):
        send("/key", key=shop.stripe.restricted_key(shop.account, *stripe_world.KEY))
        shop.take()
        shop.pass_time(A_MINUTE)
        assert "switched off" in carl.get(f"{HOME}/disconnection").text
        assert send("/disconnection").status_code == 303
        assert "Disconnecting" in carl.get(HOME).text
        shop.pass_time(A_MINUTE)

        assert [promotion["active"] for promotion in shop.promotions()] == [False]
        assert shop.stripe.things(shop.account, "webhook_endpoint") == []
        with database.reading() as db:
            (row,) = db.exec(select(StripeAccount))
        assert (row.sealed_key, row.sealed_hook_secret) == (None, None)
        assert "You disconnected it here" in carl.get(HOME).text

    def test_an_account_by_connect_is_given_back(self, send, shop: Shop, carl):
        carl.get(TestByConnect().at_stripe(carl, shop))
        send("/disconnection")
        shop.pass_time(A_MINUTE)

        assert not shop.stripe.connected(shop.account)
        assert shop.view().disconnected_why == "by_team"

    def test_connecting_again_brings_the_codes_back(self, carl, send, shop: Shop):
        key = shop.stripe.restricted_key(shop.account, *stripe_world.KEY)
        send("/key", key=key)
        shop.take()
        shop.pass_time(A_MINUTE)
        send("/disconnection")
        shop.pass_time(A_MINUTE)
        send("/key", key=key)
        shop.pass_time(A_MINUTE)

        assert [promotion["active"] for promotion in shop.promotions()] == [True]

    def test_a_code_that_ended_meanwhile_ends_there_when_the_account_comes_back(
        self, carl, shop: Shop
    ):
        carl.get(TestByConnect().at_stripe(carl, shop))
        taken = shop.take()
        shop.pass_time(A_MINUTE)
        shop.stripe.deauthorize(shop.account)
        shop.hear()
        shop.pass_time(A_MINUTE)
        with shop.open():
            shop.till().redeem(taken.code)
        assert [promotion["active"] for promotion in shop.promotions()] == [True]

        carl.get(TestByConnect().at_stripe(carl, shop))
        shop.pass_time(A_MINUTE)
        assert [promotion["active"] for promotion in shop.promotions()] == [False]

    def test_a_key_that_was_revoked_does_not_keep_us_from_leaving(self, send, shop: Shop):
        key = shop.stripe.restricted_key(shop.account, *stripe_world.KEY)
        send("/key", key=key)
        shop.pass_time(A_MINUTE)
        shop.stripe.revoke_key(key)
        send("/disconnection")
        shop.pass_time(A_MINUTE)

        assert shop.view().disconnected_why == "by_team"


class TestWithoutTheSealingKey:
    """Somebody restored the database and not the keys."""

    @pytest.fixture
    def lost(self, carl, shop: Shop):
        shop.connect()
        shop.pass_time(A_MINUTE)
        shop.means = replace(shop.means, sealing_key="another")
        return carl

    def test_the_page_says_so_and_takes_the_key_again(self, lost, send, shop: Shop):
        shop.take()
        shop.pass_time(A_MINUTE)
        page = lost.get(HOME).text
        assert "Our own key no longer opens the one that was kept" in page
        assert "Replace the key" in page

        key = shop.stripe.restricted_key(shop.account, *stripe_world.KEY)
        assert send("/key", key=key).status_code == 303
        assert "Needs you" not in lost.get(HOME).text

    def test_the_account_can_be_left(self, send, lost, shop: Shop):
        send("/disconnection")
        shop.pass_time(A_MINUTE)

        assert shop.view().disconnected_why == "by_team"
        assert "You disconnected it here" in lost.get(HOME).text


def test_a_row_is_found_by_its_brand_alone(shop: Shop, database: Database):
    shop.connect()
    with database.transaction() as db:
        other = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        assert account_store.live_of_brand(db, other) is None
        assert stripe_accounts.of_brand(db, brand_id=other) is None
