"""What a hold does to money, and how it ends: by time, by a person, never by a program alone."""

from datetime import timedelta

import pytest
from sqlmodel import select

from rewards.integrity import Ruling
from server.errors import Conflict, ConsentMissing, FieldInvalid, NotAllowed, NotFound
from server.jobs import integrity
from server.services import attribution_log, own_cases, reviews, rulings, withdrawals
from server.services.conversation_rules import Colleague
from server.services.own_cases import Form
from server.store import consents as consent_store
from server.store import integrity_nights, night_visits
from server.store.audit import AuditEntry
from server.store.conversions import Conversion
from server.store.integrity_cases import AppealRuling, CaseStep
from server.store.teams import Role
from tests import make
from tests.rewards.traffic import honest, timer_bot
from tests.server import nights, reviewing
from tests.server.nights import DAYS, MIDNIGHT, TWO, Nights
from tests.server.reviewing import REASON, Desk


@pytest.fixture
def town(database) -> Nights:
    """Mallory's link is clicked by a timer and brings an order; Ada is honest."""
    town = nights.found(database)
    town.crowd()
    town.audience("Mallory", timer_bot(town.random))
    town.audience("Ada", honest(town.random))
    town.order("Mallory", "120.00", at=MIDNIGHT - 3 * DAYS)
    town.order("Ada", "60.00", at=MIDNIGHT - 3 * DAYS)
    return town


@pytest.fixture
def desk(town: Nights) -> Desk:
    town.night()
    return reviewing.desk(town)


class TestWaiting:
    def test_nothing_of_the_period_vests_while_it_is_held(self, town: Nights):
        town.night()
        town.night(TWO + 13 * DAYS)

        assert town.vested("Mallory") == (0, 0)
        orders, visits = town.vested("Ada")
        assert orders == 1
        assert visits > 0
        assert town.wrong() == []

    def test_after_14_days_it_is_released_and_everything_is_as_if_nothing_had_been(
        self, town: Nights
    ):
        town.night()
        town.night(TWO + 14 * DAYS)
        town.night(TWO + 14 * DAYS + timedelta(minutes=1))

        orders, visits = town.vested("Mallory")
        assert orders == 1
        assert visits == town.counted("Mallory")
        (case,) = town.cases()
        assert (case.state, case.outcome, case.ruling) == ("closed", "lapsed", None)
        assert [one.outcome for one in town.findings("Mallory")] == ["lapsed"]
        assert town.wrong() == []

    def test_a_released_period_is_never_held_again(self, town: Nights):
        town.night()
        for day in range(1, 16):
            town.night(TWO + day * DAYS)

        assert len(town.findings("Mallory")) == 1

    def test_new_visits_of_the_same_kind_are_held_in_the_same_case(self, town: Nights):
        town.night()
        town.audience("Mallory", timer_bot(town.random), until=MIDNIGHT + 10 * DAYS)
        for day in range(1, 11):
            town.night(TWO + day * DAYS)

        first, *more = town.findings("Mallory")
        assert more
        assert {one.case_id for one in more} == {first.case_id}
        assert more[0].covers_from == first.covers_until
        (case,) = town.cases()
        assert len(case.numbers) == len(more) + 1
        assert case.deadline_at == more[-1].ends_at

    def test_a_watch_vests_seven_days_later(self, town: Nights):
        town.audience("Olga", honest(town.random, shared=0.95))
        town.order("Olga", "60.00", at=MIDNIGHT - 3 * DAYS)
        town.night()
        assert town.standing("Olga") == "watch"

        due = MIDNIGHT + 11 * DAYS + timedelta(hours=2)
        town.night(due)
        assert town.vested("Olga")[0] == 0
        town.night(due + 6 * DAYS)
        assert town.vested("Olga")[0] == 0
        town.night(due + 7 * DAYS)
        assert town.vested("Olga")[0] == 1
        assert town.place("Olga") not in {one.participant_id for one in town.cases()}

    def test_the_same_audience_is_watched_once_for_as_long_as_it_stays(self, town: Nights):
        town.audience("Olga", honest(town.random, shared=0.95))
        for day in range(5):
            town.night(TWO + day * DAYS)

        (watch,) = town.findings("Olga")
        assert (watch.standing, watch.night) == ("watch", MIDNIGHT)
        assert watch.covers_until > MIDNIGHT
        assert watch.ends_at == watch.covers_until + 21 * DAYS


