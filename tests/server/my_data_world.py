"""Ada with a row in every table that is about people, among others who have theirs.

Whatever names somebody else begins with ``bela`` or is listed, so that a test can look for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import Session

from server import tokens
from server.jobs import outbox
from server.jobs.sweep import sweep
from server.services import (
    authorizations,
    cases,
    clients,
    consents,
    conversations,
    data_exports,
    identities,
)
from server.services.consents import ConsentText
from server.services.conversation_rules import Colleague
from server.services.export_means import Means
from server.services.offers import OfferView
from server.services.receipt_documents import Issuer
from server.store import conversions as conversion_store
from server.store import members as member_store
from server.store import oauth_clients, offers, participants, shares
from server.store.answers import Answer
from server.store.asks import Ask, AskAccount
from server.store.audit import AuditEntry
from server.store.cases import CaseKind
from server.store.clicks import ClickCount
from server.store.codes import DiscountCode
from server.store.connection import Database
from server.store.consents import put_consented
from server.store.content_items import ContentItem
from server.store.content_unlocks import ContentOpening, ContentUnlock
from server.store.privacy_requests import PrivacyRequest
from server.store.questions import Question
from server.store.sessions import BrowserSession
from server.store.stripe_accounts import StripeAccount
from server.store.stripe_codes import StripeCode
from server.store.teams import Role
from server.store.visits import Visit
from tests import make, rows
from tests.server import talks
from tests.server import town as towns
from tests.server.till import Till, take
from tests.server.town import NOON, Town

FORMULA = '=HYPERLINK("http://evil.example")'
"""The name under which Ada shares a second time, and which spreadsheets must not run."""


MEANS = Means(Issuer("http://127.0.0.1:8000", "EU", "names"), "a key that seals keys")


def _advance(db: Session, content: dict[str, Any], now: datetime) -> None:
    data_exports.advance(db, export_id=content["export_id"], means=MEANS, now=now)


HANDLERS = {**outbox.HANDLERS, data_exports.ADVANCE: _advance}


def work(database: Database, now: datetime) -> None:
    """Do a round of what happens by itself, as the worker does."""
    sweep(database, now=now, by=HANDLERS)


@dataclass
class World:
    """The town with what tests look for."""

    town: Town
    other_offer: OfferView
    ada: int
    bela: int
    others: frozenset[str]
    """What names somebody else, or something of theirs."""


def told(db: Session, now: datetime = NOON) -> World:
    """Tell a story in which everything happens to Ada; it begins now."""
    town = towns.found(db)
    town.now = now
    ada, bela = town.member("Ada"), town.member("Bela")
    make.team(db, town.brand_id, ada, "analyst")
    _shares_and_is_visited(town)
    codes = _takes_codes(town)
    other = make.offer(db, town.brand_id, now=town.now, title="Summer sandals")
    _is_brought(town, other)
    _signs_in(town)
    _meets_stripe(town, codes)
    _unlocks(town)
    _is_asked(town)
    _asks_by_law(town)
    _talks(town)
    _is_reviewed(town)
    db.flush()
    data_exports.ask(db, member_id=ada, language="en", now=town.now)
    return World(town, other, ada, bela, _others(db, bela))


def _shares_and_is_visited(town: Town) -> None:
    db = town.db
    town.shares("Ada")
    first = town.links["Ada"]
    make.share(db, town.member("Ada"), town.offer, now=town.now, shown_as=FORMULA)
    town.shares("Bela", after="Ada")
    make.visit(db, first, now=town.now, is_verified=True)
    share = shares.find_by_code(db, first)
    assert share is not None
    day = town.now.date()
    db.add(ClickCount(share_id=share.id, day=day, reason="gpc", clicks=3))
    order = town.orders("120.00", through="Ada", order_ref="bela-order-1")
    make.refund(db, town.brand_id, order, "20.00", reversal_ref="bela-refund-1", now=town.now)
    town.orders("990.00", through="Ada", order_ref="bela-order-2")
    town.orders("480.00", through="Bela", order_ref="bela-order-3")
    town.time_passes()
    held = town.orders("70.00", through="Ada", order_ref="bela-order-4")
    row = conversion_store.find_by_public_id(db, brand_id=town.brand_id, public_id=held.public_id)
    cases.open_about(
        db,
        brand_id=town.brand_id,
        kind=CaseKind.DISPUTE,
        source_ref="bela-dispute-1",
        conversion_id=row.id,
        amount_minor=70_00,
        evidence=["bela-evidence-1"],
        opened_at=town.now,
        now=town.now,
    )


def _takes_codes(town: Town) -> list[str]:
    """Let Ada take codes, of which one is used and one is held; return them."""
    till = Till.of(town)
    used = take(town, 5_00, "00000000-0000-4000-8000-000000000001")
    redemption = till.redeem(used.code, order_ref="ada-order-1")
    till.roll_back(redemption, 1_00)
    held = take(town, 5_00, "00000000-0000-4000-8000-000000000002")
    till.reserve(held.code, order_ref="ada-order-2")
    return [used.code, held.code]


def _is_brought(town: Town, offer: OfferView) -> None:
    """Let Bela bring Ada to another offer, where she buys."""
    db = town.db
    link = make.share(db, town.member("Bela"), offer, now=town.now, shown_as="Bela").code
    token = make.visit(db, link, now=town.now, is_verified=True)
    make.claim(db, town.member("Ada"), token, now=town.now)
    bought = town.now + timedelta(minutes=1)
    order = make.order(
        db,
        town.brand_id,
        "30.00",
        now=bought,
        visit_token=token,
        order_ref="ada-order-3",
        buyer_ref="ada-buyer",
    )
    make.refund(db, town.brand_id, order, "10.00", reversal_ref="ada-refund-3", now=bought)
    _is_known_as_a_buyer(town)


def _is_known_as_a_buyer(town: Town) -> None:
    """Let the shop know Bela's number, beside one of her orders and as her own."""
    known = make.known_by(town.db, town.brand_id, now=town.now, buyer_ref="bela-buyer")
    bela = town.member("Bela")
    row = rows.make(
        town.db,
        "conversion",
        brand_id=town.brand_id,
        buyer_id=bela,
        public_id=tokens.public_id(),
        order_ref="bela-order-5",
        fingerprint=tokens.kept("bela-order-5"),
    )
    identities.note(town.db, conversion_id=row["id"], identities=known)
    identities.learn(town.db, member_id=bela, identities=known, now=town.now)


