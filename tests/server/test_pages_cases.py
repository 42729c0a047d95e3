"""A customer's case: the wallet says that something waits, the page why, and what they can do."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from server import clock
from server.services import consents
from server.store.case_statements import CaseStatement
from server.store.integrity_cases import IntegrityCase
from tests import make
from tests.server import held_cases, pages_world


@pytest.fixture
def world(database):
    with database.transaction() as db:
        return pages_world.story(db)


@pytest.fixture
def cases(database, world):
    """Ada was asked and answered; Bela was denied."""
    with database.transaction() as db:
        nele = make.member(db, "nele")
        return held_cases.all_states(db, world, clock.now(), reviewer_id=nele)


@pytest.fixture
def ada(client, sign_in, world):
    assert sign_in(client, "ada") == world.ada
    return client


@pytest.fixture
def bela(browser, sign_in, world):
    client = browser()
    assert sign_in(client, "bela") == world.bela
    return client


@pytest.fixture
def send(csrf_token):
    """Send words the way a browser would: with its token and the consent's text."""

    def post(client, path, words, **fields):
        text = consents.text(consents.REVIEW)
        form = {
            "csrf_token": csrf_token(client),
            "event_id": str(uuid4()),
            "consent_hash": text.hash,
            "language": "en",
            "words": words,
        }
        return client.post(path, data=form | fields)

    return post


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def case_row(database, public_id: str) -> IntegrityCase:
    with database.reading() as db:
        return db.exec(select(IntegrityCase).where(IntegrityCase.public_id == public_id)).one()


class TestWallet:
    def test_says_why_something_waits_and_leads_to_the_case(self, ada, cases):
        page = ada.get("/wallet").text
        assert "Some of this waits because we look at it, until" in page
        assert "52 visits arrived about every 60 s, like a timer." in page
        assert f'href="/cases/{cases[0]}"' in page
        assert "It waits for a person to look at it." in page

    def test_says_nothing_of_it_otherwise(self, ada):
        assert "waits" not in plain(ada.get("/wallet").text).lower()


class TestCase:
    def test_says_why_what_happens_when_and_what_was_said(self, ada, cases):
        said = plain(ada.get(f"/cases/{cases[0]}").text)
        assert "52 visits arrived about every 60 s, like a timer." in said
        assert "3 of 52 visits stayed longer than 10 s; usual here is 45 %." in said
        assert "it ends in your favour" in said
        assert "Where did you share your link last week?" in said
        assert "In the newsletter of our hiking club." in said
        assert consents.text(consents.REVIEW).text in said.replace("&#39;", "'")

    @pytest.mark.parametrize(
        ("language", "why"),
        [
            ("de", "52 Besuche kamen etwa alle 60 s, wie nach der Uhr."),
            ("fr", "52 visites sont arrivées environ toutes les 60 s, comme une minuterie."),
        ],
    )
    def test_speaks_the_readers_language(self, ada, cases, language, why):
        page = ada.get(f"/cases/{cases[0]}", headers={"Accept-Language": language}).text
        assert why in plain(page).replace("&#39;", "'")
        assert consents.text(consents.REVIEW, language).text in page.replace("&#39;", "'")

    def test_is_for_its_person_alone(self, ada, bela, browser, cases, send):
        own, other = cases
        assert ada.get(f"/cases/{other}").status_code == 404
        assert bela.get(f"/cases/{own}").status_code == 404
        assert send(bela, f"/cases/{own}/answers", "Hello").status_code == 404
        assert send(ada, f"/cases/{other}/appeal", "Hello").status_code == 404
        assert ada.get("/cases/nothing%00").status_code in {400, 404}
        assert browser().get(f"/cases/{own}").status_code == 303

    def test_an_answer_is_said_once(self, ada, cases, send, database):
        form = {"event_id": str(uuid4())}
        for _ in range(2):
            answer = send(ada, f"/cases/{cases[0]}/answers", "It was on the radio, too.", **form)
            assert answer.status_code == 303
        with database.reading() as db:
            words = [one.words for one in db.exec(select(CaseStatement))]
        assert words.count("It was on the radio, too.") == 1
        assert "It was on the radio, too." in ada.get(f"/cases/{cases[0]}").text

    def test_what_cannot_be_said_is_shown_again(self, ada, cases, send):
        empty = send(ada, f"/cases/{cases[0]}/answers", " ")
        assert (empty.status_code, "Write something first." in empty.text) == (422, True)
        old = send(ada, f"/cases/{cases[0]}/answers", "My words.", consent_hash="old")
        assert old.status_code == 422
        assert "My words." in old.text
        early = send(ada, f"/cases/{cases[0]}/appeal", "My appeal.")
        assert (early.status_code, "nothing to appeal" in early.text) == (422, True)


class TestAppeal:
    def test_goes_to_another_person(self, bela, cases, send, database):
        path = f"/cases/{cases[1]}"
        page = plain(bela.get(path).text)
        assert "Nothing is taken back before" in page
        assert "Every click comes after exactly one minute." in page
        assert send(bela, f"{path}/appeal", "It was the radio.").status_code == 303

        row = case_row(database, cases[1])
        assert row.state == "appealed"
        assert row.deadline_at - row.appealed_at == timedelta(days=14)
        page = plain(bela.get(path).text)
        assert "Another person decides until" in page
        assert "Agree and appeal" not in page
        assert send(bela, f"{path}/appeal", "Once more.").status_code == 422