class TestFailing:
    def test_whose_visits_cannot_be_read_is_held_until_they_can(self, town: Nights, monkeypatch):
        read, bela = night_visits.of_participants, town.place("Ada")

        def stumble(db, participant_ids, **period):
            if bela in participant_ids:
                raise ValueError("unreadable")
            return read(db, participant_ids, **period)

        monkeypatch.setattr(night_visits, "of_participants", stumble)
        town.night()
        town.night(TWO + DAYS)
        (found,) = town.findings("Ada")
        assert (found.standing, found.is_checked, found.outcome) == ("hold", False, None)
        assert found.covers_until == MIDNIGHT + DAYS
        town.night(TWO + 12 * DAYS)
        assert town.vested("Ada") == (0, 0)
        assert town.standing("Mallory") == "hold", "the others were looked at"

        monkeypatch.undo()
        town.night(TWO + 13 * DAYS)
        town.night(TWO + 13 * DAYS + timedelta(minutes=1))
        assert [one.outcome for one in town.findings("Ada")] == ["checked"]
        assert town.vested("Ada")[0] == 1

    def test_what_can_never_be_checked_is_released_after_14_days(self, town: Nights, monkeypatch):
        def stumble(*_args, **_period):
            raise ValueError("unreadable")

        monkeypatch.setattr(night_visits, "of_participants", stumble)
        for day in range(15):
            town.night(TWO + day * DAYS)
        town.night(TWO + 14 * DAYS + timedelta(minutes=1))

        assert town.findings("Ada")[0].outcome == "lapsed"
        assert town.vested("Ada")[0] == 1

    def test_an_offer_whose_check_cannot_run_pays_nothing_and_denies_nothing(
        self, town: Nights, monkeypatch
    ):
        def stumble(*_args, **_more):
            raise RuntimeError("no check")

        town.night()
        monkeypatch.setattr(integrity, "check", stumble)
        town.night(TWO + 11 * DAYS)
        assert town.vested("Ada") == (0, 0)
        (failed,) = town.unfinished()
        assert (failed.last_error, failed.attempts) == ("RuntimeError", 1)
        assert [one.outcome for one in town.findings()] == [None] * len(town.findings())

        monkeypatch.undo()
        town.night(TWO + 11 * DAYS + timedelta(hours=3))
        town.night(TWO + 11 * DAYS + timedelta(hours=5))
        assert town.unfinished() == []
        assert town.vested("Ada")[0] == 1

    def test_a_night_that_nobody_finishes_holds_nothing_after_14_days(
        self, town: Nights, monkeypatch
    ):
        town.night()
        monkeypatch.setattr(integrity, "run", lambda *_a, **_k: None)
        with town.database.transaction() as db:
            night = MIDNIGHT + DAYS
            integrity_nights.begin(db, night=night, alive_since=night, now=TWO)
        town.night(TWO + 14 * DAYS)
        assert town.vested("Ada") == (0, 0)
        town.night(TWO + 15 * DAYS + timedelta(hours=2))
        assert town.vested("Ada")[0] == 1


