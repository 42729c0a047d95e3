"""A brand's partners: made with a secret that is shown once, and revoked."""

import pytest

from server.services import clients
from tests import make
from tests.server import pages_world

HOME = "/brands/bertas-boots/partners"


@pytest.fixture
def brand_id(database):
    with database.transaction() as db:
        return pages_world.berta(db)


@pytest.fixture
def carl(client, sign_in, brand_id):
    assert brand_id, "Carl owns it, so it comes before him"
    sign_in(client, "carl")
    return client


@pytest.fixture
def send(carl, csrf_token):
    def post(path, **fields):
        return carl.post(path, data={"csrf_token": csrf_token(carl), **fields})

    return post


def of_brand(database, brand_id):
    with database.reading() as db:
        return clients.of_brand(db, brand_id=brand_id)


def test_the_secret_is_shown_once_and_never_again(carl, send, database, brand_id):
    answer = send(HOME, title="Web shop")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    secret = (
        answer.text.split("Client secret")[1].split('<code class="link-code">')[1].split("<")[0]
    )
    (client,) = of_brand(database, brand_id)
    assert client.client_id in answer.text
    page = carl.get(HOME).text
    assert "Web shop" in page
    assert len(secret) > 30
    assert secret not in page
    assert secret not in carl.get("/brands/bertas-boots/log").text


@pytest.mark.parametrize("title", ["", "   ", "x" * 81, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused_at_its_field(send, database, brand_id, title):
    answer = send(HOME, title=title)
    assert answer.status_code == 422
    assert 'id="title-error"' in answer.text
    assert of_brand(database, brand_id) == []


def test_a_name_is_only_ever_text(carl, send):
    assert "<script>x" not in send(HOME, title="<script>x</script>").text
    page = carl.get(HOME).text
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


def test_a_client_is_revoked_after_saying_what_stops(carl, send, database, brand_id):
    send(HOME, title="Till")
    path = f"{HOME}/{of_brand(database, brand_id)[0].client_id}/revocation"
    assert "can no longer check or redeem" in carl.get(path).text
    assert send(path).status_code == 303
    assert of_brand(database, brand_id)[0].revoked_at is not None
    assert "Revoked on" in carl.get(HOME).text
    assert carl.get(path).status_code == 404


def test_the_client_of_another_brand_cannot_be_revoked(send, carl, database):
    with database.transaction() as db:
        other = make.brand(db, "another", name="Another", hosts=("another.example",))
        made = make.partner(db, other)
    path = f"{HOME}/{made.client_id}/revocation"
    assert carl.get(path).status_code == 404
    assert send(path).status_code == 404
    assert of_brand(database, other)[0].revoked_at is None
