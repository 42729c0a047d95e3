"""The pages on which a customer and a brand write to each other; none needs JavaScript."""

import re
from uuid import uuid4

import pytest
from sqlmodel import select

from server import clock
from server.services import consents
from server.store.consents import Consent
from server.store.conversations import Conversation
from server.store.messages import Message
from tests import make
from tests.server import pages_world, talks

BRAND = "/brands/bertas-boots/conversations"
NEW = re.compile(r'class="unread"><span aria-hidden="true">(\d+)<')


@pytest.fixture
def world(database):
    with database.transaction() as db:
        return pages_world.story(db)


@pytest.fixture
def send(csrf_token):
    """Send a form the way a browser would: with its token and an id of its own."""

    def post(client, path, **fields):
        form = {"csrf_token": csrf_token(client), "event_id": str(uuid4()), **fields}
        return client.post(path, data=form)

    return post


@pytest.fixture
def person(browser, sign_in, world):
    """Return a browser in which somebody is signed in."""

    def as_subject(subject):
        client = browser()
        sign_in(client, subject)
        return client

    return as_subject


@pytest.fixture
def ada(person):
    return person("ada")


@pytest.fixture
def nele(person):
    return person("nele")


@pytest.fixture
def begin(send, ada):
    """Let Ada send the form for a new conversation."""

    def with_fields(client=None, language="en", **fields):
        text = consents.text(consents.CONVERSATION, language)
        form = {
            "brand": "bertas-boots",
            "kind": "complaint",
            "subject": "They leak",
            "shown_as": "Ada",
            "words": "After two days!\r\nReally.",
            "consent_hash": text.hash,
            "language": language,
        }
        return send(client or ada, "/conversations", **{**form, **fields})

    return with_fields


@pytest.fixture
def talk(begin):
    """Return the address of Ada's conversation."""
    answer = begin()
    assert answer.status_code == 303
    return answer.location


