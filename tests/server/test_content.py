"""Exclusive content: reach opens it, visits that are taken back lock it, until it was opened."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from server.errors import Conflict, ContentLocked, FieldInvalid, NotFound
from server.gateways.uploads import Uploads
from server.services import (
    ask_accounts,
    content_items,
    content_shelves,
    erasures,
    offers,
)
from server.services.content_items import ContentDraft
from server.store import content_unlocks as unlock_store
from server.store.audit import AuditEntry
from server.store.content_items import ContentItem
from server.store.content_unlocks import ContentOpening, ContentUnlock
from server.store.participants import Participant
from tests import make
from tests.server import shelf
from tests.server import town as towns
from tests.server.shelf import forgets, gives, opens, unlocked, visited

BOOTS, SOLES = "How boots are made", "The first soles"


@pytest.fixture
def town(db):
    town = towns.found(db)
    town.shares("Ada")
    return town


def reading(town, name, public_id):
    town.db.expire_all()
    return content_shelves.find(town.db, member_id=town.member(name), public_id=public_id)


def rows_of(db, model):
    return list(db.execute(select(model)).scalars())


class TestReach:
    def test_opens_it_at_exactly_what_it_takes_and_one_visit_below_not(self, town):
        gives(town, takes=3)
        visited(town, "Ada", 2)
        assert unlocked(town, "Ada") == set()
        line = shelf.shelf(town, "Ada")[BOOTS]
        assert (line.needed_visits, line.reach_visits, line.missing_visits) == (3, 2, 1)

        visited(town, "Ada")

        assert unlocked(town, "Ada") == {BOOTS}
        assert town.wrong() == []

    def test_counts_the_visits_of_the_whole_branch_for_everybody_above(self, town):
        town.shares("Bela", after="Ada")
        gives(town, takes=3)
        visited(town, "Bela", 2)
        assert (unlocked(town, "Ada"), unlocked(town, "Bela")) == (set(), set())

        visited(town, "Ada")

        assert (unlocked(town, "Ada"), unlocked(town, "Bela")) == ({BOOTS}, set())
        assert town.wrong() == []

    def test_no_money_and_no_order_opens_anything(self, town):
        gives(town, takes=1)
        town.orders("900.00", through="Ada")
        town.time_passes()

        assert unlocked(town, "Ada") == set()

    def test_a_visit_that_the_budget_cannot_pay_opens_all_the_same(self, db):
        town = towns.found(db, budget_minor=1)
        town.shares("Ada")
        gives(town, takes=1)
        visited(town, "Ada")

        assert unlocked(town, "Ada") == {BOOTS}

    def test_what_comes_next_is_named_with_its_numbers_and_nothing_further(self, town):
        gives(town, takes=1)
        gives(town, takes=5, title=SOLES)
        gives(town, takes=9, title="The last")
        visited(town, "Ada")

        assert [
            (line.title, line.is_unlocked, line.missing_visits)
            for line in shelf.shelf(town, "Ada").values()
        ] == [(BOOTS, True, 0), (SOLES, False, 4)]

    def test_an_unlock_says_by_which_numbers_and_is_written_once(self, town):
        gives(town, takes=2)
        visited(town, "Ada", 3)
        visited(town, "Ada", 4)

        (row,) = rows_of(town.db, ContentUnlock)
        assert (row.reach_visits, row.needed_visits, row.locked_at) == (3, 2, None)


class TestVisitsTakenBack:
    def test_lock_what_nobody_opened(self, town):
        gives(town, takes=2)
        first, _ = visited(town, "Ada", 2)
        assert unlocked(town, "Ada") == {BOOTS}

        forgets(town, first)

        assert unlocked(town, "Ada") == set()
        assert town.wrong() == []

    def test_lock_nothing_that_was_opened(self, town):
        public_id = gives(town, takes=2)
        first, _ = visited(town, "Ada", 2)
        opens(town, "Ada", public_id)

        forgets(town, first)

        assert unlocked(town, "Ada") == {BOOTS}
        assert reading(town, "Ada", public_id).body == "By *hand*."
        assert town.wrong() == []

    def test_lock_nothing_while_enough_are_left(self, town):
        gives(town, takes=2)
        first, *_ = visited(town, "Ada", 3)

        forgets(town, first)

        assert unlocked(town, "Ada") == {BOOTS}

    def test_are_made_good_by_new_ones_as_a_new_grant(self, town):
        gives(town, takes=2)
        first, _ = visited(town, "Ada", 2)
        forgets(town, first)
        visited(town, "Ada")

        assert unlocked(town, "Ada") == {BOOTS}
        assert [row.locked_at is None for row in rows_of(town.db, ContentUnlock)] == [False, True]
        assert town.wrong() == []

    def test_a_refund_of_an_order_takes_nothing(self, town):
        gives(town, takes=1)
        visited(town, "Ada")
        order = town.orders("60.00", through="Ada")
        make.refund(town.db, town.brand_id, order, now=town.now)

        assert unlocked(town, "Ada") == {BOOTS}
        assert town.wrong() == []


class TestTheBrand:
    def test_unlocks_a_new_item_at_once_for_whoever_has_reached_it(self, town):
        visited(town, "Ada", 3)
        gives(town, takes=3)
        gives(town, takes=4, title=SOLES)

        assert unlocked(town, "Ada") == {BOOTS}
        assert town.wrong() == []

    def test_shows_no_draft_to_anybody(self, town):
        visited(town, "Ada", 3)
        public_id = gives(town, takes=1, is_published=False)

        assert shelf.shelf(town, "Ada") == {}
        with pytest.raises(NotFound):
            reading(town, "Ada", public_id)

    def test_can_ask_for_fewer_visits_and_never_for_more(self, town):
        public_id = gives(town, takes=5)
        visited(town, "Ada", 3)
        change = {"brand_id": town.brand_id, "public_id": public_id, "actor": "t", "now": town.now}
        with pytest.raises(FieldInvalid, match="only take fewer"):
            content_items.lower(town.db, **change, threshold_visits=6)

        content_items.lower(town.db, **change, threshold_visits=3)

        assert unlocked(town, "Ada") == {BOOTS}
        assert town.wrong() == []

    def test_a_lower_threshold_holds_for_those_who_needed_more(self, town):
        public_id = gives(town, takes=3)
        first, *_ = visited(town, "Ada", 3)
        content_items.lower(
            town.db,
            brand_id=town.brand_id,
            public_id=public_id,
            actor="t",
            threshold_visits=2,
            now=town.now,
        )
        forgets(town, first)

        assert unlocked(town, "Ada") == {BOOTS}
        (row,) = rows_of(town.db, ContentUnlock)
        assert (row.needed_visits, row.reach_visits) == (3, 3), "a grant is a fact"
        assert town.wrong() == []

    def test_withdraws_for_those_to_come_and_takes_nothing_from_those_who_have_it(self, town):
        town.shares("Bela")
        public_id = gives(town, takes=1)
        visited(town, "Ada")
        content_items.withdraw(
            town.db, brand_id=town.brand_id, public_id=public_id, actor="t", now=town.now
        )
        visited(town, "Bela", 5)

        assert (unlocked(town, "Ada"), unlocked(town, "Bela")) == ({BOOTS}, set())
        assert opens(town, "Ada", public_id)
        with pytest.raises(NotFound):
            reading(town, "Bela", public_id)
        assert town.wrong() == []

    @pytest.mark.parametrize("step", ["publish", "lower", "withdraw"])
    def test_cannot_touch_what_another_brand_gives(self, town, step):
        public_id = gives(town, is_published=False)
        toms = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        more = {"threshold_visits": 1} if step == "lower" else {}
        with pytest.raises(NotFound):
            getattr(content_items, step)(
                town.db, brand_id=toms, public_id=public_id, actor="t", now=town.now, **more
            )
        assert content_items.of_brand(town.db, brand_id=toms) == []

    def test_cannot_put_anything_into_another_brands_offer_or_one_that_ended(self, town):
        toms = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        with pytest.raises(FieldInvalid, match="Choose an offer"):
            shelf.item(town.db, toms, town.offer, now=town.now)
        offers.end(
            town.db,
            brand_id=town.brand_id,
            public_id=town.offer.public_id,
            actor="t",
            now=town.now,
        )
        with pytest.raises(FieldInvalid, match="Choose an offer"):
            gives(town)

    def test_cannot_publish_twice_or_withdraw_twice(self, town):
        public_id = gives(town)
        done = {"brand_id": town.brand_id, "public_id": public_id, "actor": "t", "now": town.now}
        with pytest.raises(Conflict):
            content_items.publish(town.db, **done)
        content_items.withdraw(town.db, **done)
        with pytest.raises(Conflict):
            content_items.withdraw(town.db, **done)
        with pytest.raises(Conflict):
            content_items.lower(town.db, **done, threshold_visits=1)

    def test_leaves_its_steps_in_the_log(self, town):
        public_id = gives(town)
        content_items.withdraw(
            town.db, brand_id=town.brand_id, public_id=public_id, actor="member:7", now=town.now
        )
        noted = [
            (row.action, row.subject, row.actor)
            for row in rows_of(town.db, AuditEntry)
            if row.action.startswith("content.")
        ]
        subject = f"content:{public_id}"
        assert noted == [
            ("content.drafted", subject, "test"),
            ("content.published", subject, "test"),
            ("content.withdrawn", subject, "member:7"),
        ]

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("title", {"title": ""}),
            ("title", {"title": "x" * 81}),
            ("threshold", {"takes": 0}),
            ("threshold", {"takes": 1_000_001}),
            ("kind", {"kind": "film"}),
            ("body", {"body": ""}),
            ("body", {"body": "x" * 40_001}),
            ("file", {"kind": "file"}),
            ("address", {"kind": "link", "body": "http://boots.example/"}),
            ("address", {"kind": "link", "body": "javascript:alert(1)"}),
            ("address", {"kind": "link", "body": "https://me:secret@boots.example/"}),
            ("address", {"kind": "link", "body": "https:///nowhere"}),
        ],
    )
    def test_is_told_which_field_does_not_work(self, town, field, changes):
        with pytest.raises(FieldInvalid) as refused:
            gives(town, **changes)
        assert refused.value.field == field

    def test_cannot_add_a_file_to_what_is_no_file(self, town, tmp_path):
        file = shelf.upload(Uploads(tmp_path, 100_000), shelf.PDF, now=town.now)
        with pytest.raises(FieldInvalid):
            gives(town, file=file)


class TestReading:
    def test_says_what_is_missing_to_whoever_has_not_reached_it(self, town):
        public_id = gives(town, takes=3)
        visited(town, "Ada", 2)
        with pytest.raises(ContentLocked, match=r"takes: 3\. You have: 2\. Still missing: 1"):
            reading(town, "Ada", public_id)
        with pytest.raises(ContentLocked):
            opens(town, "Ada", public_id)

    def test_shows_nobody_what_somebody_else_unlocked(self, town):
        public_id = gives(town, takes=2)
        visited(town, "Ada", 2)
        town.shares("Bela")
        for name in ("Bela", "Dora"):
            with pytest.raises(ContentLocked, match="You have: 0"):
                reading(town, name, public_id)

    def test_a_reach_in_another_offer_opens_nothing_here(self, town):
        other = make.offer(town.db, town.brand_id, now=town.now, title="Sandals")
        public_id = shelf.item(town.db, town.brand_id, other, now=town.now, takes=1)
        visited(town, "Ada", 5)
        with pytest.raises(ContentLocked):
            reading(town, "Ada", public_id)

    def test_keeps_the_words_until_it_is_opened(self, town):
        public_id = gives(town, takes=1)
        visited(town, "Ada")
        assert reading(town, "Ada", public_id).body == ""

        assert opens(town, "Ada", public_id)

        assert reading(town, "Ada", public_id).body == "By *hand*."
        assert not opens(town, "Ada", public_id), "the second time is not the first"
        assert len(rows_of(town.db, ContentOpening)) == 1


class TestPointsForQuestions:
    def given(self, town):
        return ask_accounts.given_by_brand(town.db, member_id=town.member("Ada"))

    def test_an_item_that_is_opened_gives_half_a_point_once(self, town):
        assert self.given(town) == {}
        public_id = gives(town, takes=1)
        visited(town, "Ada")
        assert self.given(town) == {}, "unlocked is not opened"
        opens(town, "Ada", public_id)
        opens(town, "Ada", public_id)
        given = self.given(town)[town.brand_id]
        assert (given.minor, given.items) == (0, 1)

        where = {"brand_id": town.brand_id, "member_id": town.member("Ada")}
        account = ask_accounts.current(town.db, **where, given=given, now=town.now)
        assert account.value_parts * 2 == ask_accounts.engine.POINT
        ask_accounts.keep(town.db, account, **where, given=given)
        again = ask_accounts.current(town.db, **where, given=given, now=town.now)
        assert again.value_parts == account.value_parts


class TestErasing:
    def test_takes_the_openings_and_leaves_everybody_elses(self, town):
        town.shares("Bela", after="Ada")
        public_id = gives(town, takes=1)
        visited(town, "Bela")
        opens(town, "Bela", public_id)
        opens(town, "Ada", public_id)

        erasures.erase(town.db, member_id=town.member("Ada"), now=town.now)

        assert unlocked(town, "Bela") == {BOOTS}
        assert reading(town, "Bela", public_id).body == "By *hand*."
        assert len(rows_of(town.db, ContentOpening)) == 1
        assert town.wrong() == []

    def test_whoever_is_brought_later_still_unlocks_below_a_place_of_nobody(self, town):
        town.shares("Bela", after="Ada")
        erasures.erase(town.db, member_id=town.member("Ada"), now=town.now)
        gives(town, takes=1)
        visited(town, "Bela")

        assert unlocked(town, "Bela") == {BOOTS}
        assert town.wrong() == []


class TestTheCheck:
    def test_finds_an_unlock_that_nothing_earned(self, town):
        gives(town, takes=3)
        (item,), (place,) = rows_of(town.db, ContentItem), rows_of(town.db, Participant)
        row = {
            "item_id": item.id,
            "participant_id": place.id,
            "unlocked_at": town.now,
            "reach_visits": 3,
            "needed_visits": 3,
            "locked_at": None,
        }
        unlock_store.grant(town.db, [row])
        (sentence,) = town.wrong()
        assert "is unlocked for participant" in sentence

    def test_finds_an_unlock_that_is_missing(self, town):
        gives(town, takes=1)
        visited(town, "Ada")
        (row,) = rows_of(town.db, ContentUnlock)
        unlock_store.lock_again(town.db, [row.id], now=town.now)
        (sentence,) = town.wrong()
        assert "is locked for participant" in sentence

    @pytest.mark.parametrize("seed", range(6))
    def test_agrees_after_any_story(self, db, seed):
        """Visits come and go, thresholds fall, things are opened, published and withdrawn."""
        drawn = random.Random(seed)  # noqa: S311 - a story, not a secret
        town = towns.found(db)
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        town.shares("Cleo", after="Bela")
        given = [
            gives(town, takes=drawn.randint(1, 4), title=f"Item {n}", is_published=n % 2 == 0)
            for n in range(6)
        ]
        seen: list[str] = []

        def brand(step, **more):
            done = {"brand_id": town.brand_id, "actor": "t", "now": town.now, **more}
            return getattr(content_items, step)(db, public_id=drawn.choice(given), **done)

        def opens_something(name):
            lines = [one for one in shelf.shelf(town, name).values() if one.is_unlocked]
            if lines:
                opens(town, name, drawn.choice(lines).public_id)

        steps = {
            "visit": lambda: seen.extend(visited(town, drawn.choice(["Ada", "Bela", "Cleo"]))),
            "forget": lambda: forgets(town, seen.pop(drawn.randrange(len(seen)))) if seen else None,
            "open": lambda: opens_something(drawn.choice(["Ada", "Bela"])),
            "publish": lambda: brand("publish"),
            "lower": lambda: brand("lower", threshold_visits=drawn.randint(1, 6)),
            "withdraw": lambda: brand("withdraw"),
        }
        weights = [8, 5, 4, 3, 2, 1]
        opened: dict[str, set[str]] = {"Ada": set(), "Bela": set()}
        for step in drawn.choices(list(steps), weights, k=40):
            town.now += timedelta(minutes=1)
            try:
                steps[step]()
            except (Conflict, ContentLocked, FieldInvalid, NotFound):
                continue
            assert town.wrong() == [], step
            for name, theirs in opened.items():
                lines = shelf.shelf(town, name).values()
                assert theirs <= {line.title for line in lines if line.is_opened}, "it stays open"
                theirs |= {line.title for line in lines if line.is_opened}
        assert opened["Ada"], "the story opens something"


def test_a_draft_is_checked_before_its_file_is_written():
    wanted = ContentDraft("x", "", "file", "", 1)
    with pytest.raises(FieldInvalid):
        content_items.check(wanted, has_file=True)
