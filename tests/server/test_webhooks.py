"""What happens at a brand reaches its own systems: signed, again and again until it arrives."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event as listening

from server.errors import Invalid, NotFound
from server.jobs.sweep import sweep
from server.services import events
from server.services import webhook_deliveries as deliveries
from server.services import webhook_endpoints as endpoints
from server.services import webhook_sending as sending
from server.store import webhook_endpoints as store
from server.store.connection import Database
from server.store.webhook_deliveries import WebhookEvent
from server.store.webhook_endpoints import WebhookEndpoint
from tests import make
from tests.server.post_office import KEY, PostOffice, redemption
from tests.server.receivers import Receiver, in_turn, receiving, says, waits_for
from tests.server.standard_webhooks import is_from

DEAD = "http://127.0.0.1:9/hook"
THREE_DAYS = sum(sending.PAUSES, timedelta())


@pytest.fixture
def office(database: Database) -> PostOffice:
    with database.transaction() as db:
        brand_id = make.brand(db)
        make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
    return PostOffice(database, brand_id)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class TestEvents:
    def test_say_what_happened_and_nothing_about_people(self, office: PostOffice, shop: Receiver):
        office.add(shop.url)
        office.happens(redemption(7))
        assert office.sends() == 1

        (request,) = shop.requests
        assert request.event == {
            "type": "redemption.created",
            "timestamp": "2030-01-01T12:00:00+00:00",
            "data": {
                "redemption_id": "r7",
                "code": "7KQF-9M2X-4TBH",
                "order_ref": "A-7",
                "discount_minor": 500,
                "currency": "EUR",
            },
        }
        assert request.headers["content-type"] == "application/json"

    def test_reach_those_endpoints_of_the_brand_that_want_them(self, office: PostOffice):
        with ExitStack() as stack:
            all_, codes, uses, tea = (stack.enter_context(receiving()) for _ in range(4))
            office.add(all_.url)
            office.add(codes.url, "code.expired", "code.revoked")
            office.add(uses.url, "redemption.created")
            office.add(tea.url, brand_id=office.brand_id + 1)
            office.happens(redemption(), events.CodeExpired("o1", "7KQF", 5_00, "EUR"))
            office.sends()

            told = [sorted(r.event["type"] for r in one.requests) for one in (all_, codes, uses)]
        assert told == [
            ["code.expired", "redemption.created"],
            ["code.expired"],
            ["redemption.created"],
        ]
        assert tea.requests == []

    def test_one_that_nobody_wants_costs_one_look_and_is_not_kept(
        self, office: PostOffice, database: Database
    ):
        office.add(DEAD, "case.opened")
        office.add(DEAD, brand_id=office.brand_id + 1)
        said: list[str] = []
        listening.listen(
            database.engine, "before_cursor_execute", lambda *args: said.append(args[2])
        )
        with database.transaction() as db:
            said.clear()
            events.publish(db, brand_id=office.brand_id, event=redemption(), now=office.now)
            asked = [one for one in said if not one.startswith(("BEGIN", "COMMIT"))]
        assert len(asked) == 1
        assert asked[0].startswith("SELECT webhook_endpoint.id")
        assert office.kept() == []

    def test_of_a_change_that_was_rolled_back_nobody_hears(
        self, office: PostOffice, database: Database, shop: Receiver
    ):
        office.add(shop.url)
        with pytest.raises(RuntimeError), database.transaction() as db:
            events.publish(db, brand_id=office.brand_id, event=redemption(), now=office.now)
            raise RuntimeError
        assert office.sends() == 0

    def test_writing_one_never_waits_for_whoever_changes_the_endpoint(
        self, office: PostOffice, database: Database
    ):
        made = office.add(DEAD)
        if database.dialect == "sqlite":
            return  # has one writer at a time, so nobody holds an endpoint beside another
        with database.transaction() as db:
            row = store.find(db, brand_id=office.brand_id, public_id=made.public_id)
            store.lock(db, row.id).description = "Changed"
            db.flush()
            telling = threading.Thread(target=office.happens, daemon=True)
            telling.start()
            telling.join(10)
            assert not telling.is_alive()
        assert len(office.kept()) == 1

    @pytest.mark.parametrize("kind", events.ALL.values(), ids=events.ALL)
    def test_each_is_flat_and_can_be_written_as_json(self, kind: type[events.Event]):
        example = kind(**dict.fromkeys(events.members_of(kind), "x"))
        data = json.loads(json.dumps(events.data_of(example)))
        assert list(data) == events.members_of(kind)
        assert not {type(value) for value in data.values()} & {dict, list}
        about_people = {"member", "buyer", "customer", "friend", "participant", "share", "holder"}
        assert not {part for name in data for part in name.split("_")} & about_people


class TestSignatures:
    def test_fit_by_the_specification_and_only_untouched(self, office: PostOffice, shop: Receiver):
        made = office.add(shop.url)
        office.happens()
        office.sends()
        (request,) = shop.requests
        secret = office.secrets[made.public_id]
        assert is_from(secret, request, now=office.now)

        for change in (
            {"body": request.body.replace(b"500", b"501")},
            {"headers": request.headers | {"webhook-id": "evt_other"}},
            {"headers": request.headers | {"webhook-timestamp": "1893499201"}},
        ):
            other = type(request)(**{**vars(request), **change})
            assert not is_from(secret, other, now=office.now)
        assert not is_from(secret, request, now=office.now + timedelta(minutes=6))

    def test_each_endpoint_has_a_secret_of_its_own(self, office: PostOffice, shop: Receiver):
        first, second = office.add(shop.url, "case.opened"), office.add(shop.url)
        office.happens()
        office.sends()
        (request,) = shop.requests
        assert is_from(office.secrets[second.public_id], request, now=office.now)
        assert not is_from(office.secrets[first.public_id], request, now=office.now)

    def test_for_a_day_after_a_rotation_both_secrets_sign(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        made = office.add(shop.url)
        old = office.secrets[made.public_id]
        with database.transaction() as db:
            rotated = endpoints.rotate(db, by=office.by(), public_id=made.public_id, now=office.now)
        assert rotated.old_secret_until == office.now + timedelta(hours=24)
        fits = []
        for hours in (0, 23, 2):
            office.later(hours=hours)
            office.happens()
            office.sends()
            request = shop.requests[-1]
            fits.append([is_from(one, request, now=office.now) for one in (old, rotated.secret)])
        assert fits == [[True, True], [True, True], [False, True]]

    def test_a_repeated_attempt_has_the_same_id_and_bytes_and_a_new_time(
        self, office: PostOffice, shop: Receiver
    ):
        made = office.add(shop.url)
        shop.behaviour = in_turn(says(500), says())
        office.happens()
        office.sends()
        office.later(minutes=1)
        office.sends()
        first, second = shop.requests
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        stamps = [int(one.headers["webhook-timestamp"]) for one in (first, second)]
        assert stamps[1] - stamps[0] == 60
        assert is_from(office.secrets[made.public_id], second, now=office.now)

    def test_secrets_are_sealed_in_the_database(self, office: PostOffice, database: Database):
        made = office.add(DEAD)
        secret = office.secrets[made.public_id]
        with database.reading() as db:
            kept = store.find(db, brand_id=office.brand_id, public_id=made.public_id)
        assert kept.secret.startswith("gAAAA")
        assert secret not in repr(kept)
        assert secret not in repr(made)
        assert all(secret not in repr(entry) for entry in office.audited())


class TestTryingAgain:
    def test_ten_times_in_a_little_over_three_days_then_the_endpoint_is_disabled(
        self, office: PostOffice, shop: Receiver
    ):
        made, other = office.add(DEAD, "redemption.created"), office.add(shop.url)
        office.happens()
        moments = []
        while office.sends():
            moments.append(office.now)
            assert len(moments) < 20
            if (log := office.log(made))[0].state == "waiting":
                office.now = log[0].due_at
        pauses = [after - before for before, after in pairwise(moments)]

        assert len(pauses) == len(sending.PAUSES) == 9
        stretched = [pause / plan for pause, plan in zip(pauses, sending.PAUSES, strict=True)]
        assert all(1 <= by <= 1.1 for by in stretched)
        assert len(set(stretched)) > 1, "many failures do not come back together"
        assert timedelta(days=3) < moments[-1] - moments[0] < timedelta(days=3.6)

        (given_up,) = office.log(made)
        assert (given_up.state, given_up.attempts) == ("given_up", 10)
        assert [one.error for one in office.attempts(made)] == ["it refused the connection"] * 10
        disabled = office.endpoint(made)
        assert disabled.disabled_at == moments[-1]
        assert disabled.disabled_why == (
            "Nothing arrived for three days; at last, it refused the connection."
        )
        entry = office.audited()[-1]
        assert (entry.actor, entry.action) == ("sender", "webhook.disabled")

        office.sends()
        notice = shop.requests[-1].event
        assert notice["type"] == "endpoint.disabled"
        assert notice["data"] == {"endpoint_id": made.public_id, "why": disabled.disabled_why}
        assert office.endpoint(other).disabled_at is None

    def test_an_endpoint_that_took_something_meanwhile_is_not_disabled(
        self, office: PostOffice, shop: Receiver
    ):
        made = office.add(shop.url)
        shop.behaviour = says(500)
        office.happens(redemption(1))
        while office.log(made)[-1].state == "waiting":
            if office.log(made)[-1].attempts == 5:
                shop.behaviour = in_turn(says(), says(500))
                office.happens(redemption(2))
                office.sends()
            office.now = office.log(made)[-1].due_at
            office.sends()
        assert [one.state for one in office.log(made)] == ["delivered", "given_up"]
        assert office.endpoint(made).disabled_at is None
        assert office.endpoint(made).failing_since > office.now - THREE_DAYS

    @pytest.mark.parametrize(
        ("asked", "least", "most"),
        [
            ("3600", timedelta(hours=1), timedelta(hours=1)),
            ("9999999", timedelta(hours=24), timedelta(hours=24)),
            ("1", timedelta(seconds=5), timedelta(seconds=5.5)),
        ],
    )
    def test_an_endpoint_may_ask_for_a_longer_pause_up_to_a_day(
        self, office: PostOffice, shop: Receiver, asked, least, most
    ):
        made = office.add(shop.url)
        shop.behaviour = says(503, b"", Retry_After=asked)
        office.happens()
        office.sends()
        assert least <= office.due_at(made) - office.now <= most

    def test_one_that_is_gone_is_disabled_at_once_and_tells_why(
        self, office: PostOffice, shop: Receiver
    ):
        made = office.add(shop.url)
        shop.behaviour = says(410)
        office.happens()
        office.sends()
        assert office.log(made)[0].state == "given_up"
        assert office.endpoint(made).disabled_why == "It said that it is gone (410)."

    @pytest.mark.parametrize("status", [301, 302, 304, 400, 404, 409, 500, 503])
    def test_anything_but_a_2xx_has_not_arrived(
        self, office: PostOffice, shop: Receiver, status: int
    ):
        made = office.add(shop.url)
        shop.behaviour = says(status, b"" if status == 304 else b"no")
        office.happens()
        office.sends()
        assert (office.log(made)[0].state, office.log(made)[0].attempts) == ("waiting", 1)

    def test_what_was_answered_is_written_down(self, office: PostOffice, shop: Receiver):
        made = office.add(shop.url)
        shop.behaviour = says(500, b"No stock\x00!", X_Trace="t-1")
        office.happens()
        office.sends()
        (attempt,) = office.attempts(made)
        assert (attempt.status, attempt.response_body) == (500, "No stock\ufffd!")
        assert attempt.response_headers["X-Trace"] == "t-1"
        assert attempt.request_headers["webhook-id"] == office.log(made)[0].event_id
        assert attempt.made_at == office.now
        assert 0 <= attempt.duration_ms < 10_000

    def test_a_disabled_endpoint_loses_nothing(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        made = office.add(shop.url)
        shop.behaviour = in_turn(says(410), says())
        office.happens(redemption(1))
        office.sends()
        office.happens(redemption(2), redemption(3))
        office.later(days=7)
        assert office.sends() == 0
        with pytest.raises(Invalid, match="disabled"), database.transaction() as db:
            endpoints.send_test(db, by=office.by(), public_id=made.public_id, now=office.now)

        with database.transaction() as db:
            for _ in range(2):
                endpoints.enable(db, by=office.by(), public_id=made.public_id, now=office.now)
        assert office.sends() == 2
        assert [one.state for one in office.log(made)] == ["delivered", "delivered", "given_up"]
        assert [e.action for e in office.audited()].count("webhook.enabled") == 1

    def test_a_removed_one_is_told_nothing_and_forgets_its_secret(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        made = office.add(shop.url)
        office.happens()
        with database.transaction() as db:
            endpoints.remove(db, by=office.by(), public_id=made.public_id, now=office.now)
        office.happens()
        assert (office.sends(), len(office.kept())) == (0, 1)
        with database.reading() as db:
            assert db.get(WebhookEndpoint, 1).secret == ""
        with pytest.raises(NotFound):
            office.endpoint(made)

    def test_a_secret_that_our_key_does_not_open_fails_alone(
        self, office: PostOffice, shop: Receiver
    ):
        sealed_elsewhere = office.add(shop.url)
        office.happens()
        assert office.sends(key="another key") == 0
        good = office.add(shop.url)
        office.later(minutes=10)
        assert office.sends(key="another key") == 0
        (attempt, _) = office.attempts(sealed_elsewhere)
        assert attempt.error == "our key does not open its secret"
        assert office.log(good) == []
        office.later(hours=1)
        assert office.sends() == 1


class TestTellingAgain:
    def test_one_delivery_or_all_since_a_moment(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        made = office.add(shop.url)
        for number in range(4):
            office.happens(redemption(number))
            office.sends()
            office.later(hours=1)
        second = office.log(made)[2]
        at = {"brand_id": office.brand_id, "endpoint_id": made.public_id, "now": office.now}
        with database.transaction() as db:
            again = deliveries.replay(db, public_id=second.public_id, **at)
        assert (again.state, again.attempts, again.event_id) == ("waiting", 0, second.event_id)
        assert office.sends() == 1
        assert shop.requests[-1].body == shop.requests[1].body

        with database.transaction() as db:
            count = deliveries.replay_since(db, since=second.happened_at, **at)
        assert (count, office.sends()) == (3, 3)
        assert {one.state for one in office.log(made)} == {"delivered"}
        assert len(office.attempts(made, 2)) == 3, "every attempt stays written down"

    def test_nobody_repeats_what_is_another_brands(self, office: PostOffice, database: Database):
        made = office.add(DEAD)
        office.happens()
        other = {"brand_id": office.brand_id + 1, "endpoint_id": made.public_id, "now": office.now}
        delivery = office.log(made)[0].public_id
        with database.transaction() as db:
            with pytest.raises(NotFound):
                deliveries.replay(db, public_id=delivery, **other)
            with pytest.raises(NotFound):
                deliveries.replay_since(db, since=office.now, **other)
        second = office.add(DEAD)
        with pytest.raises(NotFound), database.transaction() as db:
            at = {"brand_id": office.brand_id, "endpoint_id": second.public_id, "now": office.now}
            deliveries.replay(db, public_id=delivery, **at)

    def test_after_thirty_days_all_of_it_is_forgotten(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        kept, removed = office.add(shop.url), office.add(DEAD)
        office.happens()
        office.sends()
        with database.transaction() as db:
            endpoints.remove(db, by=office.by(), public_id=removed.public_id, now=office.now)
        office.later(days=29)
        office.happens(redemption(2))
        sweep(database, now=office.now)
        assert len(office.log(kept)) == 2
        office.later(days=2)
        sweep(database, now=office.now)
        assert [one.happened_at for one in office.log(kept)] == [office.now - timedelta(days=2)]
        with database.reading() as db:
            rows = [db.get(table, 1) for table in (WebhookEvent, WebhookEndpoint)]
            assert [row is not None for row in rows] == [False, True]
            assert db.get(WebhookEndpoint, 2) is None


class TestManyAtOnce:
    def test_endpoints_that_hang_do_not_hold_up_the_others(
        self, office: PostOffice, shop: Receiver
    ):
        released = threading.Event()
        with receiving(waits_for(released)) as hanging:
            stuck = [office.add(hanging.url) for _ in range(3)]
            office.happens(*(redemption(number) for number in range(30)))
            office.add(shop.url)
            office.happens(*(redemption(number) for number in range(30, 50)))
            sender = office.sender()
            sender.start()
            shop.wait(20)
            assert hanging.most_at_once <= len(stuck) * sending.AT_ONCE_TO_ONE
            assert all(log.state == "waiting" for log in office.log(stuck[0]))
            released.set()
            sender.stop()

    def test_endpoints_that_fail_have_a_lane_of_their_own(
        self, office: PostOffice, shop: Receiver, database: Database
    ):
        released = threading.Event()
        with receiving(says(500)) as failing:
            tea = office.brand_id + 1
            for number in range(18):
                office.add(failing.url, brand_id=tea if number % 2 else None)
            office.happens()
            office.happens(brand_id=tea)
            office.sends()
            office.later(minutes=10)
            office.happens(redemption(2))
            office.happens(redemption(2), brand_id=tea)
            failing.behaviour, failing.most_at_once = waits_for(released), 0
            sender = office.sender()
            sender.start()
            failing.wait(18 + 8)
            office.add(shop.url)
            office.happens(redemption(3))
            shop.wait(1)
            assert failing.most_at_once == 8, "of eighteen, one each, and eight in all"
            released.set()
            sender.stop()

    def test_two_workers_send_each_delivery_once(self, office: PostOffice, shop: Receiver):
        office.add(shop.url)
        office.happens(*(redemption(number) for number in range(60)))
        senders = [office.sender() for _ in range(2)]
        for sender in senders:
            sender.start()
        shop.wait(60)
        for sender in senders:
            sender.stop()
        ids = [request.headers["webhook-id"] for request in shop.requests]
        assert len(ids) == len(set(ids)) == 60
        assert {one.state for one in office.kept()} == {"delivered"}

    def test_a_worker_that_slept_too_long_changes_nothing_that_arrived(
        self, office: PostOffice, shop: Receiver
    ):
        made = office.add(shop.url)
        released = threading.Event()
        shop.behaviour = in_turn(waits_for(released, says(500)), says())
        office.happens()
        sleepy = office.sender()
        (begun,) = sleepy.begin_due()
        shop.wait(1)
        assert office.sends() == 0, "it is claimed"
        office.later(minutes=3)
        assert office.sends() == 1
        released.set()
        begun.result(timeout=30)
        sleepy.stop()
        (log,) = office.log(made)
        assert (log.state, log.attempts) == ("delivered", 1)
        assert sorted(str(one.status) for one in office.attempts(made)) == ["200", "500"]
        assert office.sends() == 0

    def test_at_most_ten_endpoints_however_many_add_at_once(
        self, office: PostOffice, database: Database
    ):
        refused: list[int] = []

        def add() -> None:
            try:
                office.add(DEAD)
            except Invalid:
                refused.append(1)

        adding = [threading.Thread(target=add) for _ in range(16)]
        for thread in adding:
            thread.start()
        for thread in adding:
            thread.join()
        with database.reading() as db:
            assert len(endpoints.of_brand(db, brand_id=office.brand_id)) == endpoints.AT_MOST
        assert len(refused) == 6


def test_the_key_of_these_tests_is_what_seals(office: PostOffice, shop: Receiver):
    office.add(shop.url)
    office.happens()
    assert office.sends(KEY) == 1
