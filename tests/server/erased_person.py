"""Somebody who does everything there is, under names that stand nowhere else, and a search."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import Session

from rewards.anomalies import Anomaly, Look
from rewards.integrity import Finding, Ruling, Standing
from server import clock, tokens
from server.services import (
    authorizations,
    clients,
    codes,
    conversations,
    conversions,
    own_cases,
    rulings,
    shares,
    sign_ins,
)
from server.services.conversation_rules import Colleague, Customer, Opening
from server.services.offers import OfferView
from server.store import oauth_clients, tables
from server.store.connection import Database
from server.store.consents import Consent
from server.store.integrity_cases import IntegrityCase
from server.store.referrals import Referral
from server.store.shares import Share
from server.store.teams import Role
from server.store.visits import Visit
from tests import make, rows
from tests.server import held_cases
from tests.server import talks as talks_of

BOOKS = {
    "the request of a code": "the books call the grant by it: discount_code.event_id, and the"
    " causes in ledger_transfer",
    "a code": "whoever has it may use it until it ends, and its use can be rolled back",
}
"""What may stay, and why."""
SHORTEST = 8


@dataclass
class Person:
    """What somebody was called everywhere."""

    member_id: int
    known_as: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def called(self, what: str, name: str) -> str:
        """Note a name of the person, or of something that is theirs alone."""
        assert len(name) >= SHORTEST, name
        self._count += 1
        self.known_as[f"{what} {self._count}"] = name
        return name

    def secret(self, what: str, token: str) -> str:
        """Note a secret, and its hash as it is kept."""
        self.called(f"hash of {what}", tokens.kept(token))
        return self.called(what, token)


def comes(db: Session) -> Person:
    """Let somebody sign in whose provider nobody else uses."""
    issuer = f"https://{uuid4().hex}.example"
    subject = f"subject-{uuid4().hex}"
    now = clock.now()
    member_id = sign_ins.sign_in(db, issuer=issuer, subject=subject, now=now).member_id
    person = Person(member_id)
    person.called("issuer", issuer)
    person.called("subject", subject)
    return person


def signs_in(person: Person, client: FlaskClient) -> None:
    """Put the person into a browser; its cookie is one more name."""
    with client.session_transaction() as session:
        session["_user_id"] = str(person.member_id)
        session["_fresh"] = True
        person.called("form secret", session.setdefault("csrf_token", tokens.secret()))
    cookie = client.get_cookie("fanfare_session")
    assert cookie is not None
    person.secret("cookie", cookie.value)


def allows_an_app(person: Person, db: Session, redirect_uri: str) -> str:
    """Let the extension in, by code and by refresh; return its access token."""
    now = clock.now()
    clients.ensure_extension(db, redirect_uris=[redirect_uri], now=now)
    client_id = oauth_clients.find(db, clients.EXTENSION).id
    issued = authorizations.issue_code(
        db,
        client_id=client_id,
        member_id=person.member_id,
        redirect_uri=redirect_uri,
        scope=" ".join(clients.APP_SCOPES),
        code_challenge=person.called("code challenge", tokens.secret()),
        now=now,
    )
    person.secret("authorization code", issued)
    allowed = authorizations.read_code(db, code=issued, client_id=client_id, now=now)
    person.called("family", allowed.family)
    for _ in range(2):
        access, refresh = tokens.secret(), tokens.secret()
        authorizations.keep_token(
            db,
            client_id=client_id,
            member_id=person.member_id,
            scope=allowed.scope,
            access_token=person.secret("access token", access),
            refresh_token=person.secret("refresh token", refresh),
            family=allowed.family,
            now=now,
        )
    return access


def is_brought(person: Person, db: Session, link: str) -> str:
    """Let the person come by a friend's link and confirm it; return the visit's token."""
    token = make.visit(db, link, now=clock.now() - timedelta(days=21))
    visit = db.exec(select(Visit).where(Visit.token == token)).scalar_one()
    visit.nonce = person.called("nonce", tokens.secret()[:22])
    visit.visitor_key = person.called("visitor key", "keyOfVis").encode()
    visit.network_even = person.called("network", "netEvenX").encode()
    visit.network_odd = person.called("other network", "netOddXx").encode()
    visit.device = person.called("device", "Ladybird 7 Haiku")
    visit.engaged = True
    event_id = person.called("claim", str(uuid4()))
    make.claim(db, person.member_id, token, now=clock.now(), event_id=event_id)
    return person.called("own visit", token)


def shares_on(person: Person, db: Session, offer: OfferView) -> list[str]:
    """Let the person share twice, under a name, and withdraw once; return both links."""
    links = []
    for channel in ("copy", "whatsapp"):
        share = make.share(
            db,
            person.member_id,
            offer,
            now=clock.now() - timedelta(days=20),
            event_id=person.called("share", str(uuid4())),
            channel=channel,
            shown_as=person.called("name", f"Adaline Q. {channel}-{uuid4().hex[:6]}"),
        )
        links.append(person.called("link", share.code))
    shares.withdraw(db, member_id=person.member_id, code=links[1], now=clock.now())
    return links


def earns_and_takes(person: Person, db: Session, brand_id: int, link: str, holder: str) -> str:
    """Let friends buy through the person's link, and the person take codes; return an open one."""
    for days in (19, 18):
        then = clock.now() - timedelta(days=days)
        visit = make.visit(db, link, now=then)
        later = then + timedelta(hours=1)
        make.order(db, brand_id, "180.00", now=later, ordered_at=later, visit_token=visit)
    make.pass_time(db, clock.now())
    for holder_hash in (person.called("customer number", holder), None):
        offer_id = _offer_of(db, person)
        taken = codes.take(
            db,
            member_id=person.member_id,
            offer_public_id=offer_id,
            event_id=person.called("the request of a code", str(uuid4())),
            value_minor=500,
            holder_hash=holder_hash,
            now=clock.now(),
        )
        person.called("a code", taken.code)
    return taken.code


