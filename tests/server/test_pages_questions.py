"""The card, the reply to it, the offers in their order, and the whole history of asks."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from server import clock
from server.demo.questions import QUESTION
from server.services.offers import OfferView
from server.store.answers import Answer
from server.store.asks import Ask
from tests.server import asking
from tests.server.test_languages import DATA, is_code, texts_of


@dataclass
class World:
    """Berta's Boots at the present moment; Ada has used a code and has not been asked."""

    offers: tuple[OfferView, OfferView]


@pytest.fixture
def world(database) -> World:
    with database.transaction() as db:
        shop = asking.open_shop(db, now=clock.now() - timedelta(days=16))
        shop.live()
        return World(shop.offers)


@pytest.fixture
def ada(client, sign_in, world) -> FlaskClient:
    sign_in(client, "ada")
    return client


@pytest.fixture
def send(csrf_token):
    def post(client, path, **fields):
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    return post


def rows(database, model):
    with database.reading() as db:
        return db.exec(select(model)).all()


def card_of(page: str) -> dict[str, str]:
    """Return where the card's form goes, and the consent that it carries."""
    return {
        "path": re.search(r'action="(/asks/\w+)"', page)[1],
        "consent_hash": re.search(r'name="consent_hash" value="(\w+)"', page)[1],
        "language": re.search(r'name="language" value="(\w+)"', page)[1],
    }


class TestTheCard:
    def test_stands_in_the_wallet_with_everything_one_should_know(self, ada, database):
        page = ada.get("/wallet").text
        for words in (
            "Which shoe size do you wear?",
            "so that we show you shoes in your size first",
            "your rewards, codes and prices stay the same",
            "at least 50 people",
            "Answer and agree",
            "Not now",
            "Never ask me this",
            "I answer the question",
        ):
            assert words in page
        assert len(rows(database, Ask)) == 1

    def test_is_the_same_after_a_reload_and_costs_once(self, ada, database):
        assert card_of(ada.get("/wallet").text) == card_of(ada.get("/wallet").text)
        assert len(rows(database, Ask)) == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"Purpose": "prefetch"},
            {"Sec-Fetch-Dest": "iframe"},
            {"Sec-Fetch-Dest": "empty"},
        ],
    )
    def test_is_not_there_for_who_does_not_look(self, ada, database, headers):
        assert "Which shoe size" not in ada.get("/wallet", headers=headers).text
        assert rows(database, Ask) == []

    def test_costs_nothing_when_only_the_head_is_asked_for(self, ada, database):
        assert ada.head("/wallet").status_code == 200
        assert rows(database, Ask) == []

    def test_is_for_nobody_who_was_given_nothing(self, client, sign_in, world, database):
        sign_in(client, "customer-1")
        assert "/asks/" not in client.get("/wallet").text
        assert rows(database, Ask) == []

    def test_speaks_german_where_the_brand_does(self, ada):
        page = ada.get("/wallet", headers={"Accept-Language": "de"}).text
        assert "Welche Schuhgröße tragen Sie?" in page
        assert "Nie mehr danach fragen" in page
        assert card_of(page)["language"] == "de"

    def test_says_in_which_language_it_is_where_the_brand_does_not(self, ada):
        page = ada.get("/wallet", headers={"Accept-Language": "fr"}).text
        assert '<h2 id="question-title" lang="en">Which shoe size' in page
        assert "Pas maintenant" in page


class TestReplies:
    @pytest.fixture
    def card(self, ada) -> dict[str, str]:
        return card_of(ada.get("/wallet").text)

    def test_an_answer_is_kept_and_the_card_is_gone(self, ada, send, card, database):
        answer = send(ada, card.pop("path"), reply="answer", choice="1", **card)
        assert (answer.status_code, answer.location) == (303, "/wallet")
        page = ada.get("/wallet").text
        assert "You can change or delete your answer" in page
        assert "/asks/" not in page
        assert [row.choice for row in rows(database, Answer)] == [1]

    @pytest.mark.parametrize("reply", ["not_now", "never"])
    def test_saying_no_needs_no_choice_and_leaves_nothing(self, ada, send, card, database, reply):
        assert send(ada, card["path"], reply=reply).status_code == 303
        assert "/asks/" not in ada.get("/wallet").text
        assert rows(database, Answer) == []
        assert [row.reply for row in rows(database, Ask)] == [reply]

    def test_a_form_that_is_sent_twice_is_one_answer(self, ada, send, card, database):
        path = card.pop("path")
        send(ada, path, reply="answer", choice="1", **card)
        send(ada, path, reply="answer", choice="0", **card)
        assert "that reply stays" in ada.get("/wallet").text
        assert [row.choice for row in rows(database, Answer)] == [1]

    @pytest.mark.parametrize("choice", ["", "9", "-1", "one", "²", "999999"])
    def test_without_a_good_choice_it_is_asked_again(self, ada, send, card, database, choice):
        again = send(ada, card.pop("path"), reply="answer", choice=choice, **card)
        assert again.status_code == 422
        assert "Choose one of the answers." in again.text
        assert "/asks/" in again.text
        assert rows(database, Answer) == []

    def test_other_words_are_not_agreed_to(self, ada, send, card, database):
        wrong = {**card, "consent_hash": "0" * 64}
        again = send(ada, wrong.pop("path"), reply="answer", choice="1", **wrong)
        assert again.status_code == 422
        assert rows(database, Answer) == []

    def test_nobody_replies_for_somebody_else(self, browser, sign_in, send, card, database):
        dora = browser()
        sign_in(dora, "dora")
        path = card.pop("path")
        assert send(dora, path, reply="answer", choice="1", **card).status_code == 404
        assert send(dora, path, reply="never").status_code == 404
        assert [row.reply for row in rows(database, Ask)] == [None]


