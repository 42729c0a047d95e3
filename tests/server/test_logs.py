"""Logs say what went wrong and where, and nothing that leads to a person."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import stripe
import structlog
from sqlalchemy import text
from sqlmodel import Session

from server import clock, logs, sealing, tokens
from server.services import consents, conversions, stripe_codes
from server.settings import Settings
from server.store import outbox
from server.store.connection import Database
from server.store.sessions import BrowserSession
from server.web.sessions import SIGNED_IN_LIFE
from tests import make, rows
from tests.ports import free_port
from tests.programs import Program, until
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.links.process import CHROME
from tests.server.town import Town
from tests.stripe_server.webhooks import sign

SUBJECT = "subject-of-ada-0815"
NAME = "Augusta Ada Byron"
E_MAIL = "ada.byron@example.org"
ADDRESS = "203.0.113.77"
BROWSER = f"{CHROME} Planted/47.11"
QUERY = "planted-in-a-query"
SECRET = "planted-in-a-body"


EVENT = {
    "id": "evt_planted0815",
    "type": "charge.refunded",
    "created": 1_900_000_000,
    "livemode": False,
    "account": None,
    "data": {
        "object": {
            "object": "charge",
            "id": "ch_planted0815",
            "payment_intent": "pi_planted0815",
            "amount_refunded": 100,
            "amount": 100,
            "currency": "eur",
            "receipt_email": E_MAIL,
            "refunded": True,
        }
    },
}


def line_of(**fields: Any) -> dict[str, Any]:
    return dict(logs.OnlyAllowed(strict=False)(None, "", fields))


class TestAllowList:
    def test_lets_named_fields_through_in_their_own_shape(self):
        assert line_of(event="call_failed", message_id=7, route="/r/<code>") == {
            "event": "call_failed",
            "message_id": 7,
            "route": "/r/<code>",
        }

    @pytest.mark.parametrize(
        "wrong",
        [
            {"path": "/r/x"},
            {"route": "/r/x?email=1"},
            {"error": "no such buyer: Ada Byron"},
            {"request_id": E_MAIL},
            {"count": "7"},
            {"count": True},
            {"offer": [E_MAIL]},
            {"frames": [E_MAIL]},
            {"offer": E_MAIL},
        ],
        ids=str,
    )
    def test_drops_counts_and_in_tests_refuses_the_rest(self, wrong: dict[str, Any]):
        (name,) = wrong
        before = logs.DROPPED[name]

        assert line_of(event="odd", **wrong) == {"event": "odd", "dropped": 1}
        assert logs.DROPPED[name] == before + 1
        with pytest.raises(logs.FieldNotAllowed, match=name):
            logs.OnlyAllowed(strict=True)(None, "", {"event": "odd", **wrong})

    def test_is_what_our_own_lines_go_through_in_tests(self):
        with pytest.raises(logs.FieldNotAllowed, match="customer"):
            structlog.get_logger().info("bought", customer=NAME)

    def test_keeps_of_an_exception_its_types_and_its_places(self):
        def fail() -> None:
            cause = stripe.InvalidRequestError(f"No such customer: {E_MAIL}", param=E_MAIL)
            raise ValueError(E_MAIL) from cause

        with pytest.raises(ValueError, match=E_MAIL) as caught:
            fail()

        line = logs.reduced(None, "", {"event": "call_failed", "exc_info": caught.value})
        assert line.pop("frames")[-1].startswith("tests/server/test_logs.py:")
        assert line == {
            "event": "call_failed",
            "error": "ValueError",
            "cause": "InvalidRequestError",
        }

    def test_names_code_that_was_made_at_run_time_as_such(self):
        """SQLAlchemy makes some; its name has spaces, and would be refused as a place."""
        with pytest.raises(ZeroDivisionError) as caught:
            exec(compile("1 / 0", "<made for a test>", "exec"))  # noqa: S102 - our own
        line = logs.reduced(None, "", {"event": "failed", "exc_info": caught.value})
        assert line["frames"][-1] == "<generated>:1 <module>"
        assert logs.OnlyAllowed(strict=True)(None, "", line) == line

    def test_reduces_what_libraries_and_crashes_say(self, capsys: pytest.CaptureFixture[str]):
        logger = logging.getLogger("stripe")
        record = logger.makeRecord(
            "stripe", logging.WARNING, __file__, 7, f"charged {E_MAIL}", (), None, "charge"
        )
        logs.Library().emit(record)
        logs.crashed(KeyError, KeyError(E_MAIL), None)

        said, crash = map(json.loads, capsys.readouterr().out.splitlines())
        assert (said["event"], said["logger"], said["level"]) == ("library", "stripe", "warning")
        assert said["frames"] == ["tests/server/test_logs.py:7 charge"]
        assert (crash["event"], crash["error"]) == ("crashed", "KeyError")

    def test_errors_of_the_database_name_no_parameter(self, db: Session):
        make.member(db, SUBJECT)
        with pytest.raises(Exception, match="member") as caught, db.begin_nested():
            db.execute(
                text("INSERT INTO member (issuer, subject, created_at) VALUES ('x', :s, NULL)"),
                {"s": SUBJECT},
            )
        assert SUBJECT not in str(caught.value).split("DETAIL")[0]


@pytest.fixture
def town(database: Database) -> Town:
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now()
        town.people["Ada"] = make.member(db, SUBJECT, now=town.now)
        town.shares("Ada")
    return town


@pytest.fixture
def programs(database: Database, tmp_path: Path) -> Iterator[dict[str, Program]]:
    """Start the site, the links and the worker as they are in production."""
    site, links = (f"127.0.0.1:{free_port()}" for _ in range(2))
    common = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "SITE_BIND": site,
        "SITE_URL": f"http://{site}",
        "LINK_BIND": links,
        "LINK_URL": f"http://{links}",
        "TRUSTED_PROXIES": "1",
        "JOBS_EVERY_SECONDS": "1",
    }
    answers = {"site": f"http://{site}/healthz", "links": f"http://{links}/healthz", "work": ""}
    started = {name: Program(name, tmp_path, common, answers_at=at) for name, at in answers.items()}
    for program in started.values():
        program.start()
    yield started
    for program in started.values():
        if program.running is not None:
            program.kill()


def breaks(database: Database, table: str) -> None:
    """Let the database refuse every new row of a table, in words that hold what is written."""
    with database.transaction() as db:
        if database.dialect == "sqlite":
            db.execute(
                text(
                    f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, '{SECRET}'); END"
                )
            )
        else:
            db.execute(
                text(
                    f"CREATE FUNCTION broken_{table}() RETURNS trigger AS $$ BEGIN"
                    " RAISE EXCEPTION '% cannot be written', NEW::text; END $$ LANGUAGE plpgsql"
                )
            )
            db.execute(
                text(
                    f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table}"
                    f" FOR EACH ROW EXECUTE FUNCTION broken_{table}()"
                )
            )


@pytest.fixture
def broken(database: Database) -> Iterator[None]:
    """Break what every program writes, and mend it again: others use the same PostgreSQL."""
    found = ("conversion", "share", "visit", "stripe_event")
    for table in found:
        breaks(database, table)
    yield
    with database.transaction() as db:
        for table in found:
            if database.dialect == "sqlite":
                db.execute(text(f"DROP TRIGGER broken_{table}"))
            else:
                db.execute(text(f"DROP FUNCTION broken_{table} CASCADE"))


def signed_in(db: Session, member_id: int) -> str:
    """Return the cookie of a browser in which a member is signed in."""
    token = tokens.secret()
    now = clock.now()
    db.add(
        BrowserSession(
            token_hash=tokens.kept(token),
            member_id=member_id,
            content={"_user_id": str(member_id), "_fresh": True},
            created_at=now,
            expires_at=now + SIGNED_IN_LIFE,
        )
    )
    return token


def events_in(log: Path) -> set[str]:
    """Return what a program logged so far, by name."""
    return {json.loads(line)["event"] for line in log.read_text().splitlines()}


def ask_everything(
    programs: dict[str, Program], town: Town, sent: dict[str, str]
) -> dict[str, int]:
    """Send what people and shops send, each with something planted; return the statuses."""
    site, links = programs["site"].settings["SITE_URL"], programs["links"].settings["LINK_URL"]
    headers = {
        "User-Agent": BROWSER,
        "X-Forwarded-For": ADDRESS,
        "Referer": f"https://shop.example/?{QUERY}",
        "X-Request-Id": E_MAIL,
    }
    cookie = {"fanfare_session": sent["cookie"]}
    order = {
        "order_ref": E_MAIL,
        "net_minor": 80_00,
        "currency": "EUR",
        "is_new_customer": True,
        "visit_token": sent["visit"],
        "buyer_ref": SECRET,
    }
    share = {
        "event_id": str(uuid4()),
        "offer_id": town.offer.public_id,
        "channel": "copy",
        "shown_as": NAME,
        "consent_hash": consents.text(consents.SHARE).hash,
        "language": "en",
        "created_at": clock.now().isoformat(),
    }
    partner, app = bearer(sent["partner"]), bearer(sent["app"])
    raw = json.dumps(EVENT)
    signed = {"Stripe-Signature": sign(raw, SECRET, at=int(time.time()))}
    beacon = {"token": sent["visit"], "email": E_MAIL}
    asked = {
        "order": ("POST", f"{site}/api/partner/v1/conversions", order, partner),
        "share": ("POST", f"{site}/api/extension/v1/shares", share, app),
        "query": ("POST", f"{site}/api/partner/v1/conversions?{QUERY}", order, partner),
        "body": ("POST", f"{site}/api/partner/v1/conversions", {"email": E_MAIL}, partner),
        "hook": ("POST", f"{site}/hooks/stripe/{sent['hook']}", EVENT, signed),
        "forged": ("POST", f"{site}/hooks/stripe/{sent['hook']}", {"email": E_MAIL}, {}),
        "connect": ("POST", f"{site}/hooks/stripe", {"email": E_MAIL}, {}),
        "page": ("GET", f"{site}/wallet?{QUERY}", None, {}),
        "lost": ("GET", f"{site}/{QUERY}?{E_MAIL}", None, {}),
        "click": ("GET", f"{links}/r/{town.links['Ada']}?{QUERY}", None, {}),
        "beacon": ("POST", f"{links}/b/seen", beacon, {}),
    }
    statuses = {}
    for name, (method, address, body, more) in asked.items():
        answer = requests.request(
            method,
            address,
            json=body,
            headers=headers | more,
            cookies=cookie,
            allow_redirects=False,
            timeout=30,
        )
        statuses[name] = answer.status_code
    return statuses


def test_nothing_planted_is_in_the_output_of_any_process(
    programs: dict[str, Program],
    database: Database,
    settings: Settings,
    town: Town,
    app_token: Tokens,
    partner_token: Tokens,
    request: pytest.FixtureRequest,
):
    with database.transaction() as db:
        link = town.links["Ada"]
        visit = make.visit(db, link, now=clock.now(), is_verified=False)
        cookie = signed_in(db, town.people["Ada"])
        account = rows.make(
            db,
            "stripe_account",
            public_id="plantedhook1",
            how="key",
            sealed_hook_secret=sealing.seal(settings.sealing_key, SECRET),
        )
    sent = {
        "hook": account["public_id"],
        "cookie": cookie,
        "visit": visit,
        "partner": partner_token(town.brand_id),
        "app": app_token(town.people["Ada"]),
    }
    request.getfixturevalue("broken")
    statuses = ask_everything(programs, town, sent)
    assert {statuses[name] for name in ("order", "share", "click", "hook")} <= {500, 503}, statuses

    with database.transaction() as db:
        for kind in (conversions.VEST, stripe_codes.FOLLOW):
            outbox.put(db, kind=kind, content={"email": E_MAIL}, due_at=clock.now())
    said = programs["work"].log
    until(lambda: {"outbox_failed", "call_failed"} <= events_in(said), said)
    for program in programs.values():
        program.stop()

    everything = "".join(program.log.read_text() for program in programs.values())
    assert "unexpected" in events_in(programs["site"].log)
    assert {"click_refused", "clicks_not_stored"} & events_in(programs["links"].log)
    planted = [
        "planted0815",
        SUBJECT,
        NAME,
        E_MAIL,
        ADDRESS,
        BROWSER,
        QUERY,
        SECRET,
        link,
        *sent.values(),
    ]
    assert [one for one in planted if one in everything] == []
    for line in everything.splitlines():
        assert set(json.loads(line)) <= set(logs.ALLOWED), line
