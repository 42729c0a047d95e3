"""Conversations: what is said once, who sees it, what is new, and when it is over."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from server.errors import (
    Conflict,
    ConsentMissing,
    EventTaken,
    FieldInvalid,
    Gone,
    Invalid,
    NotFound,
    NotSignedIn,
)
from server.services import audits, conversation_rules, conversations, erasures, inboxes
from server.services.conversation_rules import Colleague, Customer
from server.store import tables
from server.store.consents import Consent
from server.store.conversations import Conversation
from server.store.messages import Message
from server.store.teams import Role
from tests import make
from tests.server import talks
from tests.server.talks import HELLO


@pytest.fixture
def talk(db):
    return talks.told(db)


@pytest.fixture
def other(db, talk):
    """Return a member of another brand's team, with a conversation of their own."""
    tea = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
    tom = talk.town.member("Tom")
    make.team(db, tea, tom)
    make.offer(db, tea, now=talk.now, title="Tea", page_url="https://tea.example/tea")
    talks.begin(
        db,
        talk.town.member("Bela"),
        now=talk.now,
        opening=replace(HELLO, brand_slug="toms-tea", subject="Is it green?"),
    )
    return Colleague(tea, tom, Role.OWNER, "Tom")


class TestBeginning:
    def test_the_brand_sees_what_was_written_under_the_chosen_name(self, talk):
        (waiting,) = talk.waiting()
        assert (waiting.subject, waiting.shown_as, waiting.kind) == (
            "Do the soles last?",
            "Ada",
            "question",
        )
        (message,) = talk.sees(talk.nele).messages
        assert (message.side, message.words) == ("member", "I walk a lot. Do they last?")

    def test_stands_on_a_consent_of_its_own(self, db, talk):
        second = talks.begin(db, talk.ada.member_id, now=talk.now)
        assert second != talk.public_id
        agreed = db.exec(select(Consent).where(Consent.purpose == "conversation")).all()
        assert len({consent.id for consent in agreed}) == 2

    def test_without_the_current_text_nothing_is_recorded(self, db, talk):
        with pytest.raises(ConsentMissing):
            talks.begin(db, talk.ada.member_id, now=talk.now, text_hash="of other words")
        assert len(db.exec(select(Conversation)).all()) == 1

    def test_twice_with_one_form_begins_once(self, db, talk):
        form = str(uuid4())
        first = talks.begin(db, talk.ada.member_id, now=talk.now, event_id=form)
        assert talks.begin(db, talk.ada.member_id, now=talk.now, event_id=form) == first
        assert len(db.exec(select(Conversation)).all()) == 2
        assert len(db.exec(select(Message)).all()) == 2
        assert len(db.exec(select(Consent)).all()) == 2
        for changed in ({"words": "Something else."}, {"kind": "review"}, {"subject": "Else"}):
            with pytest.raises(EventTaken):
                talks.begin(
                    db,
                    talk.ada.member_id,
                    now=talk.now,
                    event_id=form,
                    opening=replace(HELLO, **changed),
                )

    def test_a_form_of_two_people_begins_two(self, db, talk):
        form, bela = str(uuid4()), talk.town.member("Bela")
        hers = talks.begin(db, talk.ada.member_id, now=talk.now, event_id=form)
        assert talks.begin(db, bela, now=talk.now, event_id=form) != hers

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("brand", {"brand_slug": "nobody"}),
            ("kind", {"kind": "praise"}),
            ("subject", {"subject": " \n "}),
            ("subject", {"subject": "x" * 101}),
            ("shown_as", {"shown_as": "x" * 41}),
            ("shown_as", {"shown_as": "A\u202eda"}),
            ("words", {"words": "  \n"}),
            ("words", {"words": "x" * 4001}),
        ],
    )
    def test_says_which_field_is_wrong(self, db, talk, field, changed):
        with pytest.raises(FieldInvalid) as refused:
            talks.begin(db, talk.ada.member_id, now=talk.now, opening=replace(HELLO, **changed))
        assert refused.value.field == field
        assert len(db.exec(select(Conversation)).all()) == 1

    def test_about_a_share_goes_to_its_brand_and_names_no_link(self, db, talk):
        link = talk.town.shares("Ada")
        about = replace(HELLO, brand_slug="", share_code=link)
        talk.public_id = talks.begin(db, talk.ada.member_id, now=talk.now, opening=about)
        seen = talk.sees(talk.nele)
        assert seen.share.offer_title == "Winter boots"
        assert seen.share.channel == "copy"
        assert link not in repr(seen)

    def test_nobody_talks_about_a_share_of_somebody_else(self, db, talk):
        link = talk.town.shares("Bela")
        with pytest.raises(NotFound):
            talks.begin(
                db,
                talk.ada.member_id,
                now=talk.now,
                opening=replace(HELLO, share_code=link),
            )
        with pytest.raises(NotFound):
            inboxes.about(db, member_id=talk.ada.member_id, share_code=link)

    def test_nobody_has_more_open_than_they_can_follow(self, db, talk, monkeypatch):
        monkeypatch.setattr(conversation_rules, "OPEN_AT_MOST", 2)
        talks.begin(db, talk.ada.member_id, now=talk.now)
        with pytest.raises(Invalid, match="not solved yet"):
            talks.begin(db, talk.ada.member_id, now=talk.now)
        talk.solves(talk.ada)
        talks.begin(db, talk.ada.member_id, now=talk.now)
        with pytest.raises(Invalid, match="not solved yet"):
            talks.begin(db, talk.ada.member_id, now=talk.now)
        talks.begin(db, talk.town.member("Bela"), now=talk.now)


