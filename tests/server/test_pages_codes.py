"""A brand looks a code up, and ends one that leaked."""

import pytest

from server import clock
from server.services import codes
from tests.server import pages_world

HOME = "/brands/bertas-boots/codes"


@pytest.fixture
def world(database):
    with database.transaction() as db:
        return pages_world.story(db)


@pytest.fixture
def code(database, world):
    with database.transaction() as db:
        return codes.take(
            db,
            member_id=world.ada,
            offer_public_id=world.offer.public_id,
            event_id="e",
            value_minor=500,
            now=clock.now(),
        ).code


@pytest.fixture
def mia(client, sign_in, world):
    assert world, "the team comes with the story"
    sign_in(client, "mia")
    return client


@pytest.fixture
def end(mia, csrf_token):
    def post(code, reason):
        data = {"csrf_token": csrf_token(mia), "code": code, "reason": reason}
        return mia.post(HOME, data=data)

    return post


def test_a_code_is_found_however_it_is_typed(mia, code):
    page = mia.get(HOME, query_string={"code": code.lower().replace("-", " ")}).text
    assert code in page
    assert "Can be used" in page
    assert "It was not used yet." in page
    assert "Ada" not in page, "a code says nothing of its holder"


def test_a_code_that_is_not_there_is_said_at_the_field(mia, code):
    answer = mia.get(HOME, query_string={"code": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text


def test_the_code_of_another_brand_is_not_there(client, sign_in, code):
    sign_in(client, "tom")
    answer = client.get("/brands/toms-tea/codes", query_string={"code": code})
    assert answer.status_code == 422
    assert "Can be used" not in answer.text


def test_a_leaked_code_is_ended_with_a_reason(end, mia, code, sign_in, browser):
    answer = end(code, "it stood in a forum")
    assert answer.status_code == 303
    page = mia.get(answer.location).text
    assert "Its value went back to its holder." in page
    assert "End this code" not in page
    carl = browser()
    sign_in(carl, "carl")
    assert "it stood in a forum" in carl.get("/brands/bertas-boots/log").text


def test_a_reason_is_needed(end, mia, code):
    answer = end(code, "  ")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert "Can be used" in mia.get(HOME, query_string={"code": code}).text
