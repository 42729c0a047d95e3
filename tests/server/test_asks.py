"""What customers are asked: little, rarely, after something was given, and never in the way."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from rewards import asks as engine
from server.errors import ConsentMissing, FieldInvalid, Gone, NotFound
from server.services import answers, asks, questions, retention, rollbacks
from server.store import answers as answer_store
from server.store import consents as consent_store
from server.store import questions as question_store
from server.store.answers import Answer
from server.store.asks import Ask, AskAccount
from server.store.connection import Database
from server.store.consents import Consent
from tests import make
from tests.server import asking
from tests.server.asking import TOWN, Asking


@pytest.fixture
def shop(db: Session) -> Asking:
    """Ada has used 5.00 at Berta's Boots, who asks for the shoe size."""
    shop = asking.open_shop(db)
    shop.live()
    return shop


def over(shop: Asking) -> int:
    """Let the job of retention come by; return how many answers it deleted."""
    is_due = "answer" in retention.due(shop.db, now=shop.now)
    gone = retention.forget_old(shop.db, now=shop.now, only=["answer"])["answer"]
    assert is_due == (gone > 0)
    return gone


def spent(shop: Asking) -> int:
    return sum(row.cost_parts for row in shop.db.exec(select(Ask)))


class TestAsking:
    def test_one_question_comes_with_its_reason_after_a_code_was_used(self, shop: Asking):
        card = shop.asked()

        assert card.title == "Which shoe size do you wear?"
        assert card.choices == ("36-37", "38-40", "41 or more")
        assert card.benefit == "so that we show you shoes in your size first"
        assert card.consent.purpose == f"question:{card.question_public_id}"
        assert "at most" in card.consent.text
        assert "no reward" in card.consent.text
        assert spent(shop) == engine.POINT

    def test_nothing_is_asked_before_anything_was_given(self, db: Session):
        shop = asking.open_shop(db, redeemed=False)
        shop.live()
        shop.wait(days=400)
        assert shop.asked() is None

        shop.redeems()
        assert shop.asked() is not None

    def test_nobody_else_is_asked(self, shop: Asking):
        assert shop.asked(name="Dora") is None

    def test_a_reload_and_a_second_tab_cost_once(self, shop: Asking):
        first, second = shop.asked(), shop.asked()

        assert first.ask_public_id == second.ask_public_id
        assert len(shop.db.exec(select(Ask)).all()) == 1

    def test_a_card_speaks_the_readers_language_if_the_brand_wrote_it(self, shop: Asking):
        shop.asked()
        card = asks.shown(
            shop.db, member_id=shop.town.member("Ada"), session="today", language="de", now=shop.now
        )
        assert (card.language, card.title) == ("de", "Welche Schuhgröße tragen Sie?")
        assert "keine Belohnung" in card.consent.text
        card = asks.shown(
            shop.db, member_id=shop.town.member("Ada"), session="today", language="fr", now=shop.now
        )
        assert (card.language, card.consent.language) == ("en", "en")

    def test_looking_whether_there_is_something_to_ask_costs_nothing(self, shop: Asking):
        ada = shop.town.member("Ada")
        assert asks.is_due(shop.db, member_id=ada, session="today", now=shop.now)
        assert shop.db.exec(select(AskAccount)).all() == []
        shop.asked()
        assert not asks.is_due(shop.db, member_id=ada, session="today", now=shop.now)

    def test_another_brand_asks_from_an_account_of_its_own_on_another_day(self, shop: Asking):
        tea = make.brand(shop.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        other = asking.open_shop(
            shop.db, brand_id=tea, now=shop.now, page_url="https://tea.example/green"
        )
        other.live(TOWN)

        other.tells(other.asked("morning"))
        other.wait(hours=23)
        assert other.asked("evening") is None, "both may ask, and one has today"
        other.wait(hours=1)
        other.tells(other.asked("tomorrow"))

        rows = shop.db.exec(select(Ask).order_by(Ask.id)).all()
        assert len({row.account_id for row in rows}) == 2
        brands = {row.brand_id for row in shop.db.exec(select(AskAccount))}
        assert brands == {shop.town.brand_id, tea}

    def test_a_question_that_moves_no_offer_is_not_asked(self, db: Session):
        shop = asking.open_shop(db)
        shop.live(topics=False)
        assert shop.asked() is None

    def test_what_was_answered_is_not_asked_again_while_it_is_kept(self, shop: Asking):
        shop.tells(shop.asked())
        shop.wait(days=100)
        assert shop.asked("later") is None

    def test_dear_questions_wait_for_more_to_be_given(self, db: Session):
        shop = asking.open_shop(db)
        shop.live(TOWN)
        assert shop.asked() is not None, "one point came with time, one with 5.00"
        assert spent(shop) == 2 * engine.POINT

    def test_a_refund_takes_no_points_and_gives_none_twice(self, shop: Asking):
        shop.redeems(value="5.00")
        shop.asked()
        used = shop.redeems(value="5.40")
        shop.wait(days=31)
        rollbacks.roll_back(
            shop.db,
            brand_id=shop.town.brand_id,
            redemption_public_id=used.public_id,
            rollback_ref="r",
            amount_minor=None,
            now=shop.now,
        )
        shop.asked("later")
        (account,) = shop.db.exec(select(AskAccount)).all()
        assert account.counted_minor == 10_00
        assert account.delivered_parts == 2 * engine.POINT


class TestRareAnswers:
    def test_the_coarser_version_takes_the_place_of_a_rare_one(self, db: Session):
        shop = asking.open_shop(db, crowd=45)
        shop.live()
        card = shop.asked()
        assert card.choices == ("small", "large")

        shop.tells(card, choice=0)
        assert [a.choices[a.choice] for a in shop.given()] == ["small"]

    def test_nobody_is_asked_where_twenty_would_not_be_alike(self, db: Session):
        shop = asking.open_shop(db, crowd=30)
        shop.live()
        assert shop.asked() is None

    def test_answers_given_before_count_together(self, db: Session):
        shop = asking.open_shop(db, crowd=60)
        shop.live()
        shop.tells(shop.asked())
        shop.live(TOWN)
        shop.wait(days=20)
        assert shop.asked("later") is None, "a half of a half of 61 is fewer than twenty"

        for number in range(60):
            for offer in shop.offers:
                make.share(shop.db, make.member(shop.db, f"new-{number}"), offer, now=shop.now)
        assert shop.asked("later").title == "Where do you shop?"


class TestReplies:
    def test_an_answer_has_its_consent_and_its_end(self, shop: Asking):
        assert shop.tells(shop.asked())

        (answer,) = shop.given()
        (row,) = shop.db.exec(select(Answer)).all()
        consent = shop.db.get(Consent, row.consent_id)
        assert answer.choices[answer.choice] == "38-40"
        assert answer.expires_at == shop.now + timedelta(days=365)
        assert consent.purpose.startswith("question:")
        assert consent.withdrawn_at is None

    def test_the_first_reply_stays(self, shop: Asking):
        card = shop.asked()
        assert shop.tells(card, choice=1)
        assert not shop.tells(card, choice=0)
        assert not shop.declines(card, is_for_good=True)

        assert [a.choice for a in shop.given()] == [1]

    def test_other_words_are_not_agreed_to(self, shop: Asking):
        card = shop.asked()
        with pytest.raises(ConsentMissing):
            answers.answer(
                shop.db,
                member_id=shop.town.member("Ada"),
                ask_public_id=card.ask_public_id,
                choice=1,
                text_hash="0" * 64,
                language="en",
                surface="test",
                now=shop.now,
            )
        assert shop.given() == []

    @pytest.mark.parametrize("choice", [-1, 3])
    def test_only_the_choices_are_answers(self, shop: Asking, choice: int):
        with pytest.raises(FieldInvalid):
            shop.tells(shop.asked(), choice=choice)

    def test_nobody_replies_for_somebody_else(self, shop: Asking):
        card = shop.asked()
        with pytest.raises(NotFound):
            shop.tells(card, name="Dora")
        with pytest.raises(NotFound):
            shop.declines(card, name="Dora")

    def test_not_now_rests_a_month_and_never_for_good(self, shop: Asking):
        shop.declines(shop.asked())
        shop.wait(days=29)
        assert shop.asked("second") is None
        shop.wait(days=1)
        card = shop.asked("third")
        shop.declines(card, is_for_good=True)
        shop.wait(days=4000)
        assert shop.asked("much later") is None

    def test_a_question_that_ended_meanwhile_records_nothing(self, shop: Asking):
        card = shop.asked()
        questions.end(
            shop.db,
            brand_id=shop.town.brand_id,
            public_id=card.question_public_id,
            actor="test",
            now=shop.now,
        )
        with pytest.raises(Gone):
            shop.tells(card)
        assert shop.asked() is None


class TestKeeping:
    def test_taking_the_consent_back_deletes_the_answer_at_once(self, shop: Asking):
        shop.tells(shop.asked())
        assert [shop.takes_back(), shop.takes_back()] == [True, False]
        assert shop.given() == []
        assert shop.db.exec(select(Answer)).all() == []
        assert shop.asked("same day") is None

    def test_nobody_changes_or_deletes_the_answer_of_somebody_else(self, shop: Asking):
        card = shop.asked()
        shop.tells(card)
        with pytest.raises(NotFound):
            shop.takes_back("Dora", consent=shop.given()[0].consent_public_id)
        with pytest.raises(NotFound):
            answers.change(
                shop.db,
                member_id=shop.town.member("Dora"),
                question_public_id=card.question_public_id,
                choice=0,
                now=shop.now,
            )
        assert [a.choice for a in shop.given()] == [1]

    def test_nothing_is_answered_without_a_live_consent(self, shop: Asking):
        """Whoever writes the row: the store asks for the consent itself."""
        shop.tells(shop.asked())
        (row,) = shop.db.exec(select(Answer)).all()
        values = row.model_dump(exclude={"id"})
        purpose = shop.db.get(Consent, row.consent_id).purpose
        shop.takes_back()
        with pytest.raises(ConsentMissing):
            consent_store.put_consented(
                shop.db,
                Answer,
                values,
                purpose=purpose,
                member_id=shop.town.member("Ada"),
            )

    def test_a_changed_answer_ends_when_the_first_would_have(self, shop: Asking):
        card = shop.asked()
        shop.tells(card)
        (before,) = shop.given()
        shop.wait(days=10)
        ada = shop.town.member("Ada")
        asked = {"member_id": ada, "question_public_id": card.question_public_id, "now": shop.now}
        answers.change(shop.db, choice=2, **asked)
        (after,) = shop.given()
        assert (after.choice, after.expires_at) == (2, before.expires_at)
        with pytest.raises(FieldInvalid):
            answers.change(shop.db, choice=3, **asked)

    def test_what_nothing_used_for_180_days_is_deleted(self, shop: Asking):
        shop.tells(shop.asked())
        shop.wait(days=179)
        assert over(shop) == 0
        shop.wait(days=1)
        assert shop.given() == [], "it ends when it ends, not when the job comes by"
        assert over(shop) == 1
        assert over(shop) == 0

    def test_the_job_and_the_engine_agree_on_what_is_over(self, shop: Asking):
        shop.tells(shop.asked())
        (row,) = shop.db.exec(select(Answer)).all()
        question = question_store.get(shop.db, row.question_id)
        for days in range(0, 400, 20):
            now = shop.now + timedelta(days=days)
            found = bool(
                answer_store.ending(shop.db, now=now, unused_since=now - answers.UNUSED, limit=9)
            )
            assert found == answers.is_over(row, question, now=now)

    def test_what_is_used_is_kept_until_its_end(self, shop: Asking):
        shop.tells(shop.asked())
        (row,) = shop.db.exec(select(Answer)).all()
        for days in (170, 170):
            shop.wait(days=days)
            assert answers.note_use(shop.db, answer_ids=[row.id], now=shop.now) == 1
            assert answers.note_use(shop.db, answer_ids=[row.id], now=shop.now) == 0
            assert over(shop) == 0
        shop.wait(days=25)
        assert over(shop) == 1

    def test_an_answer_that_stands_on_a_consent_goes_with_it(self, shop: Asking):
        shop.tells(shop.asked())
        (row,) = shop.db.exec(select(Answer)).all()
        assert answers.delete_of_consent(shop.db, consent_id=row.consent_id)
        assert not answers.delete_of_consent(shop.db, consent_id=row.consent_id)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24),
            st.sampled_from(["open", "open", "open", "redeem"]),
            st.sampled_from(["answer", "not now", "never", "ignore", "delete"]),
        ),
        min_size=1,
        max_size=14,
    )
)
def test_whatever_somebody_does_for_years_the_promises_hold(
    database: Database, steps: list[tuple[int, str, str]]
):
    """The engine's promises hold in the database."""
    make.empty(database)
    with database.transaction() as db:
        shop = asking.open_shop(db, redeemed=False)
        shop.live()
        shop.live(TOWN)
        given_yet = False
        for number, (hours, what, reply) in enumerate(steps):
            shop.wait(hours=hours)
            if what == "redeem":
                given_yet |= redeemed(shop)
                continue
            card = shop.asked(f"session {number // 2}")
            assert card is None or given_yet, "nothing is asked before something was given"
            if card is not None:
                react(shop, card, reply)
            promises(shop)