def fields_of(page):
    """Return what the hidden fields of a page hold."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def new_at(client, path="/wallet"):
    """Return the number in the navigation of a page, or nothing."""
    found = NEW.search(client.get(path).text)
    return found and int(found[1])


class TestBeginning:
    def test_leads_from_a_share_to_a_conversation_about_it(self, ada, world, send, nele):
        address = f"/conversations/new?share={world.link}"
        assert address in ada.get("/shares").text
        page = ada.get(address).text
        assert "about your share of Boots that last" in page
        assert consents.text(consents.CONVERSATION).text in page
        answer = send(
            ada,
            "/conversations",
            **fields_of(page) | {"kind": "review", "subject": "Good!", "words": "I like them."},
        )
        assert answer.status_code == 303
        shown = re.sub("<[^>]+>", "", ada.get(answer.location).text)
        assert re.search(
            r"Review to Berta&#39;s Boots, begun on [^.]+\. The brand sees you as a customer"
            r" without a name\. It is about your share of Boots that last of ",
            shown,
        )
        seen = nele.get(f"{BRAND}/{answer.location.rpartition('/')[2]}").text
        assert "About their share of Boots that last through “whatsapp”" in seen
        assert world.link not in seen

    def test_says_before_that_nothing_of_it_is_rewarded(self, ada):
        assert "Nothing that you write is ever rewarded" in ada.get("/conversations").text
        assert "Fanfare never pays for praise" in ada.get("/conversations/new").text

    def test_twice_with_one_form_begins_once(self, begin, database):
        form = str(uuid4())
        first, second = begin(event_id=form), begin(event_id=form)
        assert first.location == second.location
        assert begin(event_id=form, words="Other words").status_code == 422
        with database.reading() as db:
            assert len(db.exec(select(Conversation)).all()) == 1
            assert len(db.exec(select(Message)).all()) == 1

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"words": " "}, "Write something first"),
            ({"subject": ""}, "at most 100 characters what it is about"),
            ({"kind": ""}, "Choose what you write"),
            ({"brand": "nobody"}, "Choose the brand"),
            ({"shown_as": "x" * 41}, "at most 40 visible"),
            ({"consent_hash": "0" * 64}, "has changed"),
            ({"event_id": ""}, "incomplete"),
        ],
    )
    def test_shows_what_is_wrong_and_keeps_what_was_typed(self, begin, database, fields, said):
        answer = begin(**{"subject": "They <leak>", **fields})
        assert answer.status_code == 422
        assert said in answer.text
        if "subject" not in fields:
            assert "They &lt;leak&gt;" in answer.text
        with database.reading() as db:
            assert db.exec(select(Conversation)).all() == []
            assert db.exec(select(Consent).where(Consent.purpose == "conversation")).all() == []

    @pytest.mark.parametrize(
        ("language", "said"),
        [("de", "Schreiben Sie zuerst etwas."), ("fr", "Écrivez d'abord quelque chose.")],
    )
    def test_speaks_the_persons_language(self, ada, begin, language, said):
        ada.set_cookie("fanfare_language", language)
        page = ada.get("/conversations/new").text
        assert consents.text(consents.CONVERSATION, language).text in page.replace("&#39;", "'")
        assert said in begin(language=language, words="").text.replace("&#39;", "'")

    def test_nobody_begins_about_somebody_elses_share(self, person, begin, world):
        bela = person("bela")
        assert bela.get(f"/conversations/new?share={world.link}").status_code == 404
        assert begin(bela, share=world.link).status_code == 404


class TestTalking:
    def test_the_brand_answers_under_a_name_and_the_customer_reads_who(self, ada, nele, talk, send):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        assert "They leak" in nele.get(BRAND).text
        page = nele.get(there).text
        assert "After two days!\nReally." in page
        assert send(nele, f"{there}/messages", words="Sorry!", shown_as="Nele").status_code == 303
        assert "Nele, reviewer at Berta&#39;s Boots" in ada.get(talk).text
        assert 'name="shown_as" value="Nele"' in nele.get(there).text
        send(nele, f"{there}/messages", words="We send new ones.", shown_as="")
        assert "Berta&#39;s Boots, reviewer" in ada.get(talk).text
        assert send(ada, f"{talk}/messages", words="Thank you.").status_code == 303
        assert "Thank you." in nele.get(there).text

    def test_a_number_says_what_is_new_until_it_is_looked_at(self, ada, nele, talk, send):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        offers = "/brands/bertas-boots/offers"
        assert (new_at(ada), new_at(nele, offers)) == (None, 1)
        nele.get(there, headers={"Sec-Purpose": "prefetch"})
        nele.head(there)
        assert new_at(nele, offers) == 1, "nobody looked"
        assert new_at(nele, there) is None
        send(nele, f"{there}/messages", words="Sorry!")
        assert (new_at(ada), new_at(nele, offers)) == (1, None)
        assert "1 new message" in ada.get("/conversations").text
        ada.get(talk, headers={"Sec-Fetch-Dest": "image"})
        assert new_at(ada) == 1, "nobody looked"
        ada.get(talk)
        assert new_at(ada) is None

    def test_who_may_not_answer_is_shown_no_number(self, person, talk):
        assert new_at(person("otto"), "/brands/bertas-boots/offers") is None
        assert "Conversations" not in person("otto").get("/brands/bertas-boots/offers").text
        assert new_at(person("carl"), "/brands/bertas-boots/offers") == 1

    def test_a_message_that_is_wrong_is_shown_again(self, ada, nele, talk, send, database):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        long = "x" * 4001
        for client, path in ((ada, talk), (nele, there)):
            answer = send(client, f"{path}/messages", words=long)
            assert answer.status_code == 422
            assert "at most 4000 characters" in answer.text
            assert long in answer.text
        answer = send(nele, f"{there}/messages", words="Sorry!", shown_as="x" * 41)
        assert (answer.status_code, "at most 40 visible" in answer.text) == (422, True)
        with database.reading() as db:
            assert len(db.exec(select(Message)).all()) == 1

    def test_what_looks_like_a_page_stays_text(self, ada, nele, talk, send):
        send(ada, f"{talk}/messages", words="<script>alert(1)</script>")
        for page in (ada.get(talk).text, nele.get(f"{BRAND}/{talk.rpartition('/')[2]}").text):
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page


class TestSolving:
    def test_either_side_marks_it_and_the_other_opens_it_again(self, ada, nele, talk, send):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        assert send(nele, f"{there}/solution", seen="1").status_code == 303
        assert "Berta&#39;s Boots marked it as solved" in ada.get(talk).text
        assert send(ada, f"{talk}/reopening").status_code == 303
        assert "Mark as solved" in nele.get(there).text
        send(ada, f"{talk}/solution", seen="1")
        assert "solved by the customer" in nele.get(there).text
        send(nele, f"{there}/reopening")
        assert "You marked it" not in ada.get(talk).text

    @pytest.mark.parametrize("seen", ["1", "", "0", "soon", "-3"])
    def test_what_somebody_has_not_read_is_not_solved(self, ada, nele, talk, send, seen):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        send(nele, f"{there}/messages", words="Which size?")
        send(ada, f"{talk}/solution", seen=seen)
        page = ada.get(talk).text
        assert "Something new was written meanwhile" in page
        assert fields_of(page)["seen"] == "2"
        send(ada, f"{talk}/messages", words="38")
        send(nele, f"{there}/solution", seen="2")
        assert "Something new was written meanwhile" in nele.get(there).text


class TestEnding:
    def test_hides_it_from_the_brand_and_nobody_writes(self, ada, nele, talk, send):
        there = f"{BRAND}/{talk.rpartition('/')[2]}"
        assert send(ada, f"{talk}/end").status_code == 303
        assert "You ended this conversation" in ada.get(talk).text
        assert "They leak" not in nele.get(BRAND).text
        assert nele.get(there).status_code == 404
        assert send(nele, f"{there}/messages", words="Wait!").status_code == 404
        assert send(ada, f"{talk}/messages", words="Wait!").status_code == 410
        assert "Ended" in ada.get("/conversations").text
        assert send(ada, f"{talk}/end").status_code == 303

    def test_my_data_ends_it_as_well(self, ada, nele, talk, send, database):
        page = ada.get("/my-data").text
        assert "A conversation with Berta&#39;s Boots: “They leak”." in page
        with database.reading() as db:
            given = db.exec(select(Consent).where(Consent.purpose == "conversation")).one()
        path = f"/my-data/consents/{given.public_id}/withdrawal"
        assert send(ada, path).status_code == 303
        assert "They leak" not in nele.get(BRAND).text
        assert "that you ended: “They leak”." in ada.get("/my-data").text


class TestAccess:
    def test_a_conversation_is_found_by_its_customer_alone(self, person, talk, send, database):
        for subject in ("bela", "nele", "carl", "dora"):
            stranger = person(subject)
            assert stranger.get(talk).status_code == 404
            for path in ("messages", "solution", "reopening", "end"):
                answer = send(stranger, f"{talk}/{path}", words="Hi", seen="1")
                assert answer.status_code == 404, (subject, path)
            assert "They leak" not in stranger.get("/conversations").text
        with database.reading() as db:
            assert len(db.exec(select(Message)).all()) == 1

    def test_a_brand_sees_its_own_alone(self, person, database, talk):
        with database.transaction() as db:
            talks.begin(db, make.member(db, "bela"), now=clock.now())
        tom = person("tom")
        there = "/brands/toms-tea/conversations"
        assert "They leak" not in tom.get(there).text
        assert tom.get(f"{there}/{talk.rpartition('/')[2]}").status_code == 404

    @pytest.mark.parametrize("path", ["/conversations", "/conversations/new", "/conversations/x"])
    def test_nobody_is_led_to_sign_in(self, client, world, path):
        assert client.get(path).location.startswith("/sign-in?next=")

    def test_forms_need_their_token(self, ada, talk):
        for path in ("/conversations", *(f"{talk}/{p}" for p in ("messages", "solution", "end"))):
            assert ada.post(path, data={"words": "Hi"}).status_code == 400