def buys(person: Person, db: Session, brand_id: int, visit: str, said: dict[str, str]) -> None:
    """Let the person buy by their own visit; what a shop says of them comes along."""
    now = clock.now()
    known = make.known_by(db, brand_id, now=now, **said)
    for one in known:
        person.called("buyer", one.hash)
    made = make.order(db, brand_id, "75.00", now=now, visit_token=visit, **said)
    assert isinstance(made, conversions.ConversionView)
    buyer = [[one.key_id, one.kind, one.hash] for one in known]
    facts = {"session": "cs_1", "reference": visit, "buyer": buyer, "amount": 7500}
    rows.make(db, "stripe_event", facts=facts, state="waiting")


def is_called(person: Person, said: dict[str, str]) -> None:
    """Note what was said of the person and must stand nowhere, not even before they are erased."""
    for what, words in said.items():
        person.called(what, words)


def talks(person: Person, db: Session, brand_id: int) -> None:
    """Let the person write to a brand about a share, get an answer, and answer for the brand."""
    now, nele = clock.now(), make.member(db, "nele")
    share = db.exec(select(Share).where(Share.member_id == person.member_id)).scalars().first()
    opening = Opening(
        brand_slug="",
        share_code=share.code,
        kind="complaint",
        subject=person.called("subject", f"About {uuid4().hex}"),
        shown_as=person.called("name", f"Adaline {uuid4().hex[:12]}"),
        words=person.called("words", f"My boots leak {uuid4().hex}"),
    )
    form = person.called("form", str(uuid4()))
    begun = talks_of.begin(db, person.member_id, now=now, opening=opening, event_id=form)
    for by, words in (
        (Colleague(brand_id, nele, Role.REVIEWER, "Nele"), "We are sorry, "),
        (Customer(person.member_id), "Thank you, "),
    ):
        conversations.write(
            db,
            by=by,
            public_id=begun,
            event_id=person.called("form", str(uuid4())),
            words=person.called("words", words + uuid4().hex),
            now=now,
        )
    other = talks_of.begin(db, nele, now=now)
    name = person.called("name", f"Adaline at {uuid4().hex[:12]}")
    conversations.write(
        db,
        by=Colleague(brand_id, person.member_id, Role.MANAGER, name),
        public_id=other,
        event_id=person.called("form", str(uuid4())),
        words="We will look.",
        now=now,
    )


