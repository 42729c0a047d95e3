"""Settings: where somebody is signed in, and signing out of all of it at once."""

import pytest

from server import clock
from server.services import device_keys
from tests import make
from tests.server.devices import Signer


@pytest.fixture
def ada(client, sign_in):
    sign_in(client, "ada")
    return client


@pytest.fixture
def adas_phone(browser, sign_in, ada):
    """Return another browser of Ada's."""
    phone = browser()
    sign_in(phone, "ada")
    return phone


@pytest.fixture
def bela(browser, sign_in):
    other = browser()
    sign_in(other, "bela")
    return other


def test_it_is_for_who_is_signed_in(client):
    assert client.get("/settings").location == "/sign-in?next=%2Fsettings"


def test_it_shows_the_own_browsers_and_no_others(ada, adas_phone, bela):
    page = ada.get("/settings").text
    assert page.count("This browser<") == 1
    assert page.count("Another browser") == 1
    assert "Another browser" not in bela.get("/settings").text


def test_signing_out_everywhere_ends_the_own_browsers_alone(ada, adas_phone, bela, csrf_token):
    token = csrf_token(ada)
    answer = ada.post("/settings/sign-out-everywhere", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/")
    for mine in (ada, adas_phone):
        assert mine.get("/settings").status_code == 303, "to sign in"
    assert bela.get("/settings").status_code == 200


def test_a_page_elsewhere_cannot_sign_somebody_out(ada):
    assert ada.post("/settings/sign-out-everywhere").status_code == 400
    assert ada.get("/settings").status_code == 200


def test_a_device_that_makes_codes_can_be_ended_here(ada, database, csrf_token):
    phone = Signer()
    with database.transaction() as db:
        member_id = make.member(db, "ada")
        now = clock.now()
        made = device_keys.register(db, member_id=member_id, x=phone.x, y=phone.y, now=now)
    assert f"/devices/{made.kid}/revoke" in ada.get("/settings").text
    path = f"/devices/{made.kid}/revoke"
    assert ada.post(path, data={"csrf_token": csrf_token(ada)}).status_code == 303
    assert made.kid[:8] not in ada.get("/settings").text


def test_it_asks_for_nothing(ada):
    assert "<input" not in ada.get("/settings").text.replace('<input type="hidden"', "")
