"""Clients: who makes and ends them, and that both are written down."""

import pytest
from sqlmodel import Session

from server.errors import Invalid, NotFound
from server.services import clients
from server.store import audit
from server.store.oauth_clients import OAuthClient
from tests import make
from tests.make import THEN

ACTOR = "member:1"


@pytest.fixture
def berta(db: Session) -> int:
    return make.brand(db)


@pytest.fixture
def other(db: Session) -> int:
    return make.brand(db, "other", hosts=())


def create(db: Session, brand_id: int, title: str = "Coupondo") -> clients.NewClient:
    return clients.create(db, brand_id=brand_id, actor=ACTOR, title=title, now=THEN)


def test_a_secret_is_shown_once_and_kept_as_a_hash(db, berta):
    new = create(db, berta)

    found = clients.find(db, client_id=new.client_id)
    assert found is not None
    assert len(new.client_secret) == 43
    assert found.secret_hash != new.client_secret
    assert new.client_secret not in repr(new)
    assert found.brand_id == berta
    assert found.scopes == tuple(clients.PARTNER_SCOPES)


def test_a_brand_sees_its_own_clients_the_ended_ones_too(db, berta, other):
    first, second = create(db, berta, "First"), create(db, berta, "Second")
    create(db, other, "Noise")
    clients.revoke(db, brand_id=berta, client_id=first.client_id, actor=ACTOR, now=THEN)

    seen = clients.of_brand(db, brand_id=berta)

    assert [(c.client_id, c.title, c.revoked_at) for c in seen] == [
        (first.client_id, "First", THEN),
        (second.client_id, "Second", None),
    ]
    assert clients.find(db, client_id=first.client_id) is None


def test_making_and_ending_a_client_is_written_down_without_its_secret(db, berta):
    new = create(db, berta)
    clients.revoke(db, brand_id=berta, client_id=new.client_id, actor="member:2", now=THEN)
    clients.revoke(db, brand_id=berta, client_id=new.client_id, actor="member:2", now=THEN)
    db.flush()

    ended, made = audit.of_brand(db, berta, limit=10)

    assert (made.action, made.actor, made.subject) == ("client.create", ACTOR, new.client_id)
    assert made.after["title"] == "Coupondo"
    assert (ended.action, ended.actor, ended.subject) == (
        "client.revoke",
        "member:2",
        new.client_id,
    )
    assert new.client_secret not in str((made, ended))


def test_a_brand_cannot_end_the_client_of_another(db, berta, other):
    new = create(db, berta)

    for wrong in (new.client_id, "nobody", "\0", clients.EXTENSION):
        with pytest.raises(NotFound):
            clients.revoke(db, brand_id=other, client_id=wrong, actor=ACTOR, now=THEN)
    assert clients.find(db, client_id=new.client_id) is not None


@pytest.mark.parametrize("title", ["", "  ", "a" * 81, "a\0b", "a\nb"])
def test_a_client_needs_a_name_that_can_be_shown(db, berta, title):
    with pytest.raises(Invalid):
        create(db, berta, title)
    assert clients.of_brand(db, brand_id=berta) == []


def test_the_extension_returns_to_the_addresses_of_the_settings_alone(db):
    clients.ensure_extension(db, redirect_uris=["https://a.example/"], now=THEN)
    clients.ensure_extension(db, redirect_uris=["https://b.example/"], now=THEN)
    db.flush()

    found = clients.find(db, client_id=clients.EXTENSION)

    assert found is not None
    assert found.redirect_uris == ("https://b.example/",)
    assert found.secret_hash is None


def test_a_client_without_a_secret_cannot_belong_to_a_brand(db, berta):
    with pytest.raises(Exception, match="partner_has_a_secret_and_a_brand"), db.begin_nested():
        db.add(OAuthClient(client_id="x", title="x", brand_id=berta, scope="", created_at=THEN))