def _signs_in(town: Town) -> None:
    """Let Ada sign in, connect the extension, and change something for the brand."""
    db, now = town.db, town.now
    clients.ensure_extension(db, redirect_uris=["https://x.chromiumapp.org/"], now=now)
    extension = oauth_clients.find(db, clients.EXTENSION)
    for name in ("Ada", "Bela"):
        member_id = town.member(name)
        db.add(
            BrowserSession(
                token_hash=tokens.kept(f"{name}-browser"),
                member_id=member_id,
                created_at=now,
                expires_at=now + timedelta(days=14),
            )
        )
        authorizations.keep_token(
            db,
            client_id=extension.id,
            member_id=member_id,
            scope="wallet:read",
            access_token=f"{name}-access",
            refresh_token=f"{name}-refresh",
            now=now,
        )
    db.add(
        AuditEntry(
            brand_id=town.brand_id,
            actor=f"member:{town.member('Ada')}",
            action="offer.ended",
            subject="offer",
            at=now,
        )
    )


def _meets_stripe(town: Town, codes: list[str]) -> None:
    db = town.db
    account = StripeAccount(
        public_id="account-1",
        brand_id=town.brand_id,
        account_ref="acct_1",
        how="key",
        is_live_mode=False,
        connected_at=town.now,
    )
    db.add(account)
    db.flush()
    (code_id,) = db.execute(select(DiscountCode.id).where(DiscountCode.code == codes[1])).one()
    db.add(
        StripeCode(
            account_id=account.id,
            code_id=code_id,
            promotion_ref="promo_of_ada",
            is_active=True,
            changed_at=town.now,
        )
    )


def _unlocks(town: Town) -> None:
    """Let Ada unlock something and open it, and Bela, too."""
    db, now = town.db, town.now
    offer = offers.find_by_public_id(db, town.offer.public_id)
    item = ContentItem(
        public_id="content-1",
        brand_id=town.brand_id,
        offer_id=offer.id,
        title="How boots are made",
        kind="markdown",
        body="By hand.",
        threshold_visits=1,
        state="published",
        created_at=now,
        published_at=now,
    )
    db.add(item)
    db.flush()
    for name, reach in (("Ada", 1), ("Bela", 77)):
        place = participants.find_by_member(db, offer_id=offer.id, member_id=town.member(name))
        unlock = ContentUnlock(
            item_id=item.id,
            participant_id=place.id,
            unlocked_at=now,
            reach_visits=reach,
            needed_visits=1,
        )
        db.add(unlock)
        db.flush()
        db.add(ContentOpening(unlock_id=unlock.id, first_opened_at=now))


