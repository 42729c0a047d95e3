"""A brand's pages for questions: written, tried, published, watched from afar, ended."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from server import clock
from server.services import question_figures
from server.store import brands
from server.store.answers import Answer
from server.store.audit import AuditEntry
from server.store.consents import Consent
from server.store.questions import Question
from tests import make
from tests.server import asking, pages_world

PATH = "/brands/bertas-boots/questions"
FORM = {
    "field": "shoe_size",
    "kind": "size",
    "retention_days": "365",
    "title_en": "Which shoe size do you wear?",
    "choices_en": "36-37\n38-40\n\n41 or more",
    "groups_en": "small: 1, 2\nlarge: 3",
    "purpose_en": "To show offers in your size first.",
    "benefit_en": "So that we show you shoes in your size first.",
}


@pytest.fixture
def boots(database) -> str:
    """Berta's Boots with its team; return the id of a published offer."""
    with database.transaction() as db:
        brand_id = pages_world.berta(db)
        return pages_world.published(db, brand_id, clock.now()).public_id


@pytest.fixture
def mia(client, sign_in, boots):
    sign_in(client, "mia")
    return client


@pytest.fixture
def send(csrf_token):
    def post(client, path, **fields):
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    return post


@pytest.fixture
def drafted(mia, send) -> str:
    """Return the address of a draft."""
    answer = send(mia, PATH, **FORM)
    assert answer.status_code == 303
    return answer.location


def rows(database, model):
    with database.reading() as db:
        return db.exec(select(model).order_by(model.id)).all()


class TestWriting:
    def test_a_newcomer_reads_what_may_be_asked(self, mia):
        page = mia.get(PATH).text
        for words in ("No question yet", "A size", "Article 9 GDPR", "at least 20", "Points"):
            assert words in page

    def test_a_draft_is_kept_as_it_was_written(self, mia, drafted, database):
        (row,) = rows(database, Question)
        assert row.words["en"]["choices"] == ["36-37", "38-40", "41 or more"]
        assert (row.groups, row.words["en"]["group_names"]) == ([[0, 1], [2]], ["small", "large"])
        form = mia.get(f"{drafted}/edit").text
        for words in ("Which shoe size", "small: 1, 2", "shoe_size", "So that we show you"):
            assert words in form
        assert "Which shoe size" in mia.get(PATH).text

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"kind": ""}, "Choose one of the kinds"),
            ({"retention_days": "soon"}, "whole number of days"),
            ({"retention_days": "400"}, "1 to 365 days"),
            ({"groups_en": "small 1 2"}, "like this: small: 1, 2"),
            ({"groups_en": "small: 1\nlarge: 3"}, "exactly one group"),
            ({"choices_en": "only one"}, "2 to 12 choices"),
            ({"title_en": "How is your health?"}, "Article 9 GDPR"),
            ({"title_de": "Welche Größe?", "groups_de": "alle: 1, 2, 3"}, "same choices together"),
            ({"title_de": "Welche Größe?"}, "one a line"),
            (dict.fromkeys([name for name in FORM if name.endswith("_en")], ""), "one language"),
        ],
    )
    def test_what_does_not_work_is_said_where_it_stands(
        self, mia, send, database, changes, sentence
    ):
        answer = send(mia, PATH, **(FORM | changes))
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "What you typed is still there" in answer.text
        assert rows(database, Question) == []

    def test_a_changed_draft_is_the_same_version(self, mia, send, drafted, database):
        assert (
            send(mia, f"{drafted}/edit", **(FORM | {"title_en": "Your size?"})).status_code == 303
        )
        assert [(r.version, r.words["en"]["title"]) for r in rows(database, Question)] == [
            (1, "Your size?")
        ]


