"""What customers and friends see, in German and French as in English."""

import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fewer
from hypothesis import strategies as st
from sqlmodel import select

from rewards.explain import Language, sentence, worked
from rewards.money import LARGEST_MINOR
from server import clock, errors
from server.app import create_app
from server.services import clients, codes, consents, shares, wallets
from server.settings import IdentityProvider
from server.store import codes as code_store
from server.store.consents import Consent
from server.web import advice, forms, languages, presentation
from tests.server import pages_world
from tests.server.conftest import bearer

OTHERS = [Language.GERMAN, Language.FRENCH]
AUTHORIZE = (
    f"/oauth/authorize?response_type=code&client_id={clients.EXTENSION}&state=x"
    "&redirect_uri={address}&scope=wallet%3Aread%20offers%3Aread"
    f"&code_challenge={'c' * 43}&code_challenge_method=S256"
)


def speaking(language: str) -> dict[str, str]:
    return {"Accept-Language": language}


def language_of(answer) -> str:
    found = re.search(r'<html lang="(\w+)">', answer.text)
    assert found is not None
    assert answer.headers["Content-Language"] == found[1]
    return found[1]


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
    """Send a form in a language."""

    def post(client, path, language, **fields):
        data = {"csrf_token": csrf_token(client), **fields}
        return client.post(path, data=data, headers=speaking(language))

    return post


class TestChoosing:
    @pytest.mark.parametrize(
        ("accepted", "spoken"),
        [
            ("", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr-CA, en;q=0.5", "fr"),
            ("ja, fr;q=0.3, de;q=0.6", "de"),
            ("ja", "en"),
            ("en-US,en;q=0.9,de;q=0.8", "en"),
            ("*", "en"),
            ("de;q=0, fr;q=0.1", "fr"),
            ("DE", "de"),
            ("nonsense;;q=x", "en"),
        ],
    )
    def test_goes_by_the_browser(self, client, accepted, spoken):
        answer = client.get("/", headers=speaking(accepted))
        assert language_of(answer) == spoken
        assert {"Accept-Language", "Cookie"} <= set(answer.vary)

    def test_goes_by_the_readers_choice_before(self, client):
        answer = client.get("/language/fr?next=/sign-in%3Fnext%3D%252Fwallet")
        assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fwallet")
        assert language_of(client.get("/", headers=speaking("de"))) == "fr"
        client.get("/language/en")
        assert language_of(client.get("/", headers=speaking("de"))) == "en"

    def test_is_one_click_away_on_every_page_and_leads_back_to_it(self, client):
        page = client.get("/sign-in?next=%2Fshares").text
        links = re.findall(r'<a href="(/language/[^"]+)"', page)
        assert len(links) == len(Language)
        for link in links:
            back = client.get(link).location
            assert back == "/sign-in?next=%2Fshares"

    def test_after_a_form_leads_to_the_start_page(self, ada, send, world):
        path = f"/wallet/{world.offer.public_id}/codes"
        page = send(ada, path, "de", amount="nichts", event_id=str(uuid4())).text
        assert 'href="/language/fr?next=%2F"' in page

    @pytest.mark.parametrize(
        "target", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/\tx"]
    )
    def test_leads_to_this_site_only(self, client, target):
        answer = client.get("/language/de", query_string={"next": target})
        assert answer.location == "/"

    @pytest.mark.parametrize("code", ["xx", "EN", "de-AT"])
    def test_is_among_the_languages_that_there_are(self, client, code):
        answer = client.get(f"/language/{code}")
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers

    def test_is_kept_in_a_cookie_that_says_nothing_else(self, client, settings, database):
        cookie = client.get("/language/de").headers["Set-Cookie"]
        assert cookie.startswith("fanfare_language=de; ")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))

        secure = settings.model_copy(update={"site_url": "https://fanfare.example"})
        cookie = (
            create_app(secure, database).test_client().get("/language/de").headers["Set-Cookie"]
        )
        assert cookie.startswith("__Host-fanfare_language=de; ")
        assert "Secure" in cookie.split("; ")

    def test_believes_no_cookie_that_it_did_not_set(self, client):
        client.set_cookie("fanfare_language", "../../etc")
        assert language_of(client.get("/")) == "en"

    def test_outlives_signing_in_and_out(self, client, sign_in):
        client.get("/language/de")
        sign_in(client, "ada")
        assert language_of(client.get("/wallet")) == "de"

    def test_is_english_for_brands_and_programmers(self, client, sign_in, world):
        sign_in(client, "carl")
        for path in (
            *("/brands/bertas-boots/offers", "/brands/x"),
            *("/docs", "/problems", "/problems/cursor-invalid"),
        ):
            answer = client.get(path, headers=speaking("de"))
            assert language_of(answer) == "en"
            assert "/language/" not in answer.text

    def test_is_english_in_problem_documents(self, client):
        answer = client.get("/api/extension/v1/wallet", headers=speaking("de"))
        assert answer.json["title"] == "Sign in first"
        assert answer.json["detail"].startswith("Send an access token")


