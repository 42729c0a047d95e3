"""The friend's page: no account, no cookie; disclosure first, and two ways to take oneself back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import select
from werkzeug.test import TestResponse

from server import clock
from server.services import mutes, offers
from server.services import shares as sharing
from server.services.mutes import Wish
from server.settings import Settings
from server.store.connection import Database
from server.store.disclosure_proofs import DisclosureProof
from server.store.visits import Visit
from tests import make

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"


class Friend:
    """A friend's browser, and the link that they were sent."""

    def __init__(self, database: Database, client: FlaskClient, **offer: object) -> None:
        self.database, self.client = database, client
        self.now = clock.now()
        with database.transaction() as db:
            self.brand_id = make.brand(db)
            self.ada = make.member(db, "ada")
            self.offer = make.offer(db, self.brand_id, now=self.now, **{"landing": "card", **offer})
            self.code = self._share(db, "Ada")
            self.token = make.visit(db, self.code, now=self.now)

    def _share(self, db, name: str) -> str:
        return make.share(
            db, self.ada, self.offer, now=self.now, channel="whatsapp", shown_as=name
        ).code

    def comes_by_a_nameless_link(self) -> None:
        with self.database.transaction() as db:
            self.token = make.visit(db, self._share(db, ""), now=self.now)

    def reads(self, path: str = "", **headers: str) -> TestResponse:
        sent = {"User-Agent": CHROME, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.get(path or f"/f/{self.token}", headers=sent)

    def sends(self, what: str, **changed: str) -> TestResponse:
        """Press the button of one of the page's forms."""
        page = self.reads().text
        action = f"/f/{self.token}/{what}"
        form = page.split(f'action="{action}"')[1].split("</form>")[0]
        proof = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert proof is not None
        return self.client.post(action, data={"csrf_token": proof[1], **changed})

    def proofs(self) -> list[DisclosureProof]:
        with self.database.reading() as db:
            found = db.exec(select(DisclosureProof).where(DisclosureProof.surface == "card"))
            return list(found.all())

    def visits(self) -> list[Visit]:
        with self.database.reading() as db:
            return list(db.exec(select(Visit)).all())


@pytest.fixture
def friend(database: Database, client: FlaskClient) -> Friend:
    return Friend(database, client)


@pytest.fixture
def friend_of(database: Database, client: FlaskClient) -> Callable[..., Friend]:
    """Return a friend who was sent an offer with changes."""
    return lambda **offer: Friend(database, client, **offer)


def words_of(answer: TestResponse) -> str:
    """Return what a reader sees of the main part."""
    main = answer.text.split("<main")[1].split("</main>")[0].split(">", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\u00a0", " ").split())


class TestTheCard:
    def test_begins_with_the_disclosure(self, friend: Friend):
        assert words_of(friend.reads()).startswith("Ad: Ada gets a reward if you buy.")
        german = friend.reads(Accept_Language="de")
        assert words_of(german).startswith("Anzeige: Für Käufe bekommt Ada eine Belohnung.")
        french = friend.reads(Accept_Language="fr")
        assert words_of(french).startswith("Publicité : Ada reçoit une récompense")

    def test_knows_no_name_that_nobody_chose(self, friend: Friend):
        friend.comes_by_a_nameless_link()
        words = words_of(friend.reads())
        assert words.startswith("Ad: The person who shared this link gets a reward if you buy.")
        assert "Sent by somebody who chose not to show a name" in words

    def test_says_who_when_how_and_what_they_earn_in_numbers(self, friend: Friend):
        words = words_of(friend.reads())
        assert "Winter boots These boots kept my feet warm all winter:" in words
        assert "Sent by Ada Shared on" in words
        assert "Shared through WhatsApp" in words
        assert "they get 4 % to 10 % as discount codes" in words
        assert "a visit that was real counts like 0.30 EUR of them" in words
        assert "You pay the same as everybody else" in words
        assert "destroyed within 48 hours" in words

    def test_leads_to_the_brands_page_with_the_visit(self, friend: Friend):
        page = friend.reads().text
        assert (
            f'href="http://127.0.0.1:8003/boots?ff={friend.token}">Go to Berta&#39;s Boots' in page
        )

    def test_leads_nowhere_that_the_brand_does_not_own(self, friend: Friend):
        with friend.database.transaction() as db:
            db.execute(text("UPDATE offer SET page_url = 'https://evil.example/boots'"))
        page = friend.reads().text
        assert "evil.example" not in page
        assert "Go to Berta" not in page

    @pytest.mark.parametrize("over", ["withdrawn", "ended"])
    def test_leads_on_without_the_visit_when_nothing_counts_any_more(self, friend: Friend, over):
        with friend.database.transaction() as db:
            if over == "ended":
                offers.end(
                    db, brand_id=friend.brand_id, public_id=friend.offer.public_id, actor="test",
                    now=friend.now,
                )  # fmt: skip
            else:
                sharing.withdraw(db, member_id=friend.ada, code=friend.code, now=friend.now)
        page = friend.reads()
        assert "Nothing new counts for this link any more." in words_of(page)
        assert 'href="http://127.0.0.1:8003/boots"' in page.text
        assert "fanfare.js" not in page.text
        assert friend.proofs() == []
        assert friend.sends("forget").status_code == 200

    def test_needs_and_leaves_no_cookie(self, friend: Friend):
        answers = [friend.reads(), friend.sends("forget"), friend.reads()]
        assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[], [], []]

    def test_is_kept_and_told_by_nobody(self, friend: Friend, settings: Settings):
        headers = friend.reads().headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
        policy = headers["Content-Security-Policy"]
        for use in ("script-src", "connect-src", "form-action"):
            allowed = policy.split(f"{use} ")[1].split(";")[0].split()
            assert allowed[:2] == ["'self'", settings.link_url]
        assert settings.link_url not in friend.reads("/").headers["Content-Security-Policy"]

    def test_watches_only_where_links_lead_to_it(self, friend_of):
        card = friend_of()
        script = f'<script src="http://127.0.0.1:8001/fanfare.js" data-visit="{card.token}" defer>'
        assert script in card.reads().text
        with card.database.transaction() as db:
            db.execute(text("UPDATE offer SET landing = 'page'"))
        page = card.reads()
        assert "fanfare.js" not in page.text
        assert "Who sent this" in page.text, "the page itself is there for every visit"

    def test_of_a_visit_that_nobody_knows_says_so(self, friend: Friend):
        for token in ("unknown-token-of-22-ch", "x", "a" * 300, "%00", "a%2Fb"):
            answer = friend.reads(f"/f/{token}")
            assert answer.status_code == 404, token
        assert "We know nothing about this visit" in words_of(friend.reads("/f/unknown-token"))

    def test_leads_those_who_want_to_their_account(self, friend: Friend):
        assert f'href="/claim?ff={friend.token}"' in friend.reads().text


class TestTheProof:
    def test_says_in_which_words_and_when_first_and_last(self, friend: Friend):
        friend.reads()
        friend.reads()
        friend.reads(Accept_Language="de")
        english, german = sorted(friend.proofs(), key=lambda proof: proof.language, reverse=True)
        assert english.words == "Ad: {name} gets a reward if you buy."
        assert english.first_shown_at < english.last_shown_at
        assert german.words.startswith("Anzeige:")

    def test_is_not_for_machines(self, friend: Friend):
        friend.reads(User_Agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
        friend.reads(User_Agent="")
        friend.reads(Sec_Purpose="prefetch")
        friend.client.head(f"/f/{friend.token}", headers={"User-Agent": CHROME})
        assert friend.proofs() == []


class TestForgetMe:
    def test_erases_the_visit_and_says_so(self, friend: Friend):
        answer = friend.sends("forget")
        assert answer.status_code == 200
        assert "1 visit was erased" in words_of(answer)
        assert friend.visits() == []
        assert friend.reads().status_code == 404

    def test_again_finds_nothing(self, friend: Friend):
        proof = mutes.proof(friend.client.application.secret_key, f"forget {friend.token}")
        for words in ("You are forgotten", "There is nothing to forget"):
            answer = friend.client.post(f"/f/{friend.token}/forget", data={"csrf_token": proof})
            assert (answer.status_code, words in answer.text) == (200, True)

    @pytest.mark.parametrize("what", ["forget", "mute"])
    def test_needs_the_form_of_this_very_page(self, friend: Friend, what):
        other = make_visit(friend)
        key = friend.client.application.secret_key
        wrong = ["", "x", mutes.proof(key, f"{what} {other}"), mutes.proof(key, friend.token)]
        wrong.append(mutes.proof(key, f"{'mute' if what == 'forget' else 'forget'} {friend.token}"))
        for proof in wrong:
            answer = friend.client.post(f"/f/{friend.token}/{what}", data={"csrf_token": proof})
            assert answer.status_code == 400
        assert len(friend.visits()) == 2

    def test_speaks_of_what_stays(self, friend: Friend):
        with friend.database.transaction() as db:
            token = make.visit(
                db, friend.code, now=friend.now - timedelta(days=20), is_verified=True
            )
            make.pass_time(db, friend.now - timedelta(days=19))
            make.pass_time(db, friend.now)
        friend.token = token
        assert "stays as a number that leads to nobody" in words_of(friend.sends("forget"))


def make_visit(friend: Friend) -> str:
    with friend.database.transaction() as db:
        return make.visit(db, friend.code, now=friend.now)


class TestMuteThisPerson:
    def test_erases_the_visit_and_asks_the_browser_to_remember(
        self, friend: Friend, settings: Settings
    ):
        answer = friend.sends("mute")
        assert answer.status_code == 303
        address, signed = answer.location.rsplit("/", 1)
        assert address == f"{settings.link_url}/m"
        choice = mutes.read(settings.secret_key, signed, now=clock.now())
        assert choice is not None
        assert choice.wish == Wish.MUTE
        assert choice.sharer == mutes.name_of(settings.secret_key, friend.ada)
        assert friend.visits() == []
        assert answer.headers.getlist("Set-Cookie") == []

    def test_is_confirmed_and_taken_back(self, friend: Friend, settings: Settings):
        signed = friend.sends("mute").location.rsplit("/", 1)[1]
        page = friend.reads(f"/f/muted/{signed}")
        assert "This person is muted" in words_of(page)
        proof = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert proof is not None
        back = friend.client.post(f"/f/muted/{signed}", data={"csrf_token": proof[1]})
        assert back.status_code == 303
        again = back.location.rsplit("/", 1)[1]
        choice = mutes.read(settings.secret_key, again, now=clock.now())
        assert choice is not None
        assert choice.wish == Wish.UNMUTE
        assert "no longer muted" in words_of(friend.reads(f"/f/muted/{again}"))
        assert friend.client.post(f"/f/muted/{signed}", data={}).status_code == 400

    def test_is_not_confirmed_by_a_made_up_address(self, friend: Friend, settings: Settings):
        name = mutes.name_of(settings.secret_key, friend.ada)
        old = mutes.sign(
            settings.secret_key, Wish.MUTE, sharer=name, now=clock.now() - timedelta(hours=2)
        )
        for signed in ("x", f"mute.{name}.1.{'a' * 22}", old):
            answer = friend.reads(f"/f/muted/{signed}")
            assert (answer.status_code, "too old" in answer.text) == (404, True)

    def test_of_somebody_forgotten_finds_nothing(self, friend: Friend):
        proof = mutes.proof(friend.client.application.secret_key, f"mute {friend.token}")
        friend.sends("forget")
        answer = friend.client.post(f"/f/{friend.token}/mute", data={"csrf_token": proof})
        assert answer.status_code == 404


class TestGlobalPrivacyControl:
    def test_shows_the_card_of_a_link_without_a_visit(self, friend: Friend):
        page = friend.reads(f"/f/share/{friend.code}", Sec_GPC="1")
        words = words_of(page)
        assert words.startswith("Ad: Ada gets a reward if you buy.")
        assert "we honour it. Nothing: no token, no hash, no time." in words
        assert 'href="http://127.0.0.1:8003/boots"' in page.text
        assert "<form" not in page.text
        assert "fanfare.js" not in page.text
        assert len(friend.proofs()) == 1

    def test_is_honoured_by_a_visit_from_before(self, friend: Friend):
        page = friend.reads(Sec_GPC="1")
        assert "we honour it" in words_of(page)
        assert 'href="http://127.0.0.1:8003/boots"' in page.text, "the token is not handed on"
        assert "fanfare.js" not in page.text
        assert f'action="/f/{friend.token}/forget"' in page.text

    def test_shows_no_link_that_leads_nowhere_or_to_the_brand_at_once(self, friend: Friend):
        assert friend.reads("/f/share/1111111111").status_code == 404
        assert friend.reads("/f/share/%00").status_code == 404
        with friend.database.transaction() as db:
            db.execute(text("UPDATE offer SET landing = 'page'"))
        assert friend.reads(f"/f/share/{friend.code}").status_code == 404

    def test_is_explained_to_who_would_confirm(self, friend: Friend, sign_in):
        sign_in(friend.client, "bela")
        assert "Global Privacy Control" in friend.reads("/claim?ff=", Sec_GPC="1").text
        assert "Global Privacy Control" not in friend.reads("/claim?ff=").text

    def test_is_announced(self, client: FlaskClient):
        answer = client.get("/.well-known/gpc.json")
        assert answer.content_type == "application/json"
        assert answer.json is not None
        assert answer.json["gpc"] is True
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.json["lastUpdate"])
