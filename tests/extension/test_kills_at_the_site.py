"""Exactly once against the real site, whenever the browser stops the extension's worker."""

import json
import subprocess
from pathlib import Path

from sqlmodel import Session, select

from server import clock, tokens
from server.app import create_app
from server.services import authorizations, clients, consents
from server.store import oauth_clients
from server.store.connection import Database
from server.store.referrals import Referral
from server.store.shares import Share
from tests import machine, make
from tests.ports import free_port
from tests.server.live import serving

HERE = Path(__file__).parent
PEOPLE = 200
"""More than there are steps to stop at."""


def refresh_token(db: Session, member_id: int) -> str:
    """Return a refresh token as a sign-in gives it."""
    client = oauth_clients.find(db, clients.EXTENSION)
    assert client is not None
    assert client.id is not None
    token = tokens.secret()
    authorizations.keep_token(
        db,
        client_id=client.id,
        member_id=member_id,
        scope=" ".join(clients.APP_SCOPES),
        access_token=tokens.secret(),
        refresh_token=token,
        now=clock.now(),
    )
    return token


def test_each_event_happens_once(
    database: Database, settings, tmp_path: Path, record_property, dialect: str
) -> None:
    now = clock.now()
    with database.transaction() as db:
        clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
        offer = make.offer(db, make.brand(db), now=now)
        hats = make.offer(
            db,
            make.brand(db, "hats", hosts=("hats.example",)),
            page_url="https://hats.example/",
            now=now,
        )
        brought = make.share(db, make.member(db, "bela"), offer, now=now).code
        people, ids = [], {}
        for number in range(PEOPLE):
            name = f"ada-{number}"
            ids[name] = make.member(db, name)
            people.append(
                {
                    "name": name,
                    "tokens": [refresh_token(db, ids[name]) for _ in range(3)],
                    "visit": make.visit(db, brought, now=now, is_verified=True),
                    "code": make.share(db, ids[name], hats, now=now).code,
                }
            )
    roomy = settings.model_copy(update={"anonymous_requests_per_minute": 1_000_000})
    with serving(create_app(roomy, database), free_port()) as site:
        world = tmp_path / "people.json"
        facts = {
            "site": site,
            "offer": offer.public_id,
            "share_consent": consents.text(consents.SHARE).hash,
            "referral_consent": consents.text(consents.REFERRAL).hash,
            "people": people,
        }
        world.write_text(json.dumps(facts))
        ran = subprocess.run(  # noqa: S603 - our own
            [machine.node(), HERE / "kills_at_the_site.js", world],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)

    assert told["stopped"] > told["steps"] > 50
    assert len(told["runs"]) == told["stopped"] + 1
    record_property("told", f"{told['stopped']} workers of the extension stopped, on {dialect}.")
    with database.reading() as db:
        for run in told["runs"]:
            member_id = ids[run["name"]]
            made = db.exec(select(Share).where(Share.member_id == member_id).order_by(Share.id))
            earlier, *new = made.all()
            assert earlier.withdrawn_at is not None
            assert [share.event_id for share in new] == run["shares"]
            claims = db.exec(select(Referral.event_id).where(Referral.friend_id == member_id))
            assert claims.all() == [run["claim"]]
