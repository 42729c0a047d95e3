"""Consents: the words are kept, a changed text asks again, and nothing is written without one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from server import tokens
from server.errors import ConsentMissing, NotFound
from server.services import consent_texts, consents, withdrawals
from server.store import consent_texts as kept_texts
from server.store import consents as store
from server.store.connection import Database
from server.store.consents import Consent
from server.store.referrals import Referral
from server.store.shares import Share
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town

ROUNDS = 20


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def agree(db: Session, member_id: int, purpose: str = consents.SHARE, language: str = "en") -> int:
    text = consents.text(purpose, language)
    return consents.give(
        db,
        member_id=member_id,
        purpose=purpose,
        text_hash=text.hash,
        language=language,
        surface="test",
        now=NOON,
    )


def change(monkeypatch: pytest.MonkeyPatch, purpose: str, language: str = "en") -> None:
    """Let a new version of a text come into force."""
    monkeypatch.setitem(consent_texts.TEXTS, (purpose, language), ("99", "Other words."))


class TestGive:
    @pytest.mark.parametrize("language", ["en", "de", "fr"])
    @pytest.mark.parametrize(
        "purpose", [consents.SHARE, consents.REFERRAL, consents.CONVERSATION, consents.REVIEW]
    )
    def test_keeps_the_words_with_the_consent(self, db: Session, purpose: str, language: str):
        given = store.find(db, agree(db, make.member(db, "ada"), purpose, language))

        kept = kept_texts.find(db, given.text_hash)
        assert kept.words == consents.text(purpose, language).text
        assert (kept.purpose, kept.language, kept.version) == (
            given.purpose,
            given.language,
            given.text_version,
        )
        assert kept.first_used_at == NOON

    def test_keeps_the_words_after_they_changed(self, town: Town, monkeypatch: pytest.MonkeyPatch):
        old = consents.text(consents.SHARE)
        town.shares("Ada")
        change(monkeypatch, consents.SHARE)
        town.shares("Bela")

        assert kept_texts.find(town.db, old.hash).words == old.text
        assert {text.words for text in town.db.exec(select(kept_texts.ConsentText))} == {
            old.text,
            "Other words.",
        }

    def test_takes_the_words_of_a_question(self, db: Session):
        words = "Berta's Boots may know my shoe size, to show me boots that fit."
        text = consents.ConsentText("question:q1", "1", "en", tokens.kept(words), words)
        ada = make.member(db, "ada")

        def give(text_hash: str) -> int:
            return consents.give_text(
                db, member_id=ada, text=text, text_hash=text_hash, surface="site", now=NOON
            )

        with pytest.raises(ConsentMissing):
            give(tokens.kept("Something else."))
        assert store.find(db, give(text.hash)).purpose == "question:q1"
        assert kept_texts.find(db, text.hash).words == words

    def test_refuses_other_words_than_the_current_ones(self, db: Session):
        ada = make.member(db, "ada")

        with pytest.raises(ConsentMissing, match="changed"):
            consents.give(
                db,
                member_id=ada,
                purpose=consents.REVIEW,
                text_hash=consents.text(consents.REVIEW, "de").hash,
                language="en",
                surface="test",
                now=NOON,
            )
        assert db.exec(select(Consent)).all() == []


class TestIsCurrent:
    def test_until_it_is_taken_back_or_the_text_changes(
        self, db: Session, monkeypatch: pytest.MonkeyPatch
    ):
        ada, bela = make.member(db, "ada"), make.member(db, "bela")
        agree(db, bela, consents.CONVERSATION)

        def is_current() -> bool:
            return consents.is_current(db, member_id=ada, purpose=consents.CONVERSATION)

        assert not is_current(), "only Bela agreed"
        agree(db, ada, consents.REVIEW)
        assert not is_current(), "it was for something else"
        first = agree(db, ada, consents.CONVERSATION, "de")
        assert is_current()
        change(monkeypatch, consents.CONVERSATION)
        assert is_current(), "the English text changed, and Ada agreed to the German one"
        change(monkeypatch, consents.CONVERSATION, "de")
        assert not is_current(), "a live consent to older words does not do"
        second = agree(db, ada, consents.CONVERSATION, "fr")
        assert consents.current_id(db, member_id=ada, purpose=consents.CONVERSATION) == second
        for consent_id in (first, second):
            withdrawals.withdraw(
                db,
                member_id=ada,
                consent_public_id=store.find(db, consent_id).public_id,
                now=NOON,
            )
        assert not is_current()


class TestPutConsented:
    """A share is written by hand, past the service."""

    def put(self, town: Town, consent_id: int, **changes: object) -> int | None:
        values = {
            "event_id": str(uuid4()),
            "offer_id": self.ada_share(town).offer_id,
            "member_id": town.member("Ada"),
            "participant_id": self.ada_share(town).participant_id,
            "consent_id": consent_id,
            "channel": "copy",
            "code": tokens.link_code(),
            "created_at": town.now,
        }
        return store.put_consented(
            town.db,
            Share,
            values | changes,
            purpose=consents.SHARE,
            member_id=town.member("Ada"),
        )

    @staticmethod
    def ada_share(town: Town) -> Share:
        if "Ada" not in town.links:
            town.shares("Ada")
        return town.db.exec(select(Share)).first()

    def test_writes_with_a_live_consent(self, town: Town):
        id_ = self.put(town, agree(town.db, town.member("Ada")))

        assert town.db.get(Share, id_).shown_as == "", "columns that were not given are filled in"

    def test_writes_nothing_without_one(self, town: Town):
        self.ada_share(town)
        withdrawn = agree(town.db, town.member("Ada"))
        town.takes_back("Ada", withdrawn)
        others = agree(town.db, town.member("Bela"))
        other_purpose = agree(town.db, town.member("Ada"), consents.REFERRAL)

        for consent_id in (404, withdrawn, others, other_purpose):
            with pytest.raises(ConsentMissing):
                self.put(town, consent_id)
        assert len(town.db.exec(select(Share)).all()) == 1

    def test_tells_that_another_was_first_apart_from_that(self, town: Town):
        first = self.ada_share(town)

        again = self.put(town, agree(town.db, town.member("Ada")), code=first.code)

        assert again is None

    def test_guards_referrals_too(self, town: Town):
        share = self.ada_share(town)
        bela = town.member("Bela")
        values = {
            "event_id": "e",
            "offer_id": share.offer_id,
            "friend_id": bela,
            "share_id": share.id,
            "visit_id": None,
            "consent_id": agree(town.db, bela, consents.SHARE),
            "claimed_at": town.now,
        }

        with pytest.raises(ConsentMissing):
            store.put_consented(
                town.db, Referral, values, purpose=consents.REFERRAL, member_id=bela
            )
        assert town.db.exec(select(Referral)).all() == []


def test_no_share_outlives_the_consent_that_is_taken_back_at_that_moment(database: Database):
    """Twenty consents; for each, a share is written and the consent taken back at once."""
    with database.transaction() as db:
        ada = make.member(db, "ada")
        make.share(db, ada, make.offer(db, make.brand(db), now=NOON), now=NOON)
        pattern = db.exec(select(Share)).one().model_dump(exclude={"id"})
        given = [store.find(db, agree(db, ada)) for _ in range(ROUNDS)]
        ids = [(consent.id, consent.public_id) for consent in given]
    start = Barrier(2)

    def write(consent_id: int) -> bool:
        row = pattern | {
            "event_id": str(uuid4()),
            "code": tokens.link_code(),
            "consent_id": consent_id,
        }
        start.wait(30)
        try:
            with database.transaction() as db:
                store.put_consented(db, Share, row, purpose=consents.SHARE, member_id=ada)
        except ConsentMissing:
            return False
        return True

    def take_back(public_id: str) -> None:
        start.wait(30)
        with database.transaction() as db:
            withdrawals.withdraw(
                db, member_id=ada, consent_public_id=public_id, now=NOON + timedelta(hours=1)
            )

    outcomes = []
    with ThreadPoolExecutor(2) as threads:
        for consent_id, public_id in ids:
            written, taken = threads.submit(write, consent_id), threads.submit(take_back, public_id)
            taken.result(30)
            outcomes.append(written.result(30))

    with database.reading() as db:
        for (consent_id, _), was_written in zip(ids, outcomes, strict=True):
            rows = db.exec(select(Share).where(Share.consent_id == consent_id)).all()
            assert len(rows) == was_written
            assert all(row.withdrawn_at is not None for row in rows), "the link is dead"


def test_a_consent_is_not_taken_back_while_a_share_is_written_from_it(database: Database):
    """The withdrawal comes second and waits, so it finds the share and ends it."""
    with database.transaction() as db:
        ada = make.member(db, "ada")
        make.share(db, ada, make.offer(db, make.brand(db), now=NOON), now=NOON)
        pattern = db.exec(select(Share)).one().model_dump(exclude={"id"})
        consent = store.find(db, agree(db, ada))
        consent_id, public_id = consent.id, consent.public_id

    def take_back() -> None:
        with database.transaction() as db:
            withdrawals.withdraw(db, member_id=ada, consent_public_id=public_id, now=NOON)

    with ThreadPoolExecutor(1) as threads:
        with database.transaction() as db:
            row = pattern | {"event_id": "e", "code": "1111111111", "consent_id": consent_id}
            store.put_consented(db, Share, row, purpose=consents.SHARE, member_id=ada)
            taken = threads.submit(take_back)
            with pytest.raises(TimeoutError):
                taken.result(0.3)
        taken.result(30)

    with database.reading() as db:
        (written,) = db.exec(select(Share).where(Share.consent_id == consent_id)).all()
        assert written.withdrawn_at == NOON


def test_a_withdrawal_is_of_ones_own_consents_only(db: Session):
    ada, dora = make.member(db, "ada"), make.member(db, "dora")
    consent = store.find(db, agree(db, ada))

    for member_id, public_id in ((dora, consent.public_id), (ada, "no such consent")):
        with pytest.raises(NotFound):
            withdrawals.withdraw(db, member_id=member_id, consent_public_id=public_id, now=NOON)
    assert consents.is_live(db, consent.id)