class TestWriting:
    @pytest.fixture
    def page(self, app):
        """Open a page in a language."""
        return lambda language: app.test_request_context("/", headers=speaking(language))

    @pytest.mark.parametrize(
        ("language", "money", "rate", "day"),
        [
            ("en", "12\u202f345.60\u00a0EUR", "4.5\u00a0%", "5 January 2030"),
            ("de", "12\u202f345,60\u00a0EUR", "4,5\u00a0%", "5. Januar 2030"),
            ("fr", "12\u202f345,60\u00a0EUR", "4,5\u00a0%", "5 janvier 2030"),
        ],
    )
    def test_numbers_and_days_follow_the_page(self, page, language, money, rate, day):
        at = datetime(2030, 1, 5, 9, 30, tzinfo=UTC)
        with page(language):
            assert presentation.money(1_234_560, "EUR") == money
            assert presentation.percent(450) == rate
            assert presentation.day(at) == f'<time datetime="2030-01-05T09:30:00Z">{day}</time>'

    @pytest.mark.parametrize("language", Language)
    @fewer(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(minor=st.integers(1, LARGEST_MINOR), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
    def test_what_a_page_writes_its_form_reads(self, page, language, minor, currency):
        with page(language):
            assert forms.amount(presentation.amount(minor, currency), currency) == minor


class Texts(HTMLParser):
    """Collects what a page shows and reads out."""

    def __init__(self):
        super().__init__()
        self.texts, self.tag = set(), ""

    def handle_starttag(self, tag, attributes):
        self.tag = tag
        shown = {"alt", "aria-label", "data-copied", "data-by-hand"}
        self.texts |= {value for name, value in attributes if name in shown}

    def handle_data(self, data):
        if self.tag != "code":  # what programs say
            self.texts.add(" ".join(data.split()))


def texts_of(page: str) -> set[str]:
    """Return the texts of a page that have a word in them."""
    reader = Texts()
    reader.feed(page)
    reader.close()
    return {text for text in reader.texts if re.search(r"[^\W\d_]{3}", text)}


DATA = {
    "API",
    "Fanfare",
    "EUR",
    "Berta's Boots",
    "Boots that last",
    "WhatsApp",
    *languages.NAMES.values(),
}
"""What is the same in every language because it is a name."""


class TestEveryPage:
    """No text of a page is the same in two languages, except for what people named."""

    @pytest.fixture
    def site(self, settings, database):
        """Open a browser at a site with a provider."""
        provider = IdentityProvider(
            name="id", title="Acme", issuer="https://id.example", client_id="a", client_secret="b"
        )
        named = settings.model_copy(update={"identity_providers": [provider]})
        return create_app(named, database).test_client()

    @pytest.fixture
    def same(self, site):
        """Return the texts that two languages share on a page: everything should be told apart."""

        def on(path: str, other: str, **how: object) -> set[str]:
            english, translated = (
                texts_of(site.open(path, headers=speaking(language), **how).text)
                for language in ("en", other)
            )
            assert len(translated) > len(DATA)
            return {text for text in english & translated if text not in DATA}

        return on

    @pytest.fixture
    def told(self, database, world):
        """Give Ada a code of every state, an app, and a share that she withdrew."""
        now = clock.now()
        with database.transaction() as db:
            for days in (0, 1, 2, 3):
                code = self.take(db, world, now)
                if days == 1:
                    codes.give_back(db, member_id=world.ada, code=code, now=now)
                if days == 2:
                    row = code_store.find_by_code(db, code)
                    codes.expire(db, code_id=row.id, now=row.expires_at)
                if days == 3:
                    code_store.find_by_code(db, code).state = code_store.CodeState.RESERVED
            old = pages_world.share(db, world.ada, world.offer, now)
            shares.withdraw(db, member_id=world.ada, code=old, now=now)
        return world

    def take(self, db, world, now):
        return codes.take(
            db,
            member_id=world.ada,
            offer_public_id=world.offer.public_id,
            event_id=str(uuid4()),
            value_minor=500,
            now=now,
        ).code

    @pytest.mark.parametrize("other", OTHERS)
    def test_for_everybody(self, same, other):
        for path in (
            *("/", "/sign-in", "/nothing-here", "/sign-out", "/sign-in/id/callback?state=x"),
            *(f"/problems/{slug}" for slug in sorted(advice.MET_BY_PEOPLE)),
            "/oauth/authorize?client_id=nobody",
        ):
            assert same(path, other) == set(), path

    @pytest.mark.parametrize("other", OTHERS)
    def test_of_a_newcomer(self, site, sign_in, same, other, extension, world, database):
        sign_in(site, "dora")
        with database.transaction() as db:
            unnamed = pages_world.share(db, world.ada, world.offer, clock.now())
            visit = pages_world.visit(db, unnamed, clock.now())
        for path in (
            *("/wallet", "/shares", "/connected-apps", "/claim?ff=unknown"),
            *(f"/claim?ff={world.visit}", f"/claim?ff={visit}"),
            AUTHORIZE.format(address=extension),
        ):
            assert same(path, other) == set(), path

    @pytest.mark.parametrize("other", OTHERS)
    def test_of_a_customer(self, site, sign_in, same, other, told, app_token):
        sign_in(site, "ada")
        app_token(told.ada)
        with_links = {text for text in same("/shares", other) if "/r/" not in text}
        assert with_links == set()
        assert {text for text in same("/wallet", other) if not is_code(text)} == set()
        assert same("/connected-apps", other) == set()

    @pytest.mark.parametrize("other", OTHERS)
    def test_of_a_form_that_fails(self, site, sign_in, same, other, world, csrf_token, database):
        sign_in(site, "ada")
        assert same("/shares/x/withdrawal", other, method="POST") == set()
        assert same("/wallet/codes/x/return", other, method="POST") == set()
        path = f"/wallet/{world.offer.public_id}/codes"
        for amount in ("nichts", "1.001", "9" * 18, "0", "900", "1", "5.00"):
            data = {"csrf_token": csrf_token(site), "amount": amount, "event_id": "x"}
            if amount != "5.00":
                data["event_id"] = str(uuid4())
            assert same(path, other, method="POST", data=data) == set(), amount
        data = {"csrf_token": csrf_token(site), "event_id": str(uuid4()), "holder_ref": "9" * 200}
        assert same(path, other, method="POST", data=data) == set()
        with database.transaction() as db:
            visit = pages_world.visit(db, world.link, clock.now())
        for consent_hash in ("0" * 64, consents.text(consents.REFERRAL, other).hash):
            fields = {"ff": visit, "event_id": str(uuid4()), "consent_hash": consent_hash}
            data = {"csrf_token": csrf_token(site), **fields}
            assert same("/claim", other, method="POST", data=data) == set()


def is_code(text: str) -> bool:
    return re.fullmatch(r"(?:QR code of )?[0-9A-Z]{4}(?:-[0-9A-Z]{4})+", text) is not None


class TestSaying:
    def test_why_follows_the_page(self, ada, database, world):
        with database.reading() as db:
            (place,) = wallets.of_member(db, member_id=world.ada).places
        page = ada.get("/wallet", headers=speaking("de")).text
        assert sentence(place.why, Language.GERMAN) in page
        assert worked(place.why, Language.GERMAN) in page
        (waiting,) = [order for order in place.orders if order.vested_at is None]
        assert sentence(waiting.why, Language.GERMAN) in page

    def test_a_form_takes_back_what_its_page_wrote(self, ada, send, world):
        page = ada.get("/wallet", headers=speaking("de")).text
        typed = re.search(r'name="amount"[^>]+value="([\d,]+)"', page)[1]
        assert "," in typed
        path = f"/wallet/{world.offer.public_id}/codes"
        send(ada, path, "de", amount=typed, event_id=str(uuid4()))
        page = ada.get("/wallet", headers=speaking("de")).text
        assert f"Ihr Code ist {typed}\u00a0EUR wert." in page

    def test_a_refusal_follows_the_page(self, ada, send, world):
        path = f"/wallet/{world.offer.public_id}/codes"
        answer = send(ada, path, "de", amount="1,00", event_id=str(uuid4()))
        assert "Der kleinste Code ist 5,00 EUR; bitte wählen Sie mindestens so viel." in answer.text

    @pytest.mark.parametrize("language", OTHERS)
    def test_a_claim_keeps_the_text_that_was_read(
        self, client, sign_in, send, language, world, database
    ):
        dora = sign_in(client, "dora")
        with database.transaction() as db:
            visit = pages_world.visit(db, world.link, clock.now())
        page = client.get(f"/claim?ff={visit}", headers=speaking(language)).text
        text = consents.text(consents.REFERRAL, language)
        assert text.text in unescape(page)
        assert text.hash in page
        fields = {"ff": visit, "event_id": str(uuid4()), "consent_hash": text.hash}
        assert send(client, "/claim", language, **fields).location == "/wallet"
        with database.reading() as db:
            (kept,) = db.exec(select(Consent).where(Consent.member_id == dora)).all()
        assert (kept.language, kept.text_hash) == (language, text.hash)

    def test_a_sentence_only_known_in_english_is_replaced_by_what_its_kind_means(self, app, client):
        @app.get("/somewhere")
        def somewhere():
            raise errors.NotFound("Nobody translated this.")

        assert "Nobody translated this." in client.get("/somewhere").text
        page = client.get("/somewhere", headers=speaking("de")).text
        assert "Nobody translated this." not in page
        assert "Unter dieser Adresse ist nichts" in page

    def test_a_problem_that_programs_meet_becomes_a_general_one(self, app, client):
        @app.get("/somewhere")
        def somewhere():
            raise errors.OrderRefTaken("o-1")

        answer = client.get("/somewhere", headers=speaking("fr"))
        assert answer.status_code == 409
        assert "Erreur 409" in answer.text
        assert "Order" not in answer.text


class TestTheExtension:
    @pytest.fixture
    def ask(self, client, app_token, world):
        headers = bearer(app_token(world.ada))
        return lambda path, **more: client.get(
            f"/api/extension/v1{path}", headers={**headers, **more}
        )

    @pytest.mark.parametrize(
        ("query", "accepted", "spoken"),
        [
            ("", "", "en"),
            ("", "de-CH,de;q=0.9", "de"),
            ("?language=fr", "de", "fr"),
            ("?language=en", "de", "en"),
        ],
    )
    def test_is_told_why_in_its_language(self, ask, database, world, query, accepted, spoken):
        answer = ask(f"/wallet{query}", **speaking(accepted))
        with database.reading() as db:
            (place,) = wallets.of_member(db, member_id=world.ada).places
        (told,) = answer.json["places"]
        assert told["why"]["sentence"] == sentence(place.why, Language(spoken))
        assert told["why"]["worked"] == worked(place.why, Language(spoken))
        causes = {sentence(order.why, Language(spoken)) for order in place.orders}
        assert {pending["cause"] for pending in told["pending"]} <= causes
        assert answer.headers["Content-Language"] == spoken
        assert "Accept-Language" in answer.vary

    @pytest.mark.parametrize("path", ["/wallet", "/offers"])
    @pytest.mark.parametrize("query", ["language=xx", "language=", "lang=de", "language=DE"])
    def test_is_refused_a_language_that_there_is_not(self, ask, path, query):
        answer = ask(f"{path}?{query}")
        assert answer.status_code == 422
        assert answer.json["title"] == "The request is not valid"

    def test_gets_texts_offers_and_the_disclosure_in_one_language(self, ask, world, client):
        english, german = ask("/offers").json, ask("/offers?language=de").json
        assert english["version"] != german["version"]
        for name, purpose in (("consent", "share"), ("referral_consent", "referral")):
            assert german[name]["hash"] == consents.text(purpose, "de").hash
            assert german[name]["language"] == "de"
        (offer,) = german["offers"]
        assert offer["promise"].startswith("Alles, was Ihr Link in Gang setzt, verdient 4")
        assert offer["disclosure"].startswith("Anzeige: ")

    def test_records_a_share_with_the_disclosure_of_its_language(
        self, ask, client, world, app_token
    ):
        text = ask("/offers?language=fr").json["consent"]
        body = {
            "event_id": str(uuid4()),
            "offer_id": world.offer.public_id,
            "channel": "copy",
            "consent_hash": text["hash"],
            "language": text["language"],
            "created_at": clock.now().isoformat(),
        }
        headers = bearer(app_token(world.ada))
        answers = [
            client.post("/api/extension/v1/shares", json=body, headers=headers) for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert answers[0].json == answers[1].json
        assert answers[0].json["text"].startswith("Publicité : ")
        body = {**body, "event_id": str(uuid4()), "language": "de"}
        refused = client.post("/api/extension/v1/shares", json=body, headers=headers)
        assert refused.json["title"] == "There is no consent for this"