def redeemed(shop: Asking) -> bool:
    if shop.town.place("Ada").takeable_minor < 500:
        return False
    shop.redeems()
    return True


def react(shop: Asking, card: asks.Card, reply: str) -> None:
    if reply in ("answer", "delete"):
        shop.tells(card)
    if reply == "delete":
        shop.takes_back()
    if reply in ("not now", "never"):
        shop.declines(card, is_for_good=reply == "never")


def promises(shop: Asking) -> None:
    """Check what ENGINE §10 promises, from the rows alone."""
    rows = shop.db.exec(select(Ask).order_by(Ask.id)).all()
    assert len({row.session for row in rows}) == len(rows)
    for number, row in enumerate(rows):
        before = rows[:number]
        year = [one for one in before if row.asked_at - one.asked_at < timedelta(days=365)]
        assert len(year) < 6
        assert not [one for one in before if one.field == row.field and one.reply == "never"]
        if before:
            last = before[-1]
            refusals = sum(one.reply != "answered" for one in before[:-1])
            pause = 14 if last.reply == "answered" else min(365, 30 << refusals)
            assert row.asked_at - last.asked_at >= timedelta(days=pause)
    for account in shop.db.exec(select(AskAccount)):
        spent = sum(row.cost_parts for row in rows if row.account_id == account.id)
        days = (shop.now - account.began_at).total_seconds() / 86_400
        allowed = 1 + days / 14 + account.counted_minor / 500
        assert spent <= allowed * engine.POINT
    live = {row.question_id for row in answer_store.of_member(shop.db, shop.town.member("Ada"))}
    assert live <= {row.question_id for row in rows if row.reply == "answered"}
