"""Several at once: exactly one wins, and nothing slips through, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select

from server import clock, tokens
from server.services import authorizations, clients, sign_ins
from server.store import oauth_clients
from server.store.connection import Database
from server.store.members import Member
from server.store.oauth_clients import OAuthClient
from server.store.oauth_tokens import OAuthToken
from tests import make

AT_ONCE = 8


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run all actions at the same moment, each in a thread."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        barrier.wait(timeout=10)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.fixture
def client_id(extension, database) -> int:
    with database.reading() as db:
        row = oauth_clients.find(db, clients.EXTENSION)
        assert row is not None
        assert row.id is not None
        return row.id


@pytest.fixture
def ada(database) -> int:
    with database.transaction() as db:
        return make.member(db, "ada")


@pytest.fixture
def code(database, client_id, ada) -> str:
    with database.transaction() as db:
        return authorizations.issue_code(
            db,
            client_id=client_id,
            member_id=ada,
            redirect_uri="https://app.example/",
            scope="offers:read",
            code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            now=clock.now(),
        )


def live(database: Database) -> int:
    """Return how many tokens are neither revoked nor replaced."""
    with database.reading() as db:
        rows = db.exec(select(OAuthToken)).all()
    return len([row for row in rows if row.revoked_at is None and row.replaced_at is None])


def refresh(client, refresh_token: str) -> int:
    answer = client.post(
        "/oauth/token",
        data={
            "grant_type": "refresh_token",
            "client_id": clients.EXTENSION,
            "refresh_token": refresh_token,
        },
    )
    assert answer.status_code in {200, 400}, answer.text
    return answer.status_code


@pytest.fixture
def refresh_token(database, client_id, ada) -> str:
    token = tokens.secret()
    with database.transaction() as db:
        authorizations.keep_token(
            db,
            client_id=client_id,
            member_id=ada,
            scope="offers:read",
            access_token=tokens.secret(),
            refresh_token=token,
            family="the-family",
            now=clock.now(),
        )
    return token


def test_of_refreshes_with_one_token_exactly_one_wins(app, database, refresh_token):
    answers = at_once(*[lambda: refresh(app.test_client(), refresh_token) for _ in range(AT_ONCE)])

    assert sorted(answers) == [200] + [400] * (AT_ONCE - 1)
    assert live(database) == 0  # the others showed that the token is in two hands


def test_no_refresh_slips_past_the_end_of_its_family(app, database, ada, refresh_token):
    def disconnect() -> int:
        with database.transaction() as db:
            authorizations.disconnect(db, member_id=ada, family="the-family", now=clock.now())
        return 0

    for _ in range(5):
        at_once(lambda: refresh(app.test_client(), refresh_token), disconnect)
        assert live(database) == 0
        with database.transaction() as db:  # the same once more, from the beginning
            for row in db.exec(select(OAuthToken)).all():
                if row.refresh_hash == tokens.kept(refresh_token):
                    row.replaced_at = row.revoked_at = None
                else:
                    db.delete(row)


def test_of_uses_of_one_code_exactly_one_finds_it_unused(database, client_id, code):
    def use() -> bool:
        with database.transaction() as db:
            now = clock.now()
            found = authorizations.read_code(db, code=code, client_id=client_id, now=now)
            if found is not None:
                authorizations.use_code(db, code_id=found.id, now=now)
            return found is not None

    assert sorted(at_once(*[use] * AT_ONCE)) == [False] * (AT_ONCE - 1) + [True]


def test_a_person_who_comes_twice_at_once_becomes_one_member(database):
    def sign_in() -> sign_ins.SignedIn:
        with database.transaction() as db:
            return sign_ins.sign_in(db, issuer="https://id.example", subject="ada", now=clock.now())

    came = at_once(*[sign_in] * AT_ONCE)

    assert len({one.member_id for one in came}) == 1
    assert [one.is_new for one in came].count(True) == 1
    with database.reading() as db:
        assert len(db.exec(select(Member)).all()) == 1


def test_processes_that_start_at_once_make_one_client_for_the_extension(database):
    def start() -> None:
        with database.transaction() as db:
            clients.ensure_extension(db, redirect_uris=["https://a.example/"], now=clock.now())

    at_once(*[start] * AT_ONCE)

    with database.reading() as db:
        assert len(db.exec(select(OAuthClient)).all()) == 1