def _is_asked(town: Town) -> None:
    """Let Ada and Bela be asked, and answer."""
    db, now = town.db, town.now
    words = {
        "title": "Which soles do you like?",
        "choices": ["thick", "paper-thin"],
        "purpose": "To show what suits you.",
        "benefit": "You see it first.",
        "group_names": [],
    }
    question = Question(
        public_id="question-1",
        brand_id=town.brand_id,
        field="soles",
        kind="preference",
        words={"en": words},
        choice_count=2,
        retention_days=90,
        state="live",
        created_at=now,
        published_at=now,
    )
    db.add(question)
    db.flush()
    for name in ("Ada", "Bela"):
        member_id = town.member(name)
        account = AskAccount(
            brand_id=town.brand_id,
            member_id=member_id,
            began_at=now,
            at=now,
            time_parts=0,
            value_parts=0,
            delivered_parts=0,
        )
        db.add(account)
        db.flush()
        db.add(
            Ask(
                public_id=f"ask-{name.lower()}",
                account_id=account.id,
                member_id=member_id,
                question_id=question.id,
                field="soles",
                session=tokens.kept(f"{name}-session"),
                cost_parts=10_000,
                asked_at=now,
                reply="answered",
                replied_at=now,
            )
        )
        asked = f"{name} agrees to answer: which soles?"
        text = ConsentText("question:question-1", "1", "en", tokens.kept(asked), asked)
        consent_id = consents.give_text(
            db, member_id=member_id, text=text, text_hash=text.hash, surface="site", now=now
        )
        answered = {
            "question_id": question.id,
            "member_id": member_id,
            "consent_id": consent_id,
            "is_coarse": False,
            "choice": 0 if name == "Ada" else 1,
            "answered_at": now,
            "used_at": None,
            "expires_at": now + timedelta(days=90),
        }
        put_consented(db, Answer, answered, purpose=text.purpose, member_id=member_id)


def _talks(town: Town) -> None:
    """Let Ada and Bela write to the brand, and the brand answer; to Bela it is Ada who does."""
    db = town.db
    for name, answers, answer in (("Ada", "Nele", "Ask away!"), ("Bela", "Ada", "Bela, we do.")):
        opening = replace(
            talks.HELLO,
            subject=f"A word of {name}",
            shown_as=f"{name} S.",
            words=f"{name} wants to know.",
        )
        begun = talks.begin(db, town.member(name), now=town.now, opening=opening)
        by = Colleague(town.brand_id, town.member(answers), Role.REVIEWER, answers)
        conversations.write(
            db, by=by, public_id=begun, event_id=str(uuid4()), words=answer, now=town.now
        )


def _is_reviewed(town: Town) -> None:
    """Let visits of Ada's and of Bela's be held, and Ada ask Bela about it for the brand."""
    db, now = town.db, town.now
    review = consents.text(consents.REVIEW)
    for name in ("Ada", "Bela"):
        member_id = town.member(name)
        (place,) = db.execute(
            select(participants.Participant.id).where(
                participants.Participant.member_id == member_id,
                participants.Participant.offer_id
                == offers.find_by_public_id(db, town.offer.public_id).id,
            )
        ).one()
        case = rows.make(
            db,
            "integrity_case",
            brand_id=town.brand_id,
            participant_id=place,
            public_id=f"{name.lower()}-case",
            evidence=[f"{name}'s visits came like a timer."],
            numbers=[{"look": "timer", "p": 0.0002}],
        )
        rows.make(
            db,
            "integrity_finding",
            participant_id=place,
            case_id=case["id"],
            sentence=f"{name}'s visits came like a timer.",
            anomalies=[],
            ends_at=now + timedelta(days=7),
        )
        consent_id = consents.give_text(
            db, member_id=member_id, text=review, text_hash=review.hash, surface="site", now=now
        )
        said = {"case_id": case["id"], "words": f"{name} was in the newspaper."}
        rows.make(db, "case_statement", consent_id=consent_id, kind="answer", **said)
    asked = {"case_id": case["id"], "words": "Bela, were you on television?"}
    rows.make(db, "case_statement", author_id=town.member("Ada"), kind="question", **asked)


def _asks_by_law(town: Town) -> None:
    for name in ("Ada", "Bela"):
        town.db.add(
            PrivacyRequest(
                public_id=f"{name.lower()}-request",
                event_id=f"{name.lower()}-event",
                member_id=town.member(name),
                brand_id=town.brand_id,
                kind="access",
                words=f"What do you know of {name}?",
                received_at=town.now,
                due_at=town.now + timedelta(days=30),
            )
        )


def _others(db: Session, bela: int) -> frozenset[str]:
    """Return what names Bela, her things, and everybody's visits and orders."""
    found = {
        *("bela-order", "bela-refund", "bela-dispute", "bela-evidence", "bela-request"),
        *("word of Bela", "Bela S.", "Bela wants", "Bela, we do"),
        *("bela-case", "Bela's visits", "Bela was in", "Bela, were"),
        *("of Bela?", "ask-bela", "Bela agrees", "paper-thin", "Bela-browser"),
    }
    found |= {share.code for share in shares.of_member(db, bela)}
    found |= {share.event_id for share in shares.of_member(db, bela)}
    member = member_store.find(db, bela)
    assert member is not None
    found.add(f'"{member.subject}"')
    for visit in db.execute(select(Visit)).scalars():
        found |= {visit.token, (visit.visitor_key or b"no key at all").hex()}
    for order in db.execute(select(conversion_store.Conversion)).scalars():
        found |= {order.public_id, order.fingerprint}
    found |= {tokens.kept(f"Bela-{secret}") for secret in ("access", "refresh", "browser")}
    return frozenset(found)
