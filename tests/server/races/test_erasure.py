"""Erasing against everything else that writes something of the same person, at the same moment.

Whatever comes first is erased with the rest; whatever comes second is told that the person is gone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlmodel import Session, select

from rewards.money import Money
from server import clock, tokens
from server.errors import CodeRefused, Conflict, NotFound, NotSignedIn
from server.jobs.sweep import sweep
from server.services import (
    authorizations,
    checks,
    codes,
    erasures,
    privacy_answers,
    privacy_requests,
    redemptions,
    shares,
    sign_ins,
)
from server.services.validations import Use
from server.store import oauth_clients, tables
from server.store import shares as share_store
from server.store.connection import Database
from server.store.members import Member
from server.store.privacy_requests import PrivacyRequest
from tests import make
from tests.server import erased_person, pages_world
from tests.server.erased_person import BOOKS, Person

ATTEMPTS = 6
TOO_LATE = (NotSignedIn, NotFound, Conflict, CodeRefused)
APP = "https://x.chromiumapp.org/"


class Rush:
    """One person in the middle of everything, and all that may happen to them at once."""

    def __init__(self, app: Flask, database: Database, world: pages_world.World) -> None:
        self.app, self.database, self.world = app, database, world
        with database.transaction() as db:
            self.person: Person = erased_person.comes(db)
            token = erased_person.is_brought(self.person, db, world.link)
            self.links = erased_person.shares_on(self.person, db, world.offer)
            self.buyer = self.person.called("buyer", uuid4().hex)
            for one in make.known_by(db, world.brand_id, now=clock.now(), buyer_ref=self.buyer):
                self.person.called("buyer", one.hash)
            self.code = erased_person.earns_and_takes(
                self.person, db, world.brand_id, self.links[0], tokens.kept(uuid4().hex)
            )
            erased_person.allows_an_app(self.person, db, APP)
            self.client_id = oauth_clients.find(db, "fanfare-extension").id
            self.till_id = self.client_of(db)
            self.visit, self.friends = token, make.visit(db, self.links[0], now=clock.now())
            self.other_offer = pages_world.published(db, world.brand_id, clock.now())
            elsewhere = make.share(db, world.ada, self.other_offer, now=clock.now())
            self.there = make.visit(db, elsewhere.code, now=clock.now(), is_verified=True)
            self.asked = self.files(db).public_id
        self.grants = {
            what: name
            for what, name in self.person.known_as.items()
            if what.startswith(("refresh token", "authorization code"))
        }

    def client_of(self, db: Session) -> int:
        made = make.partner(db, self.world.brand_id)
        return oauth_clients.find(db, made.client_id).id

    def deeds(self) -> list[Callable[[Session], object]]:
        who, now = self.person.member_id, clock.now()
        called = self.person.called
        return [
            lambda db: erasures.erase(db, member_id=who, now=now),
            lambda db: make.share(
                db,
                who,
                self.world.offer,
                now=now,
                event_id=called("share", str(uuid4())),
                shown_as=called("name", f"Adaline {uuid4().hex[:8]}"),
            ),
            lambda db: make.claim(
                db, who, self.there, now=now, event_id=called("claim", str(uuid4()))
            ),
            lambda db: codes.take(
                db,
                member_id=who,
                offer_public_id=self.world.offer.public_id,
                event_id=str(uuid4()),
                value_minor=500,
                holder_hash=called("customer number", tokens.kept(uuid4().hex)),
                now=now,
            ),
            self.files,
            lambda db: shares.withdraw(db, member_id=who, code=self.links[0], now=now),
            lambda db: make.order(
                db,
                self.world.brand_id,
                "90.00",
                now=now,
                visit_token=self.visit,
                buyer_ref=self.buyer,
            ),
            lambda db: redemptions.redeem(
                db,
                client_id=self.till_id,
                code=self.code,
                order_ref="A-1",
                use=Use(self.world.brand_id, Money(100_00, "EUR")),
                now=now,
            ),
            lambda db: privacy_answers.answer(
                db,
                brand_id=self.world.brand_id,
                public_id=self.asked,
                actor="member:1",
                words=called("answer", f"Dear Ada {uuid4().hex}"),
                now=now,
            ),
            self.refreshes,
            self.exchanges,
        ]

    def files(self, db: Session) -> privacy_requests.RequestView:
        return privacy_requests.file(
            db,
            member_id=self.person.member_id,
            event_id=self.person.called("form", str(uuid4())),
            kind="other",
            brand_slug="bertas-boots",
            words=self.person.called("words", f"I am Ada {uuid4().hex}"),
            now=clock.now(),
        )

    def refreshes(self, db: Session) -> None:
        for what, token in self.grants.items():
            if what.startswith("refresh token"):
                found = authorizations.read_refresh_token(
                    db, token=token, client_id=self.client_id, now=clock.now()
                )
                self.keeps(db, found)

    def exchanges(self, db: Session) -> None:
        for what, code in self.grants.items():
            if what.startswith("authorization code"):
                found = authorizations.read_code(
                    db, code=code, client_id=self.client_id, now=clock.now()
                )
                self.keeps(db, found)

    def keeps(self, db: Session, found: authorizations.Permission | None) -> None:
        if found is not None:
            authorizations.keep_token(
                db,
                client_id=self.client_id,
                member_id=found.member_id,
                scope=found.scope,
                access_token=self.person.secret("access token", tokens.secret()),
                refresh_token=self.person.secret("refresh token", tokens.secret()),
                family=found.family,
                now=clock.now(),
            )

    def signs_in_by_browser(self) -> None:
        """Write a session as the site does after a sign-in that began before the erasure."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = str(self.person.member_id)
        cookie = client.get_cookie("fanfare_session")
        if cookie is not None:
            self.person.secret("cookie", cookie.value)

    def all_at_once(self) -> int:
        """Do everything at the same moment; return how much of it came before the erasure."""
        alone = [self.in_its_own(deed) for deed in self.deeds()]
        alone += [self.signs_in_by_browser, lambda: sweep(self.database, now=clock.now())]
        barrier = Barrier(len(alone))

        def run(deed: Callable[[], object]) -> bool:
            barrier.wait(timeout=30)
            try:
                deed()
            except TOO_LATE:
                return False
            return True

        with ThreadPoolExecutor(len(alone)) as pool:
            done = list(pool.map(run, alone))
        assert done[0], "the erasure itself is done"
        return sum(done) - 1

    def in_its_own(self, deed: Callable[[Session], object]) -> Callable[[], object]:
        def alone() -> None:
            with self.database.transaction() as db:
                deed(db)

        return alone