def is_looked_at(person: Person, db: Session, brand_id: int, offer: OfferView) -> None:
    """Let the person be held and denied, answer, and ask somebody else for the brand."""
    now = clock.now()
    sentence = person.called("finding", f"Like a timer {uuid4().hex}")
    case = held_cases.hold(
        db,
        member_id=person.member_id,
        offer_public_id=offer.public_id,
        now=now,
        found=Finding(
            Standing.HOLD, sentence, 1e-6, (Anomaly(Look.TIMER, 1e-6, sentence, {"visits": 52}),)
        ),
    )
    said = person.called("words", f"It was my newsletter {uuid4().hex}")
    form = held_cases.form(said, event_id=person.called("form", str(uuid4())))
    own_cases.answer(db, member_id=person.member_id, public_id=case, form=form, now=now)
    rulings.decide(
        db,
        by=Colleague(brand_id, make.member(db, "nele"), Role.REVIEWER),
        public_id=case,
        ruling=Ruling.DENY,
        reason=person.called("reason", f"Nobody clicks like that {uuid4().hex}"),
        seen=1,
        now=now,
    )
    bela = make.member(db, "bela")
    other = held_cases.hold(db, member_id=bela, offer_public_id=offer.public_id, now=now)
    case_id = db.exec(select(IntegrityCase.id).where(IntegrityCase.public_id == other)).scalar_one()
    asked = {"case_id": case_id, "kind": "question", "author_id": person.member_id}
    rows.make(db, "case_statement", **asked, event_id=person.called("form", str(uuid4())))


def leaves_traces(person: Person, db: Session, brand_id: int) -> None:
    """Fill the tables whose pages are told elsewhere: answers, asks, exports, the team."""
    theirs, now = {"member_id": person.member_id}, clock.now()
    lives = {"expires_at": now + timedelta(days=7)}
    consent = rows.make(
        db,
        "consent",
        **theirs,
        public_id=person.called("consent to a question", str(uuid4())),
        given_at=now,
        purpose=person.called("question", f"question:{uuid4().hex[:12]}"),
    )
    question = rows.make(db, "question", brand_id=brand_id)["id"]
    rows.make(
        db,
        "answer",
        **theirs,
        **lives,
        consent_id=consent["id"],
        question_id=question,
        answered_at=now,
    )
    account = rows.make(db, "ask_account", **theirs, brand_id=brand_id)["id"]
    rows.make(
        db,
        "ask",
        **theirs,
        account_id=account,
        question_id=question,
        public_id=person.called("ask", tokens.public_id()),
        session=person.called("asked session", tokens.kept(uuid4().hex)),
        asked_at=now,
    )
    archive = " ".join(person.known_as.values()).encode()
    rows.make(
        db,
        "data_export",
        **theirs,
        **lives,
        asked_at=now,
        public_id=person.called("export", tokens.public_id()),
        archive=archive,
    )
    make.team(db, brand_id, person.member_id, Role.MANAGER)
    talks(person, db, brand_id)
    for row in db.exec(select(Consent).where(Consent.member_id == person.member_id)).scalars():
        person.called("consent", row.public_id)
    for row in db.exec(select(Referral).where(Referral.friend_id == person.member_id)).scalars():
        assert row.event_id in person.known_as.values()


def _offer_of(db: Session, person: Person) -> str:
    participant, offer = tables.METADATA.tables["participant"], tables.METADATA.tables["offer"]
    wanted = select(offer.c.public_id).join(participant, participant.c.offer_id == offer.c.id)
    return db.execute(wanted.where(participant.c.member_id == person.member_id)).scalar_one()


@dataclass
class Found:
    """What a search looked at, and the names that it found, with where."""

    tables: int = 0
    columns: int = 0
    rows: int = 0
    names: dict[str, set[str]] = field(default_factory=dict)

    def note(self, known_as: dict[str, str], where: str, words: str | bytes) -> None:
        """Look for every name in some words."""
        for what, name in known_as.items():
            if (name.encode() if isinstance(words, bytes) else name) in words:
                self.names.setdefault(what, set()).add(where)


def search(database: Database, known_as: dict[str, str]) -> Found:
    """Look for every name in every column of every row of every table."""
    found = Found()
    with database.reading() as db:
        for table in tables.METADATA.sorted_tables:
            found.tables += 1
            found.columns += len(table.columns)
            for row in db.execute(select(table)):
                found.rows += 1
                for column, value in zip(table.columns, row, strict=True):
                    words = value if isinstance(value, bytes) else str(value)
                    found.note(known_as, f"{table.name}.{column.name}", words)
    return found


def search_files(path: Path, known_as: dict[str, str], found: Found) -> int:
    """Look for every name in SQLite's own files, deleted rows and all; return their size."""
    size = 0
    for file in sorted(path.parent.glob(f"{path.name}*")):
        content = file.read_bytes()
        size += len(content)
        found.note(known_as, file.name, content)
    return size


def parts(address: str) -> dict[str, list[str]]:
    """Return the query of an address."""
    return parse_qs(urlsplit(address).query)