class TestWriting:
    def test_both_read_everything_in_order_with_who_wrote_it(self, talk):
        assert talk.says(talk.nele, "Three winters.") == 2
        assert talk.says(talk.ada, "Thank you!") == 3
        seen = [(m.number, m.side, m.shown_as, m.role) for m in talk.sees(talk.ada).messages]
        assert seen == [
            (1, "member", "", ""),
            (2, "brand", "Nele", "reviewer"),
            (3, "member", "", ""),
        ]
        assert talk.sees(talk.nele).messages == talk.sees(talk.ada).messages

    def test_twice_with_one_form_writes_once(self, db, talk):
        form = str(uuid4())
        assert talk.says(talk.nele, "Three winters.", event_id=form) == 2
        assert talk.says(talk.nele, " Three winters.\r\n", event_id=form) == 2
        assert talk.sees(talk.ada).conversation.unread == 1
        for by, words in ((talk.nele, "Two."), (talk.ada, "Three winters.")):
            with pytest.raises(EventTaken):
                talk.says(by, words, event_id=form)
        assert len(db.exec(select(Message)).all()) == 2

    def test_a_late_repetition_opens_nothing_again(self, talk):
        form = str(uuid4())
        talk.says(talk.ada, "Thank you!", event_id=form)
        talk.solves(talk.ada)
        assert talk.says(talk.ada, "Thank you!", event_id=form) == 2
        assert talk.sees(talk.ada).conversation.state == "solved"

    def test_nobody_floods_a_brand_that_does_not_read(self, talk, monkeypatch):
        monkeypatch.setattr(conversation_rules, "UNREAD_AT_MOST", 2)
        talk.says(talk.ada, "Hello?")
        with pytest.raises(Invalid, match="wait for the brand"):
            talk.says(talk.ada, "Hello??")
        talk.looks(talk.nele)
        assert talk.says(talk.ada, "Hello??") == 3

    def test_a_conversation_is_full_some_day(self, talk, monkeypatch):
        monkeypatch.setattr(conversation_rules, "MESSAGES_AT_MOST", 2)
        talk.says(talk.nele, "Three winters.")
        for by in (talk.ada, talk.nele):
            with pytest.raises(Invalid, match="is full"):
                talk.says(by, "More")

    def test_the_team_is_remembered_by_the_name_that_each_chose(self, db, talk, other):
        assert inboxes.name_of(db, by=talk.nele) == ""
        talk.says(talk.nele, "Three winters.")
        talk.says(replace(talk.nele, shown_as="N."), "And one more.")
        assert inboxes.name_of(db, by=talk.nele) == "N."
        assert inboxes.name_of(db, by=replace(talk.nele, brand_id=other.brand_id)) == ""
        assert inboxes.name_of(db, by=replace(talk.nele, member_id=other.member_id)) == ""
        with pytest.raises(FieldInvalid):
            talk.says(replace(talk.nele, shown_as="x" * 41), "Hi")

    def test_what_the_team_does_is_written_down_without_words(self, db, talk):
        talk.says(talk.nele, "Three winters.")
        talk.solves(talk.nele)
        conversations.reopen(db, by=talk.nele, public_id=talk.public_id, now=talk.now)
        conversations.reopen(db, by=talk.nele, public_id=talk.public_id, now=talk.now)
        talk.says(talk.ada, "Thank you!")
        lines = [
            line
            for line in audits.of_brand(db, brand_id=talk.town.brand_id)
            if line.action.startswith("conversation")
        ]
        assert [line.action for line in reversed(lines)] == [
            "conversation.answered",
            "conversation.solved",
            "conversation.reopened",
        ]
        assert {line.actor for line in lines} == {f"member:{talk.nele.member_id}"}
        assert "winters" not in repr(lines)