class TestDeciding:
    def test_a_release_ends_it_at_once(self, town: Nights, desk: Desk):
        desk.decide(Ruling.RELEASE, now=TWO + DAYS)
        town.night(TWO + 12 * DAYS)

        assert town.vested("Mallory")[0] == 1
        assert town.cases()[0].outcome == "released"
        assert town.findings("Mallory")[0].outcome == "released"

    def test_a_confirmation_holds_on_and_ends_in_favour_after_30_days(
        self, town: Nights, desk: Desk
    ):
        desk.decide(Ruling.CONFIRM, now=TWO + DAYS)
        town.night(TWO + 20 * DAYS)
        assert town.vested("Mallory") == (0, 0)
        with pytest.raises(Conflict, match="decided"):
            desk.decide(Ruling.CONFIRM, now=TWO + 20 * DAYS)
        town.night(TWO + 31 * DAYS)
        town.night(TWO + 31 * DAYS + timedelta(minutes=1))

        assert town.vested("Mallory")[0] == 1
        assert town.cases()[0].outcome == "lapsed"

    def test_a_denial_waits_14_days_and_then_takes_the_visits_back(self, town: Nights, desk: Desk):
        before = town.pot("Mallory")
        others = town.everybody_but("Mallory")
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        town.night(TWO + 14 * DAYS)
        assert town.pot("Mallory") == before, "nothing is taken back yet"
        town.night(TWO + 15 * DAYS)
        town.night(TWO + 15 * DAYS + timedelta(minutes=1))

        value, orders, visits = town.pot("Mallory")
        assert (value, orders, visits) == (before[0], 1, 0)
        assert town.vested("Mallory") == (1, 0)
        assert town.cases()[0].outcome == "denied"
        assert town.everybody_but("Mallory", like=others) == others
        assert town.wrong() == []

    def test_a_denial_that_names_orders_takes_them_too_and_a_late_refund_changes_nothing(
        self, town: Nights, desk: Desk
    ):
        desk.decide(Ruling.DENY, takes_orders=True, now=TWO + DAYS)
        town.night(TWO + 15 * DAYS)

        assert town.pot("Mallory") == (0, 0, 0)
        with town.database.transaction() as db:
            order = db.exec(select(Conversion).where(Conversion.reason == "denied")).one()
            assert (order.credited_minor, order.vests_at) == (0, None)
            make.refund(db, town.brand_id, order, "20.00", now=TWO + 16 * DAYS)
        assert town.wrong() == []

    def test_needs_a_reason_and_the_latest_evidence(self, desk: Desk):
        with pytest.raises(FieldInvalid, match="at least 5 words"):
            desk.decide(Ruling.DENY, reason="Because I say", now=TWO)
        with pytest.raises(Conflict, match="found meanwhile"):
            desk.decide(Ruling.DENY, seen=0, now=TWO)

    def test_is_for_owners_and_reviewers_of_the_brand_alone(self, town: Nights, desk: Desk):
        case = desk.case
        for role, error in ((Role.MANAGER, NotAllowed), (Role.ANALYST, NotAllowed)):
            with pytest.raises(error), town.database.transaction() as db:
                make.team(db, town.brand_id, make.member(db, role), role)
                by = Colleague(town.brand_id, make.member(db, role), role)
                reviews.read(db, by=by, public_id=case)
        with town.database.transaction() as db:
            tea = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
            tom = make.member(db, "tom")
            make.team(db, tea, tom, Role.REVIEWER)
        for brand_id in (tea, town.brand_id):
            by = Colleague(brand_id, tom, Role.REVIEWER)
            with town.database.transaction() as db:
                assert brand_id != tea or reviews.of_brand(db, by=by) == []
                with pytest.raises(NotFound):
                    reviews.read(db, by=by, public_id=case)
                with pytest.raises(NotFound):
                    rulings.decide(
                        db,
                        by=by,
                        public_id=case,
                        ruling=Ruling.DENY,
                        reason=REASON,
                        seen=1,
                        now=TWO,
                    )

    def test_nobody_decides_about_their_own_links(self, town: Nights, desk: Desk):
        by = Colleague(town.brand_id, town.member("Mallory"), Role.OWNER)
        with town.database.transaction() as db:
            make.team(db, town.brand_id, by.member_id, Role.OWNER)
            assert reviews.of_brand(db, by=by) == []
            with pytest.raises(NotAllowed, match="your own links"):
                reviews.read(db, by=by, public_id=desk.case)
            with pytest.raises(NotAllowed, match="your own links"):
                rulings.ask(
                    db, by=by, public_id=desk.case, event_id="e" * 36, words="Well?", now=TWO
                )

    def test_everything_stands_in_the_audit_log_and_in_the_persons_log(
        self, town: Nights, desk: Desk
    ):
        desk.ask("Where did you share it?")
        desk.answers("In my newsletter.")
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        desk.appeals("It was read by hundreds.", now=TWO + 2 * DAYS)
        desk.decide_appeal(AppealRuling.OVERTURN, now=TWO + 3 * DAYS)
        with town.database.transaction() as db:
            actions = [row.action for row in db.exec(select(AuditEntry).order_by(AuditEntry.id))]
            log = attribution_log.of_member(
                db, member_id=town.member("Mallory"), behind=None, key="k", now=TWO + 3 * DAYS
            )
        assert [one for one in actions if one.startswith("case.")] == [
            *("case.opened", "case.asked", "case.answered", "case.denied", "case.appealed"),
            *("case.appeal_overturned", "case.closed"),
        ]
        line = next(one for one in log.lines if one.what.words.startswith("We look at"))
        assert line.outcome.words == "A person released it on {day}."
        assert any("small network" in note.words or "timer" in note.words for note in line.notes)


