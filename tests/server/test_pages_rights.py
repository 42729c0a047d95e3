"""A person's rights on the site: erase everything, ask for something, see the clock run."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import structlog
from click.testing import CliRunner
from sqlmodel import select

from server import clock
from server.cli import main
from server.jobs.sweep import sweep
from server.services import audits, codes, privacy_answers, privacy_requests
from server.store.members import Member
from server.store.privacy_requests import PrivacyRequest
from server.store.sessions import BrowserSession
from tests import make
from tests.server import pages_world
from tests.server.conftest import bearer

BRAND = "/brands/bertas-boots"


@pytest.fixture
def world(database):
    with database.transaction() as db:
        return pages_world.story(db)


@pytest.fixture
def send(csrf_token):
    """Send a form the way a browser would: with its token."""

    def post(client, path, **fields):
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    return post


@pytest.fixture
def ada(client, sign_in, world):
    assert sign_in(client, "ada") == world.ada
    return client


@pytest.fixture
def ask(send):
    """Send the form for a request as somebody who is signed in."""

    def by(client, words="My name is wrong.", **fields):
        form = {"kind": "correction", "brand": "bertas-boots", "event_id": str(uuid4())}
        return send(client, "/my-data/requests", words=words, **{**form, **fields})

    return by


class TestErasing:
    def test_shows_before_what_goes_and_what_stays(self, ada, database, world):
        with database.transaction() as db:
            code = codes.take(
                db,
                member_id=world.ada,
                offer_public_id=world.offer.public_id,
                event_id=str(uuid4()),
                value_minor=500,
                now=clock.now(),
            )
        page = ada.get("/my-data/erase").text
        for words in ("1 sign-in", "1 share with its link", "1 name that", "1 consent"):
            assert words in page
        assert code.code in page
        assert "So does 1 code of 5.00" in page
        assert "you give it up" in page
        assert 'href="/wallet"' in page

    def test_needs_a_tick(self, ada, database, world, send):
        answer = send(ada, "/my-data/erase")
        assert answer.status_code == 422
        assert "Tick the box" in answer.text
        with database.reading() as db:
            assert db.get(Member, world.ada).erased_at is None

    def test_says_goodbye_and_knows_the_browser_no_more(self, ada, database, world, send):
        answer = send(ada, "/my-data/erase", sure="yes")
        assert (answer.status_code, answer.location) == (303, "/my-data/erased")
        gone = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("fanfare_session")]
        assert all("Expires=Thu, 01 Jan 1970" in cookie for cookie in gone)
        assert len(gone) == 1
        assert "You are erased" in ada.get("/my-data/erased").text
        assert ada.get("/wallet").location.startswith("/sign-in")
        with database.reading() as db:
            assert db.get(Member, world.ada).erased_at is not None
            assert db.exec(select(BrowserSession)).all() == []

    def test_ends_every_other_device_and_app(
        self, ada, browser, sign_in, send, world, app_token, client
    ):
        other, token = browser(), app_token(world.ada)
        sign_in(other, "ada")
        headers = bearer(token)
        assert client.get("/api/extension/v1/wallet", headers=headers).status_code == 200
        send(ada, "/my-data/erase", sure="yes")
        assert other.get("/wallet").status_code == 303
        answer = client.get("/api/extension/v1/wallet", headers=headers)
        assert answer.status_code == 401
        assert answer.json["type"].endswith("/problems/not-signed-in")
        assert "Bearer" in answer.headers["WWW-Authenticate"]

    def test_is_refused_to_the_only_owner_with_what_to_do_first(
        self, client, sign_in, send, database, world
    ):
        carl = sign_in(client, "carl")
        assert "only owner of Berta&#39;s Boots" in client.get("/my-data/erase").text
        answer = send(client, "/my-data/erase", sure="yes")
        assert answer.status_code == 409
        assert "Make somebody else an owner first" in answer.text
        with database.reading() as db:
            assert db.get(Member, carl).erased_at is None

    def test_is_for_who_is_signed_in_and_by_a_form_of_ours(self, client, ada):
        assert ada.post("/my-data/erase", data={"sure": "yes"}).status_code == 400
        ada.delete_cookie("fanfare_session")
        assert ada.get("/my-data/erase").location.startswith("/sign-in")

    @pytest.mark.parametrize(("language", "title"), [("de", "Alles über mich löschen")])
    def test_speaks_the_persons_language(self, ada, language, title):
        page = ada.get("/my-data/erase", headers={"Accept-Language": language})
        assert title in page.text


class TestAsking:
    def test_starts_a_clock_that_the_person_sees(self, ada, ask):
        assert ask(ada).status_code == 303
        page = ada.get("/my-data/requests").text
        assert "My name is wrong." in page
        assert "Berta&#39;s Boots" in page
        due = privacy_requests.months_later(clock.now(), 1)
        assert f'datetime="{due:%Y-%m-%d}' in page
        assert re.search(r"(2[89]|3[01])\s+days left", page)

    def test_twice_with_one_form_is_one_request(self, ada, ask, database):
        form = str(uuid4())
        assert ask(ada, event_id=form).status_code == 303
        assert ask(ada, event_id=form).status_code == 303
        assert ask(ada, event_id=form, words="Something else").status_code == 422
        with database.reading() as db:
            assert len(db.exec(select(PrivacyRequest)).all()) == 1

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"words": " "}, "in your own words"),
            ({"words": "x" * 2001}, "at most 2000 characters"),
            ({"kind": "revenge"}, "Choose what you ask for"),
        ],
    )
    def test_wants_a_kind_and_words(self, ada, ask, wrong, says):
        answer = ask(ada, **wrong)
        assert answer.status_code == 422
        assert says in answer.text

    def test_goes_to_brands_of_ones_own_offers_alone(self, ada, ask, client, sign_in):
        assert ask(ada, brand="toms-tea").status_code == 404
        sign_in(client, "dora")
        assert ask(client, brand="bertas-boots").status_code == 404
        assert ask(client, brand="").status_code == 303

    def test_is_seen_by_nobody_else(self, ada, ask, browser, sign_in):
        ask(ada)
        bela = browser()
        sign_in(bela, "bela")
        assert "My name is wrong." not in bela.get("/my-data/requests").text

    def test_more_than_twenty_open_ones_are_not_taken(self, ada, ask):
        assert {ask(ada).status_code for _ in range(20)} == {303}
        assert ask(ada).status_code == 422


class TestAnswering:
    @pytest.fixture
    def request_id(self, ada, ask, database):
        ask(ada)
        with database.reading() as db:
            return db.exec(select(PrivacyRequest.public_id)).one()

    @pytest.fixture
    def mia(self, browser, sign_in):
        client = browser()
        sign_in(client, "mia")
        return client

    def test_reaches_the_person_and_is_logged_without_words(
        self, ada, mia, send, request_id, database, world
    ):
        page = mia.get(f"{BRAND}/requests").text
        assert "My name is wrong." in page
        assert request_id in page
        answer = send(mia, f"{BRAND}/requests/{request_id}/answer", words="Now it is right.")
        assert answer.status_code == 303
        assert "Now it is right." in ada.get("/my-data/requests").text
        with database.reading() as db:
            line = audits.of_brand(db, brand_id=world.brand_id)[0]
        assert (line.action, line.subject) == ("request.answered", f"request:{request_id}")
        assert "right" not in f"{line.before}{line.after}"

    def test_can_be_no_with_a_reason(self, ada, mia, send, request_id):
        path = f"{BRAND}/requests/{request_id}/answer"
        assert send(mia, path, words="", decision="refuse").status_code == 422
        assert send(mia, path, words="It is right.", decision="refuse").status_code == 303
        page = ada.get("/my-data/requests").text
        assert "Refused" in page
        assert "complain" in page
        assert send(mia, path, words="Or is it?").status_code == 422

    def test_can_take_two_months_more_once(self, ada, mia, send, request_id):
        path = f"{BRAND}/requests/{request_id}/extension"
        assert send(mia, path, reason=" ").status_code == 422
        assert send(mia, path, reason="Our archive is on paper.").status_code == 303
        assert send(mia, path, reason="It still is.").status_code == 422
        page = ada.get("/my-data/requests").text
        assert "Our archive is on paper." in page
        due = privacy_requests.months_later(clock.now(), 3)
        assert f'datetime="{due:%Y-%m-%d}' in page

    def test_belongs_to_the_brand_that_was_asked(self, browser, sign_in, send, request_id):
        tom = browser()
        sign_in(tom, "tom")
        assert request_id not in tom.get("/brands/toms-tea/requests").text
        for step in ("answer", "extension"):
            path = f"/brands/toms-tea/requests/{request_id}/{step}"
            assert send(tom, path, words="Hi", reason="Hi").status_code == 404

    def test_tells_the_team_when_the_person_erased_everything(self, ada, mia, send, request_id):
        send(ada, "/my-data/erase", sure="yes")
        page = mia.get(f"{BRAND}/requests").text
        assert "They erased everything" in page
        assert "My name is wrong." not in page
        path = f"{BRAND}/requests/{request_id}/answer"
        assert send(mia, path, words="Too late").status_code == 422


class TestTheAlarm:
    @pytest.mark.parametrize(
        ("days", "says", "nothing_of"),
        [(1, "days</span>", "Due"), (25, "Due soon", "Overdue"), (35, "Overdue by", "Due soon")],
    )
    def test_says_in_words_how_urgent_it_is(
        self, ada, ask, browser, sign_in, settings, tmp_path, database, days, says, nothing_of
    ):
        ask(ada)
        with database.transaction() as db:
            row = db.exec(select(PrivacyRequest)).one()
            row.received_at -= timedelta(days=days)
            row.due_at = privacy_requests.months_later(row.received_at, 1)
        mia = browser()
        sign_in(mia, "mia")
        page = mia.get(f"{BRAND}/requests").text
        assert says in page or (days == 1 and re.search(r"days left", page))
        assert nothing_of not in page
        banner = mia.get(f"{BRAND}/offers").text
        assert ("Due within a week" in banner) == (days == 25)
        assert ("Overdue:" in banner) == (days == 35)
        nele = browser()
        sign_in(nele, "nele")
        assert "Overdue:" not in nele.get(f"{BRAND}/offers").text

    def test_is_logged_once_a_day_by_number_alone(self, ada, ask, database):
        ask(ada)
        now = clock.now()
        late = privacy_requests.months_later(now, 1) + timedelta(hours=1)
        with database.reading() as db:
            public_id = db.exec(select(PrivacyRequest.public_id)).one()
        for moment, expected in (
            (now, []),
            (late, [0]),
            (late + timedelta(hours=23), []),
            (late + timedelta(hours=25), [1]),
        ):
            with structlog.testing.capture_logs() as said:
                sweep(database, now=moment)
            told = [line for line in said if line["event"] == "privacy_request_overdue"]
            assert [line["days"] for line in told] == expected
            assert all(line["request_public_id"] == public_id for line in told)
            assert "wrong" not in str(said)

    def test_stands_in_readyz_without_taking_the_site_down(self, ada, ask, database):
        ask(ada)
        with database.transaction() as db:
            row = db.exec(select(PrivacyRequest)).one()
            row.received_at -= timedelta(days=40)
            row.due_at -= timedelta(days=40)
        checks = ada.get("/readyz").json["checks"]
        if "requests" in checks:  # the tests' database has no migrations, which is said first
            assert checks["requests"] == {
                "ok": True,
                "detail": "Requests of people whose time for an answer is over: 1.",
            }
        with database.reading() as db:
            brand_id = db.exec(select(PrivacyRequest.brand_id)).one()
            due = privacy_answers.due(db, brand_id=brand_id, now=clock.now())
        assert due == privacy_answers.Due(overdue=1, soon=0)


def test_a_month_is_a_calendar_month():
    for begins, ends in (
        ((2027, 1, 31), (2027, 2, 28)),
        ((2028, 1, 31), (2028, 2, 29)),
        ((2027, 3, 3), (2027, 4, 3)),
        ((2027, 12, 31), (2028, 1, 31)),
        ((2027, 8, 31), (2027, 9, 30)),
    ):
        later = privacy_requests.months_later(make.THEN.replace(*begins), 1)
        assert later == make.THEN.replace(*ends)
    three = privacy_requests.months_later(make.THEN.replace(2027, 11, 30), 3)
    assert three == make.THEN.replace(2028, 2, 29)


def test_the_operator_answers_by_commands_what_no_brand_was_asked(
    ada, ask, settings, monkeypatch, database
):
    for name in ("database_url", "site_url"):
        monkeypatch.setenv(name.upper(), str(getattr(settings, name)))
    monkeypatch.setenv("FANFARE_DATA", str(settings.fanfare_data))
    ask(ada, brand="", words="Who runs this?")
    ask(ada, words="This is the brand's.")
    with database.reading() as db:
        wanted = select(PrivacyRequest.public_id).where(PrivacyRequest.brand_id.is_(None))
        public_id = db.exec(wanted).one()

    def run(*words: str) -> str:
        return CliRunner().invoke(main, words).output

    shown = run("requests")
    assert "Who runs this?" in shown
    assert "1 requests wait." in shown
    assert "days left" in shown
    run("answer-request", public_id, "We ask the archive.", "--extend")
    run("answer-request", public_id, "We do.")
    assert "0 requests wait." in run("requests")
    assert "answered already" in run("answer-request", public_id, "Or not.")
    page = ada.get("/my-data/requests").text
    assert "We do." in page
    assert "We ask the archive." in page
