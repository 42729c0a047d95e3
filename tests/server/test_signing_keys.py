"""Keys that sign: one at a time, made by whoever is first, published for good."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.fernet import InvalidToken
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import Session, select

from server import jws, sealing
from server.errors import Invalid
from server.jobs.sweep import sweep
from server.services import signing_keys
from server.services.signing_keys import SIGNS_FOR
from server.store.connection import Database
from server.store.signing_keys import SigningKey
from tests.server.town import NOON

KEY, OTHER_KEY = "sealing key", "another sealing key"
JUST_BEFORE = timedelta(microseconds=1)


def checks(line: str, keys: list[jws.Jwk]) -> bool:
    try:
        jws.check(jws.read(line), keys)
    except Invalid:
        return False
    return True


def test_the_first_who_needs_one_makes_it(db: Session):
    assert signing_keys.published(db) == []

    first = signing_keys.ensure(db, sealing_key=KEY, now=NOON)
    again = signing_keys.ensure(db, sealing_key=KEY, now=NOON + timedelta(days=1))

    assert first == again
    assert [key["kid"] for key in signing_keys.published(db)] == [first.kid]


def test_many_at_once_make_one(database: Database):
    def need(_: int) -> str:
        with database.transaction() as db:
            return signing_keys.ensure(db, sealing_key=KEY, now=NOON).kid

    with ThreadPoolExecutor(12) as threads:
        names = list(threads.map(need, range(24)))

    with database.reading() as db:
        (row,) = db.exec(select(SigningKey)).all()
    assert set(names) == {row.kid}


def test_what_is_published_leads_to_no_private_half(db: Session):
    signing_keys.ensure(db, sealing_key=KEY, now=NOON)

    (key,) = signing_keys.published(db)

    assert key.keys() == {"alg", "crv", "kid", "kty", "use", "x", "y"}


def test_the_private_half_opens_with_the_sealing_key_alone(db: Session):
    signer = signing_keys.ensure(db, sealing_key=KEY, now=NOON)
    row = db.exec(select(SigningKey)).one()

    for column in db.execute(text("SELECT * FROM signing_key")).one():
        assert signer.private_pem not in str(column)
        assert "PRIVATE" not in str(column)
    assert signer.private_pem not in repr(signer)
    assert sealing.unseal(KEY, row.sealed_private) == signer.private_pem
    with pytest.raises(InvalidToken):
        sealing.unseal(OTHER_KEY, row.sealed_private)


class TestRotation:
    def test_after_ninety_days_another_one_signs(self, database: Database):
        with database.transaction() as db:
            old = signing_keys.ensure(db, sealing_key=KEY, now=NOON)
        line = old.sign(b"{}", type_="t")
        sweep(database, now=NOON + SIGNS_FOR - JUST_BEFORE)
        with database.transaction() as db:
            assert signing_keys.ensure(db, sealing_key=KEY, now=NOON) == old

        sweep(database, now=NOON + SIGNS_FOR)

        with database.transaction() as db:
            new = signing_keys.ensure(db, sealing_key=KEY, now=NOON + SIGNS_FOR)
            keys = signing_keys.published(db)
            assert [key["kid"] for key in keys] == [new.kid, old.kid]
            assert checks(line, keys), "what the old one signed is still right"
            assert checks(new.sign(b"{}", type_="t"), keys)
            assert not checks(line, keys[:1])

    def test_the_private_half_of_an_old_one_is_gone(self, db: Session):
        signing_keys.ensure(db, sealing_key=KEY, now=NOON)
        signing_keys.rotate(db, now=NOON + SIGNS_FOR)

        row = db.exec(select(SigningKey)).one()

        assert (row.sealed_private, row.retired_at) == (None, NOON + SIGNS_FOR)

    def test_a_key_that_nobody_can_open_any_more_is_retired(self, db: Session):
        old = signing_keys.ensure(db, sealing_key=KEY, now=NOON)

        new = signing_keys.ensure(db, sealing_key=OTHER_KEY, now=NOON)

        assert new.kid != old.kid
        assert [key["kid"] for key in signing_keys.published(db)] == [new.kid, old.kid]


class TestTheDocument:
    def test_has_every_key_and_may_be_kept_a_while(self, client: FlaskClient, database: Database):
        assert client.get("/.well-known/jwks.json").json == {"keys": []}
        with database.transaction() as db:
            signer = signing_keys.ensure(db, sealing_key=KEY, now=NOON)

        answer = client.get("/.well-known/jwks.json")

        assert answer.content_type == "application/jwk-set+json"
        assert [key["kid"] for key in json.loads(answer.data)["keys"]] == [signer.kid]
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        tag = answer.headers["ETag"]
        again = client.get("/.well-known/jwks.json", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")

    def test_another_key_makes_another_document(self, client: FlaskClient, database: Database):
        with database.transaction() as db:
            signing_keys.ensure(db, sealing_key=KEY, now=NOON)
        tag = client.get("/.well-known/jwks.json").headers["ETag"]
        with database.transaction() as db:
            signing_keys.rotate(db, now=NOON + SIGNS_FOR)
            signing_keys.ensure(db, sealing_key=KEY, now=NOON + SIGNS_FOR)

        answer = client.get("/.well-known/jwks.json", headers={"If-None-Match": tag})

        assert answer.status_code == 200
        assert len(json.loads(answer.data)["keys"]) == 2
