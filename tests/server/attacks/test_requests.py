"""Cheats with requests: replayed, guessed, forged, tampered, too old, or for somebody else."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from sqlmodel import select

from server import clock, tokens
from server.services import authorizations, forests, offers
from server.store import oauth_clients
from server.store import offers as offer_store
from server.store.connection import Database
from server.store.stripe_events import StripeEvent
from tests import make
from tests.server.attacks.conftest import STRIPE_SECRET, Gains
from tests.server.attacks.scene import SEEN, Scene, send
from tests.server.attacks.test_people import earns
from tests.server.conftest import Tokens, bearer
from tests.server.links.process import Process
from tests.server.oauth.kit import EXTENSION
from tests.server.post_office import PostOffice
from tests.server.receivers import receiving
from tests.server.standard_webhooks import is_from
from tests.server.test_pages_offers import HOME, TYPED
from tests.stripe_server.webhooks import sign

AT_ONCE = 8


class TestReplays:
    def test_of_a_beacon(self, scene: Scene, links: Process, gains: Gains):
        token = links.click(scene.town.links["Ada"]).token
        nonce = json.loads(send(links, "open", {"token": token}).text)["nonce"]
        links.later(seconds=20)
        body = {"token": token, "nonce": nonce, **SEEN}

        with ThreadPoolExecutor(AT_ONCE) as threads:
            told = list(threads.map(lambda _: send(links, "seen", body).status, range(AT_ONCE)))

        assert Counter(told) == {204: 1, 409: AT_ONCE - 1}
        gains(
            "replayed beacon",
            sum(status == 204 for status in told) - 1,
            most_minor=0,
            because="a nonce is used once",
        )

    def test_of_a_reported_order(self, scene: Scene, gains: Gains):
        body = {"order_ref": "A-1", "visit_token": scene.visit("Ada")}
        scene.order("60.00", by="Ada", **body)
        before = scene.earned("Ada")

        for _ in range(3):
            scene.order("60.00", by="Ada", **body)
        larger = scene.post(
            "/conversions",
            {**body, "net_minor": 900_00, "currency": "EUR", "is_new_customer": True},
        )

        assert larger.status_code == 409
        assert scene.orders() == 1
        gains(
            "replayed order report",
            scene.earned("Ada") - before,
            most_minor=0,
            because="an order's reference is taken once, and its amount with it",
        )


class TestRefunds:
    def test_after_a_grant(self, scene: Scene, gains: Gains):
        earns(scene, "Ada")
        code = scene.takes("Ada")
        with scene.database.transaction() as db:
            (order,) = db.exec(select(make.conversions.store.Conversion))
            reported = make.conversions.view(db, order, is_new=False)
            make.refund(db, scene.town.brand_id, reported, now=clock.now())
        assert scene.use(code.code).status_code == 201, "who has the code may use it"
        scene.order("60.00", by="Ada")
        scene.everything_vests()

        kept = code.value_minor + scene.place("Ada").payable_minor
        gains(
            "refund after a grant",
            kept,
            most_minor=20_40,
            because="the code that was out, once; the next rewards pay it back first",
        )


class TestCodes:
    def test_guessed(self, scene: Scene, gains: Gains):
        earns(scene, "Ada")
        scene.takes("Ada")
        body = {"order_total_minor": 100_00, "currency": "EUR"}

        answers = [
            scene.post(f"/codes/{tokens.discount_code()}/validation", body) for _ in range(70)
        ]

        found = [answer for answer in answers if answer.status_code == 200]
        refused = Counter(answer.status_code for answer in answers)
        assert refused[429] >= 5, refused
        gains(
            "guessed code",
            len(found),
            most_minor=0,
            because="60 guesses a minute among 2 to the 60th codes",
        )

    def test_leaked(self, scene: Scene, gains: Gains):
        earns(scene, "Ada")
        code = scene.takes("Ada")

        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = list(threads.map(lambda _: scene.use(code.code), range(AT_ONCE)))

        used = [answer.json() for answer in answers if answer.status_code == 201]
        gains(
            "leaked code",
            sum(one["discount_minor"] for one in used),
            most_minor=code.value_minor,
            because="the code, once, at its holder's expense; a personal code: nothing",
        )

    def test_of_another_brand(
        self, scene: Scene, gains: Gains, database: Database, partner_token: Tokens
    ):
        earns(scene, "Ada")
        code = scene.takes("Ada").code
        with database.transaction() as db:
            coats = make.brand(db, "carls-coats", name="Carl's Coats", hosts=("coats.example",))
        token = partner_token(coats)

        used = scene.use(code, token=token)
        order = scene.order(by="Ada", token=token, code=code)

        assert (used.status_code, used.json()["key"]) == (422, "wrong_brand")
        assert order["reason"] == "unknown_visit"
        gains(
            "code of another brand",
            order["credited_minor"],
            most_minor=0,
            because="a code is its brand's alone",
        )


class TestBudget:
    def test_raced_for(self, scene: Scene, gains: Gains):
        with scene.database.transaction() as db:
            small = make.offer(
                db, scene.town.brand_id, now=scene.town.now, title="Small", budget_minor=20_00
            )
            link = make.share(db, scene.town.people["Ada"], small, now=scene.town.now).code
        scene.town.links["Ada"] = link

        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda _: scene.order("300.00", by="Ada"), range(AT_ONCE)))

        with scene.database.reading() as db:
            offer = offer_store.find_by_public_id(db, small.public_id)
            promised = offer.budget_minor - forests.remaining_minor(offer)
        assert promised > 19_00
        gains(
            "race for the budget",
            promised,
            most_minor=20_00,
            because="the budget, for sales that were real; never a cent more",
        )


class TestPartners:
    def test_a_fake_one(
        self, scene: Scene, gains: Gains, database: Database, partner_token: Tokens
    ):
        with database.transaction() as db:
            fake = make.brand(db, "fake-boots", name="Fake Boots", hosts=("fake.example",))
        order = scene.order("900.00", by="Ada", token=partner_token(fake))
        body = {"order_ref": "x", "net_minor": 1, "currency": "EUR", "is_new_customer": True}
        invented = scene.post("/conversions", body, token=tokens.secret())
        asked = requests.post(
            f"{scene.site}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("partner-8sJ2mVqXw4Lb", "guessed"),
            timeout=30,
        )

        assert order["reason"] == "unknown_visit"
        assert (invented.status_code, asked.status_code) == (401, 401)
        gains(
            "fake partner",
            scene.earned("Ada"),
            most_minor=0,
            because="a key speaks for one brand, and nobody else's visits exist for it",
        )

    def test_an_expired_token(self, scene: Scene, gains: Gains, database: Database):
        old = tokens.secret()
        with database.transaction() as db:
            client = oauth_clients.find(db, make.partner(db, scene.town.brand_id).client_id)
            authorizations.keep_token(
                db,
                client_id=client.id,
                member_id=None,
                scope="conversions:write",
                access_token=old,
                now=clock.now() - timedelta(minutes=16),
            )
        body = {"order_ref": "A-1", "net_minor": 900_00, "currency": "EUR"}
        late = scene.post(
            "/conversions",
            body | {"is_new_customer": True, "visit_token": scene.visit("Ada")},
            token=old,
        )

        assert late.status_code == 401
        gains(
            "expired token",
            scene.earned("Ada"),
            most_minor=0,
            because="a token works for 15 minutes",
        )

    def test_a_stolen_refresh_token(
        self, scene: Scene, gains: Gains, database: Database, app_token: Tokens
    ):
        ada = scene.town.people["Ada"]
        app_token(ada)  # makes the extension's client
        first = {"access_token": tokens.secret(), "refresh_token": tokens.secret()}
        with database.transaction() as db:
            client = oauth_clients.find(db, EXTENSION)
            scope = "wallet:read"
            authorizations.keep_token(
                db, client_id=client.id, member_id=ada, scope=scope, now=clock.now(), **first
            )

        def refreshed(token: str) -> requests.Response:
            form = {"grant_type": "refresh_token", "client_id": EXTENSION, "refresh_token": token}
            return requests.post(f"{scene.site}/oauth/token", data=form, timeout=30)

        def status(token: str) -> int:
            wallet = f"{scene.site}/api/extension/v1/wallet"
            return requests.get(wallet, headers=bearer(token), timeout=30).status_code

        stolen = refreshed(first["refresh_token"]).json()
        assert status(stolen["access_token"]) == 200, "until the owner comes"
        owner = refreshed(first["refresh_token"])

        assert owner.status_code == 400
        gains(
            "refresh token used again",
            sum(status(one["access_token"]) == 200 for one in (first, stolen)),
            most_minor=0,
            because="a second use ends everything that came of the first",
        )

    def test_time_travel(self, scene: Scene, gains: Gains):
        body = {"order_ref": "A-1", "net_minor": 900_00, "currency": "EUR"}
        ahead = scene.post(
            "/conversions",
            body
            | {
                "is_new_customer": True,
                "visit_token": scene.visit("Ada"),
                "ordered_at": (clock.now() + timedelta(days=30)).isoformat(),
            },
        )
        before_the_visit = scene.order(
            "900.00", by="Ada", ordered_at=(clock.now() - timedelta(days=3)).isoformat()
        )

        assert ahead.status_code == 422
        assert before_the_visit["reason"] == "too_fast"
        gains(
            "time travel by the client's clock",
            scene.earned("Ada"),
            most_minor=0,
            because="the server's clock counts; the future is refused, the past comes too soon",
        )


class TestForgeries:
    def test_a_tampered_webhook(self, scene: Scene, gains: Gains, database: Database):
        office = PostOffice(database, scene.town.brand_id, now=clock.now())
        with receiving() as shop:
            endpoint = office.add(shop.url)
            office.happens()
            office.sends()
            (sent,) = shop.requests
        secret = office.secrets[endpoint.public_id]
        assert is_from(secret, sent, now=office.now)

        dearer = replace(sent, body=sent.body.replace(b"500", b"90000"))
        renamed = replace(sent, headers=sent.headers | {"webhook-id": "evt_other"})
        late = office.now + timedelta(minutes=6)
        accepted = [
            is_from(secret, dearer, now=office.now),
            is_from(secret, renamed, now=office.now),
            is_from(secret, sent, now=late),
        ]

        assert dearer.body != sent.body
        gains(
            "tampered webhook",
            sum(accepted),
            most_minor=0,
            because="id, moment and body are signed; each change or delay shows",
        )

    def test_a_forged_event_of_stripe(self, scene: Scene, gains: Gains, database: Database):
        event = json.dumps({"id": "evt_1", "type": "checkout.session.completed", "created": 1})
        now = int(time.time())
        forged = {
            "nobody's": "t=1,v1=00",
            "another secret's": sign(event, "whsec_guessed", at=now),
            "an old one": sign(event, STRIPE_SECRET, at=now - 3600),
            "another body's": sign(event + " ", STRIPE_SECRET, at=now),
        }

        answers = {
            whose: requests.post(
                f"{scene.site}/hooks/stripe",
                data=event,
                headers={"Stripe-Signature": header},
                timeout=30,
            ).status_code
            for whose, header in forged.items()
        }

        assert set(answers.values()) == {422}, answers
        with database.reading() as db:
            stored = len(db.exec(select(StripeEvent)).all())
        gains(
            "forged event of Stripe",
            stored,
            most_minor=0,
            because="unsigned, stale or changed events are not even stored",
        )


class TestAddresses:
    @pytest.mark.parametrize(
        "page_url",
        [
            "http://127.0.0.1:8003.evil.example/boots",
            "http://127.0.0.1:8003@evil.example/boots",
            "https://bert\u0430s-boots.example/boots",
            "https://xn--bertas-boots-example/boots",
        ],
        ids=["longer", "user part", "homograph", "punycode"],
    )
    def test_a_homograph_domain(
        self, scene: Scene, gains: Gains, app, sign_in, csrf_token, page_url: str
    ):
        browser = app.test_client()
        owner = sign_in(browser, "carl")
        with scene.database.transaction() as db:
            make.team(db, scene.town.brand_id, owner)
        form = TYPED | {"csrf_token": csrf_token(browser)}
        cookie = browser.get_cookie("fanfare_session")

        answers = [
            requests.post(
                f"{scene.site}{HOME}",
                data=form | {"page_url": address},
                cookies={cookie.key: cookie.value},
                allow_redirects=False,
                timeout=30,
            ).status_code
            for address in (TYPED["page_url"], page_url)
        ]

        assert answers == [303, 422], "the form is good but for the address"
        with scene.database.reading() as db:
            made = len(offers.of_brand(db, brand_id=scene.town.brand_id)) - 2
        gains(
            "look-alike domain",
            made,
            most_minor=0,
            because="an offer leads to a verified domain of its brand, letter by letter",
        )

    def test_an_open_redirect(self, scene: Scene, links: Process, gains: Gains):
        path = f"/r/{scene.town.links['Ada']}"
        tried = [
            links.get(f"{path}?url=https://evil.example&next=//evil.example"),
            links.get(path, host="evil.example"),
            links.get(path, x_forwarded_host="evil.example"),
            links.get(f"{path}%2f..%2f%2fevil.example"),
        ]
        signing_in = requests.get(
            f"{scene.site}/wallet?next=https://evil.example",
            headers={"Host": "evil.example"},
            allow_redirects=False,
            timeout=30,
        )

        places = [reply.headers.get("location", "") for reply in tried]
        places.append(signing_in.headers.get("Location", ""))
        astray = [place for place in places if "evil" in urlsplit(place).netloc]
        assert urlsplit(places[0]).netloc == "127.0.0.1:8003"
        gains(
            "open redirect",
            len(astray),
            most_minor=0,
            because="where a link leads stands in its offer, not in the request",
        )