class TestSolving:
    @pytest.mark.parametrize("side", ["ada", "nele"])
    def test_either_side_may_and_it_says_who(self, talk, side):
        talk.says(talk.nele, "Three winters.")
        talk.looks(talk.nele)
        assert talk.solves(getattr(talk, side))
        it = talk.sees(talk.ada).conversation
        assert (it.state, it.solved_by) == ("solved", {"ada": "member", "nele": "brand"}[side])
        assert not talk.solves(talk.ada)

    def test_whoever_writes_opens_it_again(self, talk):
        talk.solves(talk.nele)
        talk.says(talk.ada, "It is not.")
        it = talk.sees(talk.nele).conversation
        assert (it.state, it.solved_at, it.solved_by) == ("open", None, "")

    def test_what_was_not_read_is_not_solved(self, talk):
        talk.says(talk.nele, "Which size?")
        with pytest.raises(Conflict, match="meanwhile"):
            talk.solves(talk.ada, seen=1)
        assert talk.solves(talk.nele, seen=1)  # only what the other side wrote counts


class TestWhatIsNew:
    def test_is_counted_for_the_other_side_until_it_looks(self, db, talk, other):
        def new():
            return (
                inboxes.unread_of_member(db, member_id=talk.ada.member_id),
                inboxes.unread_of_brand(db, brand_id=talk.town.brand_id),
            )

        assert new() == (0, 1)
        talk.looks(talk.nele)
        assert new() == (0, 0)
        talk.says(talk.nele, "Three winters.")
        talk.says(talk.nele, "Or four.")
        assert new() == (1, 0)
        assert talk.sees(talk.ada).conversation.unread == 2
        talk.looks(talk.ada)
        assert new() == (0, 0)
        assert inboxes.unread_of_brand(db, brand_id=other.brand_id) == 1

    def test_what_came_while_somebody_looked_stays_new(self, db, talk):
        talk.says(talk.nele, "Three winters.")
        talk.says(talk.nele, "Or four.")
        conversations.mark_read(db, by=talk.ada, public_id=talk.public_id, number=2)
        assert talk.sees(talk.ada).conversation.unread == 1
        conversations.mark_read(db, by=talk.ada, public_id=talk.public_id, number=1)
        assert talk.sees(talk.ada).conversation.unread == 1, "a mark never goes back"
        conversations.mark_read(db, by=talk.ada, public_id=talk.public_id, number=99)
        talk.says(talk.nele, "Five!")
        assert talk.sees(talk.ada).conversation.unread == 1, "nobody reads what is not there yet"

    def test_lists_what_waits_longest_first(self, db, talk):
        bela = talk.town.member("Bela")
        second = talks.begin(db, bela, now=talk.now)
        assert [it.public_id for it in talk.waiting()] == [talk.public_id, second]
        talk.says(talk.ada, "Are you there?")
        assert [it.public_id for it in talk.waiting()] == [second, talk.public_id]
        talk.says(talk.nele, "Yes.")
        inbox = inboxes.of_brand(db, brand_id=talk.town.brand_id)
        assert [it.public_id for it in inbox.waiting] == [second]
        assert [it.public_id for it in inbox.answered] == [talk.public_id]
        talk.solves(talk.ada)
        inbox = inboxes.of_brand(db, brand_id=talk.town.brand_id)
        assert ([], [talk.public_id]) == (
            list(inbox.answered),
            [it.public_id for it in inbox.solved],
        )
        (own,) = inboxes.of_member(db, member_id=talk.ada.member_id)
        assert (own.public_id, own.brand) == (talk.public_id, "Berta's Boots")