class TestAppeal:
    def test_goes_to_another_person_and_overturned_it_is_as_if_nothing_had_been(
        self, town: Nights, desk: Desk
    ):
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        desk.appeals("It was my newsletter.", now=TWO + 2 * DAYS)
        assert desk.queue("Nele", only_for_me=True) == []
        assert [one.state for one in desk.queue("Carl", only_for_me=True)] == ["appealed"]
        with pytest.raises(NotAllowed, match="Another person"):
            desk.decide_appeal(AppealRuling.UPHOLD, by="Nele", now=TWO + 3 * DAYS)
        desk.decide_appeal(AppealRuling.OVERTURN, by="Carl", now=TWO + 3 * DAYS)
        town.night(TWO + 12 * DAYS)

        assert town.vested("Mallory")[0] == 1
        assert town.cases()[0].outcome == "overturned"

    def test_upheld_it_takes_back_at_once_what_is_pending(self, town: Nights, desk: Desk):
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        desk.appeals("It was my newsletter.", now=TWO + 2 * DAYS)
        desk.decide_appeal(AppealRuling.UPHOLD, now=TWO + 3 * DAYS)

        assert town.pot("Mallory")[2] == 0
        assert town.cases()[0].outcome == "denied"
        with pytest.raises(Conflict, match="no appeal"):
            desk.decide_appeal(AppealRuling.OVERTURN, now=TWO + 3 * DAYS)

    def test_that_nobody_answers_ends_in_the_persons_favour(self, town: Nights, desk: Desk):
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        desk.appeals("It was my newsletter.", now=TWO + 14 * DAYS)
        town.night(TWO + 27 * DAYS)
        assert town.vested("Mallory") == (0, 0)
        town.night(TWO + 28 * DAYS)
        town.night(TWO + 28 * DAYS + timedelta(minutes=1))

        assert town.vested("Mallory")[0] == 1
        assert town.cases()[0].outcome == "lapsed"

    def test_comes_too_late_when_the_time_is_over(self, desk: Desk):
        with pytest.raises(Conflict, match="nothing to appeal"):
            desk.appeals("Too early.", now=TWO)
        desk.decide(Ruling.DENY, now=TWO + DAYS)
        with pytest.raises(Conflict, match="too late"):
            desk.appeals("Too late.", now=TWO + 15 * DAYS)


class TestSaying:
    def test_words_are_shown_while_their_consent_lives(self, town: Nights, desk: Desk):
        desk.ask("Where did you share it?")
        assert town.cases()[0].state == CaseStep.ASKED
        file = desk.read()
        assert not file.may_look
        assert (file.visits, file.orders) == ((), ())
        desk.answers("In my newsletter.")
        assert town.cases()[0].state == CaseStep.OPEN
        file = desk.read()
        assert [one.words for one in file.said] == ["Where did you share it?", "In my newsletter."]
        assert file.may_look
        assert len(file.visits) > 20
        assert [one.credited_minor for one in file.orders] == [120_00]

        with town.database.transaction() as db:
            mallory = town.member("Mallory")
            consent = consent_store.live(db, member_id=mallory, purpose="review")[0]
            withdrawals.withdraw(
                db, member_id=mallory, consent_public_id=consent.public_id, now=TWO + DAYS
            )
        file = desk.read()
        assert [one.words for one in file.said] == ["Where did you share it?", None]
        assert not file.may_look
        assert (file.visits, file.orders) == ((), ())

    def test_needs_the_current_words_and_is_said_once(self, town: Nights, desk: Desk):
        with pytest.raises(ConsentMissing):
            desk.answers("Hello.", text_hash="old")
        desk.answers("Hello.", event_id="form-1")
        desk.answers("Hello.", event_id="form-1")
        desk.answers("And this.")
        assert [one.words for one in desk.read().said] == ["Hello.", "And this."]
        with town.database.reading() as db:
            live = consent_store.live(db, member_id=town.member("Mallory"), purpose="review")
        assert len(live) == 1

    def test_another_persons_case_is_not_there(self, town: Nights, desk: Desk):
        with town.database.transaction() as db:
            for member_id in (town.member("Ada"), town.member("Nobody 1")):
                with pytest.raises(NotFound):
                    own_cases.read(db, member_id=member_id, public_id=desk.case)
                with pytest.raises(NotFound):
                    form = Form("f", "Hello", "h", "en", "site")
                    own_cases.answer(
                        db, member_id=member_id, public_id=desk.case, form=form, now=TWO
                    )
