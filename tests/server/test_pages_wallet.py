"""A customer's pages: what they earned, what they shared, who brought them, what they connected."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from rewards import money
from server import clock, tokens
from server.services import authorizations, channels, clients, consents, wallets
from server.store import oauth_clients, visits
from server.store.codes import DiscountCode
from tests import make
from tests.server import pages_world


@pytest.fixture
def world(database):
    with database.transaction() as db:
        return pages_world.story(db)


@pytest.fixture
def ada(client, sign_in, world):
    assert sign_in(client, "ada") == world.ada
    return client


@pytest.fixture
def send(csrf_token):
    """Send a form the way a browser would: with its token."""

    def post(client, path, **fields):
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    return post


def wallet_of(database, member_id):
    with database.reading() as db:
        return wallets.of_member(db, member_id=member_id)


class TestWallet:
    def test_leads_to_sign_in_and_back(self, client):
        answer = client.get("/wallet")
        assert answer.status_code == 303
        assert answer.location == "/sign-in?next=%2Fwallet"

    def test_teaches_a_newcomer_what_to_do(self, client, sign_in):
        sign_in(client, "dora")
        assert "extension" in client.get("/wallet").text

    def test_shows_what_is_payable_pending_and_why(self, ada, database, world):
        (place,) = wallet_of(database, world.ada).places
        assert place.payable_minor > 0
        assert place.pending_minor > 0
        page = ada.get("/wallet").text
        for minor in (place.payable_minor, place.pending_minor):
            assert f"{minor // 100}.{minor % 100:02}" in page
        assert place.why.sentence in page
        assert place.why.worked in page
        assert "Boots that last" in page

    def test_draws_the_rule_with_the_numbers_of_the_engine(self, ada, database, world):
        (place,) = wallet_of(database, world.ada).places
        (picture,) = re.findall(r'<svg class="rule".*?</svg>', ada.get("/wallet").text, re.DOTALL)
        assert place.why.worked in picture, "for who does not see it"
        drawn = re.sub("<[^>]*>", "", picture.split("</desc>")[1])
        whole = place.why.numbers["branch_reward_parts"]
        for band in place.why.bands:
            assert money.text(band.credit_minor, "EUR") in drawn
        assert money.text_of_parts(whole, "EUR") in drawn
        assert not re.search(r"<script|style=|on\w+=|href", picture)

    def test_says_when_a_pending_order_becomes_payable(self, ada, database, world):
        (place,) = wallet_of(database, world.ada).places
        (waiting,) = [order for order in place.orders if order.vested_at is None]
        assert f'datetime="{waiting.vests_at:%Y-%m-%dT%H:%M:%SZ}"' in ada.get("/wallet").text

    def test_is_kept_out_of_caches(self, ada):
        assert ada.get("/wallet").headers["Cache-Control"] == "no-store"

    def test_shows_nothing_of_other_people(self, client, sign_in, world):
        sign_in(client, "bela")
        assert world.link not in client.get("/shares").text


class TestTakingACode:
    @pytest.fixture
    def take(self, send, ada, world):
        def for_ada(amount="", event_id=None, client=ada):
            path = f"/wallet/{world.offer.public_id}/codes"
            return send(client, path, amount=amount, event_id=event_id or str(uuid4()))

        return for_ada

    def test_gives_a_code_and_shows_it_with_its_qr_code(self, take, ada, world, database):
        answer = take("5.00")
        assert answer.status_code == 303
        (code,) = wallet_of(database, world.ada).places[0].codes
        assert code.value_minor == 500
        assert answer.location == f"/wallet#code-{code.code}"
        page = ada.get("/wallet").text
        assert f'id="code-{code.code}"' in page
        assert f'data-copy="{code.code}"' in page
        assert '<svg viewBox="' in page.split('class="qr"')[0]
        assert "Your code is worth 5.00\u00a0EUR." in page

    def test_takes_everything_when_the_amount_is_empty(self, take, world, database):
        (before,) = wallet_of(database, world.ada).places
        take()
        (after,) = wallet_of(database, world.ada).places
        assert after.codes[0].value_minor == before.takeable_minor
        assert after.payable_minor == before.payable_minor - before.takeable_minor

    def test_makes_it_for_one_buyer_by_a_fingerprint(self, take, send, ada, world, database):
        path = f"/wallet/{world.offer.public_id}/codes"
        sent = {"amount": "5.00", "event_id": str(uuid4())}
        send(ada, path, **sent, holder_ref="customer-77")
        (code,) = wallet_of(database, world.ada).places[0].codes
        assert code.is_personal
        assert "with your customer number alone" in ada.get("/wallet").text
        with database.reading() as db:
            kept = db.exec(select(DiscountCode)).one().holder_hash
        assert len(kept) == 64
        assert kept != tokens.kept("customer-77"), "a number is guessable: it needs a key"

    def test_says_that_a_customer_number_is_too_long_and_keeps_it(self, send, ada, world):
        path = f"/wallet/{world.offer.public_id}/codes"
        answer = send(ada, path, amount="5.00", event_id=str(uuid4()), holder_ref="7" * 101)
        assert answer.status_code == 422
        assert "at most 100 visible characters" in answer.text
        assert "7" * 101 in answer.text

    def test_can_be_put_back(self, take, send, ada, world, database):
        (before,) = wallet_of(database, world.ada).places
        take("5.00")
        (code,) = wallet_of(database, world.ada).places[0].codes
        answer = send(ada, f"/wallet/codes/{code.code}/return")
        assert answer.status_code == 303
        (after,) = wallet_of(database, world.ada).places
        assert after.payable_minor == before.payable_minor
        assert after.codes[0].state == "revoked"
        page = ada.get("/wallet").text
        assert "5.00\u00a0EUR are yours to take again." in page
        assert "Ended unused; its value came back to you." in page

    def test_can_be_put_back_by_its_holder_alone(
        self, take, send, browser, sign_in, world, database
    ):
        take("5.00")
        (code,) = wallet_of(database, world.ada).places[0].codes
        bela = browser()
        sign_in(bela, "bela")
        assert send(bela, f"/wallet/codes/{code.code}/return").status_code == 404
        (after,) = wallet_of(database, world.ada).places
        assert after.codes[0].state == "issued"

    def test_gives_one_code_for_a_form_that_is_sent_twice(self, take, world, database):
        event_id = str(uuid4())
        first = take("5.00", event_id)
        second = take("5.00", event_id)
        assert first.location == second.location
        assert len(wallet_of(database, world.ada).places[0].codes) == 1

    @pytest.mark.parametrize(
        ("amount", "sentence"),
        [
            ("1.00", "The smallest code is 5.00 EUR"),
            ("900", "more than what is payable"),
            ("0", "Type at least 0.01 EUR"),
            ("-5", "Type at least 0.01 EUR"),
            ("five", "is not an amount"),
            ("5.001", "too many decimals"),
            ("1e3", "is not an amount"),
            ("\u0665", "is not an amount"),
            ("<b>5</b>", "&lt;b&gt;5&lt;/b&gt;"),
        ],
    )
    def test_says_at_the_field_why_not(self, take, world, database, amount, sentence):
        answer = take(amount)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "<b>5" not in answer.text
        assert wallet_of(database, world.ada).places[0].codes == ()

    def test_reads_a_comma_and_spaces_the_way_people_type_them(self, take, world, database):
        assert take(" 5,50 ").status_code == 303
        assert wallet_of(database, world.ada).places[0].codes[0].value_minor == 550

    @pytest.mark.parametrize("event_id", ["x", "0", "'; drop"])
    def test_refuses_a_form_without_its_id(self, take, event_id):
        answer = take("5.00", event_id)
        assert answer.status_code == 422
        assert "This form is incomplete" in answer.text

    def test_refuses_another_amount_under_the_same_id(self, take):
        event_id = str(uuid4())
        take("5.00", event_id)
        assert take("6.00", event_id).status_code == 422

    def test_knows_no_offer_of_which_the_member_is_no_part(self, take, browser, sign_in):
        dora = browser()
        sign_in(dora, "dora")
        assert take("5.00", client=dora).status_code == 404

    def test_needs_the_token_of_the_form(self, ada, world, database):
        answer = ada.post(f"/wallet/{world.offer.public_id}/codes", data={"amount": "5.00"})
        assert answer.status_code == 400
        assert "reload the page" in answer.text
        assert wallet_of(database, world.ada).places[0].codes == ()


class TestShares:
    def test_lists_links_with_what_came_through_them(self, ada, world):
        page = ada.get("/shares").text
        assert f"http://127.0.0.1:8001/r/{world.link}" in page
        assert "WhatsApp" in page
        assert "<dt>Orders</dt><dd>2</dd>" in page

    def test_teaches_who_never_shared(self, client, sign_in):
        sign_in(client, "dora")
        assert "You have not shared anything yet" in client.get("/shares").text

    def test_withdraws_once_and_says_so(self, ada, send, world, database):
        for _ in range(2):
            assert send(ada, f"/shares/{world.link}/withdrawal").location == "/shares"
        (line,) = wallet_of(database, world.ada).shares
        assert line.withdrawn_at is not None
        page = ada.get("/shares").text
        assert "Withdrawn on" in page
        assert "/withdrawal" not in page

    def test_lets_nobody_withdraw_for_others(self, client, sign_in, send, world, database):
        sign_in(client, "bela")
        assert send(client, f"/shares/{world.link}/withdrawal").status_code == 404
        assert wallet_of(database, world.ada).shares[0].withdrawn_at is None

    def test_escapes_the_name_that_a_sharer_chose(self, client, sign_in, database, world):
        with database.transaction() as db:
            pages_world.share(
                db, world.ada, world.offer, clock.now(), name="<script>alert(1)</script>"
            )
        sign_in(client, "ada")
        page = client.get("/shares").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


class TestClaim:
    @pytest.fixture
    def visit(self, database, world):
        with database.transaction() as db:
            return pages_world.visit(db, world.link, clock.now())

    def send_claim(self, send, client, visit, **changes):
        fields = {
            "ff": visit,
            "event_id": str(uuid4()),
            "consent_hash": consents.text(consents.REFERRAL).hash,
        }
        return send(client, "/claim", **{**fields, **changes})

    def test_comes_back_to_the_claim_after_signing_in(self, client, visit):
        assert client.get(f"/claim?ff={visit}").location == f"/sign-in?next=%2Fclaim%3Fff%3D{visit}"

    def test_says_who_brought_the_friend_and_what_they_agree_to(self, client, sign_in, visit):
        sign_in(client, "dora")
        page = client.get(f"/claim?ff={visit}").text
        assert "Ada brought you to Boots that last" in page
        assert consents.text(consents.REFERRAL).text in page

    def test_says_until_when_and_that_it_can_be_taken_back(self, client, sign_in, visit):
        sign_in(client, "dora")
        page = client.get(f"/claim?ff={visit}").text
        until = clock.now() + timedelta(days=30)
        assert f'until <time datetime="{until:%Y-%m-%d}' in page
        assert 'href="/my-data"' in page
        assert "budget" not in page

    def test_says_before_anybody_agrees_why_it_cannot_be(
        self, ada, browser, sign_in, database, world, visit
    ):
        ida = browser()
        member_id = sign_in(ida, "ida")
        with database.transaction() as db:
            pages_world.share(db, member_id, world.offer, clock.now())
        for friend, words in ((ada, "This is your own link"), (ida, "already share this offer")):
            answer = friend.get(f"/claim?ff={visit}")
            assert answer.status_code == 422
            assert words in answer.text
            assert "Yes, I agree" not in answer.text

    def test_says_that_somebody_else_was_first(self, client, sign_in, database, world, visit):
        member_id = sign_in(client, "dora")
        with database.transaction() as db:
            other = pages_world.share(db, make.member(db, "ida"), world.offer, clock.now())
            make.claim(db, member_id, make.visit(db, other, now=clock.now()), now=clock.now())
        assert "Somebody else brought you" in client.get(f"/claim?ff={visit}").text

    def test_says_that_a_visit_is_too_long_ago(self, client, sign_in, database, world):
        sign_in(client, "dora")
        with database.transaction() as db:
            token = pages_world.visit(db, world.link, clock.now() - timedelta(days=31))
        assert "too long ago" in client.get(f"/claim?ff={token}").text

    def test_says_that_the_budget_is_spent_and_lets_the_friend_confirm(
        self, client, sign_in, database, world, visit, send
    ):
        with database.transaction() as db:
            earlier = clock.now() - timedelta(hours=1)
            token = pages_world.visit(db, world.link, earlier - timedelta(hours=1))
            pages_world.order(db, world.brand_id, token, "90000.00", earlier)
        sign_in(client, "dora")
        assert "budget for new rewards is spent" in client.get(f"/claim?ff={visit}").text
        assert "budget for new rewards is spent" in client.get(f"/f/{visit}").text
        assert self.send_claim(send, client, visit).status_code == 303

    def test_records_nothing_before_the_friend_says_yes(self, client, sign_in, visit, send):
        sign_in(client, "dora")
        client.get(f"/claim?ff={visit}")
        assert self.send_claim(send, client, visit).location == "/wallet"
        assert "Ada brought you" in client.get("/wallet").text

    def test_answers_a_repeated_form_like_the_first(self, client, sign_in, visit, send):
        sign_in(client, "dora")
        event_id = str(uuid4())
        for _ in range(2):
            answer = self.send_claim(send, client, visit, event_id=event_id)
            assert answer.status_code == 303

    def test_says_why_ones_own_link_does_not_count(self, ada, visit, send):
        answer = self.send_claim(send, ada, visit)
        assert answer.status_code == 422
        assert "This is your own link" in answer.text

    def test_takes_ones_own_visit_from_what_counts(self, ada, visit, send, database):
        with database.transaction() as db:
            row = visits.find_by_token(db, visit)
            row.verified_at = clock.now()
        self.send_claim(send, ada, visit)
        with database.transaction() as db:
            make.pass_time(db, clock.now())
            assert visits.find_by_token(db, visit).outcome == "own_visit"

    @pytest.mark.parametrize("token", ["", "nobody", "%00", "x" * 300])
    def test_says_that_a_visit_is_unknown(self, client, sign_in, token):
        sign_in(client, "dora")
        answer = client.get(f"/claim?ff={token}")
        assert answer.status_code in {400, 422}

    def test_asks_again_when_the_text_has_changed(self, client, sign_in, visit, send):
        sign_in(client, "dora")
        answer = self.send_claim(send, client, visit, consent_hash="0" * 64)
        assert answer.status_code == 422
        assert "Yes, I agree" in answer.text
        assert "has changed" in answer.text

    def test_escapes_names_and_titles(self, client, sign_in, database, world):
        with database.transaction() as db:
            offer = pages_world.published(db, world.brand_id, clock.now(), title='"><img src=x>')
            link = pages_world.share(db, world.ada, offer, clock.now(), name="<i>Ada</i>")
            token = pages_world.visit(db, link, clock.now())
        sign_in(client, "dora")
        page = client.get(f"/claim?ff={token}").text
        assert "&lt;i&gt;Ada&lt;/i&gt;" in page
        assert "<img" not in page


class TestConnectedApps:
    @pytest.fixture
    def connected(self, database, settings, sign_in, client):
        member_id = sign_in(client, "ada")
        with database.transaction() as db:
            now = clock.now() - timedelta(minutes=5)
            clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
            app = oauth_clients.find(db, clients.EXTENSION)
            authorizations.keep_token(
                db,
                client_id=app.id,
                member_id=member_id,
                scope="wallet:read",
                access_token=tokens.secret(),
                refresh_token=tokens.secret(),
                now=now,
            )
            (found,) = authorizations.connected(db, member_id=member_id, now=clock.now())
        return found.family

    @pytest.mark.usefixtures("connected")
    def test_says_what_each_app_may_do(self, client):
        page = client.get("/connected-apps").text
        assert clients.EXTENSION_TITLE in page
        assert clients.APP_SCOPES["wallet:read"] in page

    def test_disconnects_with_the_form_of_the_page(self, client, connected, send):
        page = client.get("/connected-apps").text
        path = page.split('<form method="post" action="')[1].split('"')[0]
        assert connected in path
        assert send(client, path).status_code == 303
        assert "No app is connected" in client.get("/connected-apps").text

    @pytest.mark.usefixtures("connected")
    def test_shows_nobody_the_apps_of_others(self, client, sign_in):
        sign_in(client, "bela")
        assert "No app is connected" in client.get("/connected-apps").text


def test_every_channel_has_a_title():
    assert all(re.search(r"\w", channel.title) for channel in channels.CHANNELS.values())