class TestWhoTakesNoPart:
    @pytest.mark.parametrize("who", ["bela", "tom", "nele as a customer"])
    def test_sees_and_does_nothing(self, db, talk, other, who):
        by = {
            "bela": Customer(talk.town.member("Bela")),
            "tom": other,
            "nele as a customer": Customer(talk.nele.member_id),
        }[who]
        before = talk.sees(talk.ada)
        asked = {"by": by, "public_id": talk.public_id}
        for deed in (
            lambda: inboxes.read(db, **asked),
            lambda: talk.says(by, "Hi"),
            lambda: conversations.mark_read(db, **asked, number=1),
            lambda: conversations.solve(db, **asked, seen=1, now=talk.now),
            lambda: conversations.reopen(db, **asked, now=talk.now),
        ):
            with pytest.raises(NotFound):
                deed()
        assert talk.sees(talk.ada) == before
        assert talk.public_id not in repr(
            (
                inboxes.of_member(db, member_id=by.member_id),
                inboxes.of_brand(db, brand_id=other.brand_id),
            )
        )


class TestWithdrawing:
    def test_ends_it_for_the_brand_at_once(self, db, talk):
        talk.says(talk.nele, "Three winters.")
        talk.says(talk.ada, "Thank you!")
        talk.ends()
        assert talk.waiting() == []
        assert inboxes.unread_of_brand(db, brand_id=talk.town.brand_id) == 0
        for deed in (
            lambda: talk.sees(talk.nele),
            lambda: talk.says(talk.nele, "Please come back."),
            lambda: conversations.solve(
                db, by=talk.nele, public_id=talk.public_id, seen=9, now=talk.now
            ),
        ):
            with pytest.raises(NotFound):
                deed()

    def test_leaves_it_to_the_customer_who_cannot_write_either(self, db, talk):
        talk.says(talk.nele, "Three winters.")
        talk.ends()
        thread = talk.sees(talk.ada)
        assert thread.conversation.is_ended
        assert len(thread.messages) == 2
        assert thread.conversation.unread == 0
        assert inboxes.unread_of_member(db, member_id=talk.ada.member_id) == 0
        for deed in (
            lambda: talk.says(talk.ada, "One more"),
            lambda: talk.solves(talk.ada),
            lambda: conversations.mark_read(db, by=talk.ada, public_id=talk.public_id, number=2),
        ):
            with pytest.raises(Gone):
                deed()

    def test_ends_no_other_conversation(self, db, talk):
        second = talks.begin(db, talk.ada.member_id, now=talk.now)
        talk.ends()
        assert [it.public_id for it in talk.waiting()] == [second]

    def test_no_message_is_written_past_the_consent(self, db, talk, monkeypatch):
        """Even if nobody looked at the permission before, the database does."""
        talk.ends()
        row = db.exec(select(Conversation)).one()
        monkeypatch.setattr(conversations, "_enter", lambda *_: row)
        with pytest.raises(NotFound):
            talk.says(talk.nele, "Too late.")
        with pytest.raises(Gone):
            talk.says(talk.ada, "Too late.")
        assert len(db.exec(select(Message)).all()) == 1