class TestMyQuestions:
    @pytest.fixture
    def answered(self, ada, send) -> FlaskClient:
        card = card_of(ada.get("/wallet").text)
        send(ada, card.pop("path"), reply="answer", choice="1", **card)
        return ada

    def test_tell_what_was_asked_and_what_may_be(self, answered):
        page = answered.get("/my-data/questions").text
        for words in (
            "You have been asked for 1 point since",
            "received and the time that passed",
            "No question comes before",
            "Which shoe size do you wear?",
            "38-40",
            "It is deleted on",
        ):
            assert words in page

    def test_tell_a_newcomer_that_nobody_may_ask(self, client, sign_in, world):
        sign_in(client, "dora")
        assert "Nobody may ask you anything" in client.get("/my-data/questions").text

    def test_an_answer_is_changed_and_deleted_there(self, answered, send, database):
        page = answered.get("/my-data/questions").text
        path = re.search(r'action="(/my-data/questions/\w+/choice)"', page)[1]
        consent = re.search(r'name="consent" value="([\w-]+)"', page)[1]
        assert send(answered, path, choice="0").status_code == 303
        assert [row.choice for row in rows(database, Answer)] == [0]
        assert send(answered, path, choice="7").status_code == 422
        for _ in range(2):
            gone = send(answered, "/my-data/questions/withdrawal", consent=consent)
            assert gone.status_code == 303
        assert rows(database, Answer) == []
        assert send(answered, path, choice="0").status_code == 422

    def test_never_stands_there_for_good(self, ada, send):
        send(ada, card_of(ada.get("/wallet").text)["path"], reply="never")
        assert "Never again:" in ada.get("/my-data/questions").text

    def test_are_those_of_the_reader_alone(self, answered, browser, sign_in, send, database):
        page = answered.get("/my-data/questions").text
        path = re.search(r'action="(/my-data/questions/\w+/choice)"', page)[1]
        consent = re.search(r'name="consent" value="([\w-]+)"', page)[1]
        dora = browser()
        sign_in(dora, "dora")
        assert "38-40" not in dora.get("/my-data/questions").text
        assert send(dora, path, choice="0").status_code == 422
        assert send(dora, "/my-data/questions/withdrawal", consent=consent).status_code == 404
        assert [row.choice for row in rows(database, Answer)] == [1]


class TestOffers:
    def titles(self, page: str) -> list[str]:
        return re.findall(r"<h2 class=\"h3\"><a [^>]*>([^<]+)</a>", page)

    def test_stand_in_the_order_of_the_answers_and_say_why(self, ada, send, database):
        assert self.titles(ada.get("/offers").text) == ["Summer sandals", "Winter boots"]
        card = card_of(ada.get("/wallet").text)
        send(ada, card.pop("path"), reply="answer", choice="1", **card)

        assert self.titles(ada.get("/offers", headers={"Sec-Purpose": "prefetch"}).text)
        assert [row.used_at for row in rows(database, Answer)] == [None]
        page = ada.get("/offers").text
        assert self.titles(page) == ["Winter boots", "Summer sandals"]
        assert "Shown first because you said:" in page
        assert "38-40" in page
        (used,) = [row.used_at for row in rows(database, Answer)]
        assert used is not None
        ada.get("/offers")
        assert [row.used_at for row in rows(database, Answer)] == [used], "once a day is enough"

    def test_are_none_where_nothing_is_published(self, client, sign_in):
        sign_in(client, "dora")
        assert "nothing to share" in client.get("/offers").text

    @pytest.mark.parametrize("path", ["/offers", "/my-data/questions"])
    def test_are_for_members(self, client, path):
        assert client.get(path).status_code == 303


class TestLanguages:
    """Everything is told apart; only names, days and numbers may be the same."""

    NAMES = frozenset(
        {"Winter boots", "Summer sandals", "(Winter boots)", "(Summer sandals)", "Winter"}
    )

    @pytest.fixture
    def asked(self, client, sign_in, database) -> FlaskClient:
        with database.transaction() as db:
            shop = asking.open_shop(db, now=clock.now() - timedelta(days=16))
            shop.live(QUESTION)
        sign_in(client, "ada")
        return client

    def same(self, client: FlaskClient, path: str, other: str) -> set[str]:
        english, translated = (
            texts_of(client.get(path, headers={"Accept-Language": language}).text)
            for language in ("en", other)
        )
        same = english & translated
        return {text for text in same if not is_code(text)} - self.NAMES - DATA

    @pytest.mark.parametrize("other", ["de", "fr"])
    def test_every_page_about_questions_speaks_them(self, asked, send, other):
        assert self.same(asked, "/wallet", other) == set()
        card = card_of(asked.get("/wallet", headers={"Accept-Language": other}).text)
        send(asked, card.pop("path"), reply="answer", choice="0", **card)
        for path in ("/wallet", "/offers", "/my-data/questions"):
            assert self.same(asked, path, other) == set(), path