class TestPublishing:
    def test_the_card_is_shown_before_and_asks_nobody(self, mia, drafted):
        page = mia.get(drafted).text
        assert "Berta&#39;s Boots has one question" in page
        assert "So that we show you shoes in your size first." in page
        assert 'action="/asks/' not in page

    def test_topics_are_chosen_and_it_goes_live(self, mia, send, drafted, boots, database):
        assert "Until one does, nobody is asked" in mia.get(f"{drafted}/publication").text
        assert send(mia, f"{drafted}/topics", topic=f"1:{boots}", version="1").status_code == 303
        assert re.search(rf'value="1:{boots}" checked', mia.get(drafted).text)
        assert send(mia, f"{drafted}/publication").status_code == 303
        assert [row.state for row in rows(database, Question)] == ["live"]
        assert send(mia, f"{drafted}/publication").status_code == 409

    @pytest.mark.parametrize("topic", ["9:{boots}", "x:{boots}", ":{boots}:"])
    def test_nonsense_as_a_topic_is_refused(self, mia, send, drafted, boots, topic):
        answer = send(mia, f"{drafted}/topics", topic=topic.format(boots=boots))
        assert answer.status_code in {404, 422}

    def test_an_offer_of_another_brand_is_no_topic(self, mia, send, drafted, database):
        with database.transaction() as db:
            tea = brands.find_by_slug(db, "toms-tea")
            theirs = pages_world.published(
                db, tea.id, clock.now(), page_url="https://tea.example/green"
            )
        answer = send(mia, f"{drafted}/topics", topic=f"1:{theirs.public_id}")
        assert answer.status_code == 404

    def test_the_next_version_says_what_it_costs(self, mia, send, drafted, database):
        send(mia, f"{drafted}/publication")
        assert "This becomes the next version" in mia.get(f"{drafted}/edit").text
        send(mia, f"{drafted}/edit", **(FORM | {"title_en": "Your size?"}))
        assert "Version 1 is asked now" in mia.get(drafted).text
        assert "every answer to it is deleted" in mia.get(f"{drafted}/publication").text
        send(mia, f"{drafted}/publication")
        assert [row.state for row in rows(database, Question)] == ["ended", "live"]

    def test_it_ends(self, mia, send, drafted, database):
        send(mia, f"{drafted}/publication")
        assert "deleted at once" in mia.get(f"{drafted}/ending").text
        assert send(mia, f"{drafted}/ending").status_code == 303
        assert [row.state for row in rows(database, Question)] == ["ended"]
        assert send(mia, f"{drafted}/ending").status_code == 409
        actions = [row.action for row in rows(database, AuditEntry)]
        assert actions[-3:] == ["question.drafted", "question.published", "question.ended"]
        assert mia.get(drafted).status_code == 200

    def test_an_analyst_may_look_and_change_nothing(self, drafted, browser, sign_in, send):
        otto = browser()
        sign_in(otto, "otto")
        page = otto.get(drafted).text
        assert "Save</button>" not in page
        assert "Publish" not in page
        assert send(otto, f"{drafted}/publication").status_code == 403


class TestFigures:
    """What a brand sees of answers: many people, as of midnight, and never one."""

    def answer(self, db, question: Question, number: int, choice: int, when) -> None:
        member_id = make.member(db, f"person-{number}")
        consent = Consent(
            public_id=f"consent-{number}",
            member_id=member_id,
            purpose=f"question:{question.public_id}",
            text_hash="x",
            text_version="1",
            language="en",
            surface="test",
            given_at=when,
        )
        db.add(consent)
        db.flush()
        db.add(
            Answer(
                question_id=question.id,
                member_id=member_id,
                consent_id=consent.id,
                choice=choice,
                answered_at=when,
                expires_at=when + timedelta(days=365),
            )
        )

    @pytest.fixture
    def figures(self, db):
        """Return what a brand sees when so many gave each answer, some of them today."""
        shop = asking.open_shop(db, crowd=1, redeemed=False)
        public_id = shop.live().public_id
        question = db.exec(select(Question)).one()
        today = shop.now.replace(hour=0, minute=0, second=0, microsecond=0)

        def seen(counts: list[int], *, today_too: int = 0) -> tuple[list[int | None], int | None]:
            number = 0
            for choice, count in enumerate(counts):
                for _ in range(count):
                    self.answer(db, question, number, choice, today - timedelta(seconds=1))
                    number += 1
            for _ in range(today_too):
                self.answer(db, question, number, 0, today)
                number += 1
            db.flush()
            found = question_figures.of_version(
                db, brand_id=shop.town.brand_id, public_id=public_id, version=1, now=shop.now
            )
            assert found.as_of == today
            cells = found.people.cells
            return [cells[label] for label in ("36-37", "38-40", "41 or more")], found.people.total

        return seen

    def test_forty_nine_people_are_nobody(self, figures):
        assert figures([49, 0, 0]) == ([None, None, None], None)

    def test_a_cell_needs_fifty_and_hides_what_could_be_computed(self, figures):
        assert figures([62, 71, 3]) == ([None, 70, None], 135)

    def test_who_answered_today_cannot_be_seen_coming(self, figures):
        assert figures([52, 53, 0], today_too=30) == ([50, 55, None], 105)

    def test_what_everybody_said_is_not_told(self, figures):
        assert figures([80, 0, 0])[0] == [None, None, None]

    def test_the_page_says_fewer_than_fifty(self, mia, drafted):
        page = mia.get(drafted).text
        assert page.count(">fewer than 50<") == 6, "three choices, two groups, and all"