@pytest.fixture
def world(database: Database) -> pages_world.World:
    with database.transaction() as db:
        return pages_world.story(db)


def test_nothing_of_a_person_is_written_after_the_erasure(app, database, world, tally):
    successes, wrong = 0, []
    for _ in range(ATTEMPTS):
        rush = Rush(app, database, world)
        successes += rush.all_at_once()
        found = erased_person.search(database, rush.person.known_as)
        wrong += [
            f"{what} in {places}"
            for what, places in found.names.items()
            if what.rpartition(" ")[0] not in BOOKS
        ]
        wrong += left(database, rush.person.member_id)
        with database.reading() as db:
            wrong += checks.everything(db)
    tally("erase against all the rest", attempts=ATTEMPTS, successes=successes, wrong=wrong)


def left(database: Database, member_id: int) -> list[str]:
    """Return what still acts or waits for an erased person."""
    wrong = []
    with database.reading() as db:
        for name in ("browser_session", "oauth_code", "oauth_token", "team_member"):
            table = tables.METADATA.tables[name]
            if db.execute(table.select().where(table.c.member_id == member_id)).first():
                wrong.append(f"a row in {name}")
        if any(
            row.withdrawn_at is None or row.shown_as for row in share_store.of_member(db, member_id)
        ):
            wrong.append("a share that goes on")
        requests = select(PrivacyRequest).where(PrivacyRequest.member_id == member_id)
        if any(row.state == "open" or row.words or row.answer for row in db.exec(requests)):
            wrong.append("a request that waits")
        assert db.get(Member, member_id).erased_at is not None
    return wrong


def test_who_signs_in_at_that_moment_is_somebody_else(database, tally):
    wrong = []
    for number in range(ATTEMPTS):
        with database.transaction() as db:
            member_id = make.member(db, f"ada-{number}")
        barrier, found = Barrier(2), []

        def erases(member_id: int = member_id, barrier: Barrier = barrier) -> None:
            barrier.wait(timeout=30)
            with database.transaction() as db:
                erasures.erase(db, member_id=member_id, now=clock.now())

        def comes(
            subject: str = f"ada-{number}",
            barrier: Barrier = barrier,
            found: list[int] = found,
        ) -> None:
            barrier.wait(timeout=30)
            with database.transaction() as db:
                found.append(
                    sign_ins.sign_in(
                        db, issuer=make.ISSUER, subject=subject, now=clock.now()
                    ).member_id
                )

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(erases), pool.submit(comes)]:
                done.result(timeout=60)
        with database.transaction() as db:
            again = sign_ins.sign_in(
                db, issuer=make.ISSUER, subject=f"ada-{number}", now=clock.now()
            ).member_id
        if again == member_id or found[0] not in {member_id, again}:
            wrong.append(f"{member_id} came back as {again}")
    tally("erase against sign in", attempts=ATTEMPTS, successes=ATTEMPTS, wrong=wrong)


def test_two_owners_who_go_at_once_leave_the_brand_one(database, tally):
    wrong, successes = [], 0
    for number in range(ATTEMPTS):
        with database.transaction() as db:
            brand_id = make.brand(db, f"brand-{number}", hosts=())
            owners = [make.member(db, f"owner-{number}-{i}") for i in range(2)]
            for owner in owners:
                make.team(db, brand_id, owner)
        barrier = Barrier(2)

        def goes(owner: int, barrier: Barrier = barrier) -> bool:
            barrier.wait(timeout=30)
            try:
                with database.transaction() as db:
                    erasures.erase(db, member_id=owner, now=clock.now())
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            gone = sum(pool.map(goes, owners))
        successes += gone
        if gone != 1:
            wrong.append(f"{gone} owners of {brand_id} are gone")
    tally(
        "erase against erase of the other owner",
        attempts=ATTEMPTS,
        successes=successes,
        wrong=wrong,
    )
