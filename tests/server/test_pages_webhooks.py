"""A brand's webhook endpoints on its pages, without script: added, looked at, repaired, removed."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import clock
from server.settings import Settings
from server.store.connection import Database
from tests.server import pages_world
from tests.server.conftest import SignIn
from tests.server.post_office import PostOffice, redemption
from tests.server.receivers import Receiver, in_turn, receiving, says
from tests.server.standard_webhooks import is_from

PARTNERS = "/brands/bertas-boots/partners"
HOME = f"{PARTNERS}/webhooks"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def office(database: Database, settings: Settings) -> PostOffice:
    with database.transaction() as db:
        brand_id = pages_world.berta(db)
    return PostOffice(database, brand_id, clock.now(), settings.sealing_key)


@pytest.fixture
def mia(client: FlaskClient, sign_in: SignIn, office: PostOffice) -> FlaskClient:
    assert office, "Mia manages it, so it comes before her"
    sign_in(client, "mia")
    return client


@pytest.fixture
def send(mia: FlaskClient, csrf_token: Callable[[FlaskClient], str]) -> Callable[..., Any]:
    def post(path: str = "", **fields: object) -> Any:
        return mia.post(HOME + path, data={"csrf_token": csrf_token(mia), **fields})

    return post


@pytest.fixture
def till() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def secret_in(answer: Any) -> str:
    return re.search(r"whsec_[\w+/]+=*", answer.text)[0]


def test_an_endpoint_is_added_and_its_secret_shown_once(mia, send, office, till):
    assert "Add an endpoint" in mia.get(PARTNERS).text
    answer = send(url=till.url, description="Till in Graz", types=["redemption.created"])
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    secret = secret_in(answer)

    office.happens()
    office.sends()
    assert is_from(secret, till.requests[0], now=office.now)
    page = mia.get(PARTNERS).text
    assert "Till in Graz" in page
    assert "whsec_" not in page
    path = re.search(rf'{HOME}/\w{{12}}(?=")', page)[0]
    assert "whsec_" not in mia.get(path).text
    assert office.audited()[-1].actor.startswith("member:")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("url", {"url": "http://example.com/"}),
        ("url", {"url": ""}),
        ("url", {"url": "https://10.0.0.1/"}),
        ("description", {"description": "x" * 81}),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    mia, send, office, field, change
):
    typed = {"url": URL, "description": "Till", "types": ["case.opened"]} | change
    answer = send(**typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{typed["url"]}"' in answer.text
    assert 'value="case.opened" checked' in answer.text
    assert "Look closer" not in mia.get(PARTNERS).text


def test_a_test_is_sent_and_its_answer_shown(mia, send, office, till):
    made = office.add(till.url)
    till.behaviour = says(500, b"<script>no stock</script>")
    assert send(f"/{made.public_id}/test").status_code == 303
    office.now = clock.now()
    office.sends()
    page = mia.get(f"{HOME}/{made.public_id}").text
    assert "webhook.test" in page
    assert "Waiting" in page
    assert "Nothing arrived since" in page
    assert "Nothing arrived since" in mia.get(PARTNERS).text

    delivery = office.log(made)[0].public_id
    page = mia.get(f"{HOME}/{made.public_id}/deliveries/{delivery}").text
    assert "&lt;script&gt;no stock" in page
    assert "<strong>500</strong>" in page
    till.behaviour = says()
    assert send(f"/{made.public_id}/deliveries/{delivery}/replay").status_code == 303
    office.now = clock.now()
    assert office.sends() == 1
    assert "Arrived" in mia.get(f"{HOME}/{made.public_id}").text


def test_a_disabled_endpoint_says_so_where_the_team_looks_and_is_enabled(mia, send, office, till):
    made = office.add(till.url)
    till.behaviour = in_turn(says(410), says())
    office.happens(redemption(1))
    office.now = clock.now()
    office.sends()
    for path in (PARTNERS, f"{HOME}/{made.public_id}"):
        assert "It said that it is gone (410)." in mia.get(path).text
    refused = mia.get(send(f"/{made.public_id}/test").location)
    assert "This endpoint is disabled; enable it first." in refused.text

    assert send(f"/{made.public_id}/enabling").status_code == 303
    assert "gone (410)" not in mia.get(PARTNERS).text
    assert send(f"/{made.public_id}/replays", since="day").status_code == 303
    office.now = clock.now()
    assert office.sends() == 1


def test_a_new_secret_is_shown_once_and_the_old_one_signs_along(mia, send, office, till):
    made = office.add(till.url)
    answer = send(f"/{made.public_id}/rotation")
    assert "sign with the old secret as well" in answer.text
    office.happens()
    office.sends()
    (request,) = till.requests
    for secret in (office.secrets[made.public_id], secret_in(answer)):
        assert is_from(secret, request, now=office.now)
    assert "signs along until" in mia.get(f"{HOME}/{made.public_id}").text


def test_an_endpoint_is_removed_after_saying_what_stops(mia, send, office):
    made = office.add(URL)
    path = f"/{made.public_id}/removal"
    assert "told nothing any more" in mia.get(HOME + path).text
    assert send(path).status_code == 303
    assert URL not in mia.get(PARTNERS).text
    assert mia.get(f"{HOME}/{made.public_id}").status_code == 404


def test_everything_of_the_last_hour_day_or_week_is_sent_again(send, office, till):
    made = office.add(till.url)
    begun = clock.now()
    for hours in (200, 100, 20, 0):
        office.now = begun
        office.later(hours=-hours, minutes=-5)
        office.happens()
        office.sends()
    counts = []
    for since in ("hour", "day", "week", "ever"):
        assert send(f"/{made.public_id}/replays", since=since).status_code == 303
        office.now = clock.now()
        counts.append(office.sends())
    assert counts == [1, 2, 3, 1]


def test_the_log_tells_it_in_words(client, sign_in, send, office):
    made = office.add(URL)
    send(f"/{made.public_id}/rotation")
    send(f"/{made.public_id}/removal")
    sign_in(client, "carl")
    page = client.get("/brands/bertas-boots/log").text
    for words in ("added a webhook endpoint", "a new secret", "removed a webhook endpoint"):
        assert words in page