class TestErasing:
    def test_a_customer_takes_the_whole_conversation_along(self, db, talk, other):
        talk.says(talk.nele, "Three winters.")
        erasures.erase(db, member_id=talk.ada.member_id, now=talk.now)
        assert [row.subject for row in db.exec(select(Conversation))] == ["Is it green?"]
        assert [row.number for row in db.exec(select(Message))] == [1]
        with pytest.raises(NotFound):
            talk.says(talk.nele, "Hello?")
        with pytest.raises(NotSignedIn):
            talks.begin(db, talk.ada.member_id, now=talk.now)

    def test_of_somebody_of_the_brand_only_the_words_stay(self, db, talk):
        form = str(uuid4())
        talk.says(talk.nele, "Three winters.", event_id=form)
        talk.says(replace(talk.nele, shown_as="N."), "Or four.")
        erasures.erase(db, member_id=talk.nele.member_id, now=talk.now)
        said = talk.sees(talk.ada).messages
        assert [m.words for m in said[1:]] == ["Three winters.", "Or four."]
        assert {(m.shown_as, m.role) for m in said[1:]} == {("", "reviewer")}
        rows = db.exec(select(Message).where(Message.side == "brand")).all()
        assert {row.author_id for row in rows} == {None}
        assert form not in {row.event_id for row in rows}
        with pytest.raises(NotSignedIn):
            talk.says(talk.nele, "Still here")


def test_nothing_that_is_said_changes_anything_that_counts(db, talk):
    """A complaint, a praising review, an answer and an end: every other row stays as it is."""
    talk.town.shares("Ada")
    talk.town.orders("120.00", through="Ada")
    talk.town.time_passes()

    def everything_else():
        said = {"conversation", "message", "consent", "consent_text", "audit_entry"}
        return {
            table.name: db.execute(select(table).order_by(*table.primary_key)).all()
            for table in tables.METADATA.sorted_tables
            if table.name not in said
        }

    before = everything_else()
    assert before["ledger_transfer"], "there is something that could change"
    for kind in ("complaint", "review"):
        opening = replace(HELLO, kind=kind, words="The best boots of all! Five stars.")
        talk.public_id = talks.begin(db, talk.ada.member_id, now=talk.now, opening=opening)
        talk.says(talk.nele, "Thank you!")
        talk.solves(talk.nele)
        talk.ends()
    db.flush()
    assert everything_else() == before


SPOKEN = st.lists(
    st.tuples(st.sampled_from(["ada", "nele"]), st.sampled_from(["says", "looks", "solves"])),
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=SPOKEN)
def test_unread_is_what_the_other_side_wrote_since_one_looked(database, story):
    """Whatever happens in whatever order, both sides count as somebody would by hand."""
    make.empty(database)
    with database.transaction() as db:
        talk = talks.told(db)
        new = {"ada": 0, "nele": 1}
        is_open = True
        for name, deed in story:
            by, other = getattr(talk, name), {"ada": "nele", "nele": "ada"}[name]
            if deed == "says":
                talk.says(by, "Well.")
                new[other] += 1
                is_open = True
            elif deed == "looks":
                talk.looks(by)
                new[name] = 0
            else:
                assert talk.solves(by) == is_open
                is_open = False
            assert {n: talk.sees(getattr(talk, n)).conversation.unread for n in new} == new
            assert inboxes.unread_of_member(db, member_id=talk.ada.member_id) == (new["ada"] > 0)
            assert inboxes.unread_of_brand(db, brand_id=talk.town.brand_id) == (new["nele"] > 0)
            assert talk.sees(talk.ada).conversation.state == ("open" if is_open else "solved")
