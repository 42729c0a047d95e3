"""Buyers known by keyed hashes alone: whose orders earn nothing, how long, for which brand."""

import hashlib
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select
from structlog.testing import capture_logs

from rewards.money import Money
from server import sealing
from server.services import erasures, forgetting, identities, redemptions, retention
from server.services.conversions import ConversionView
from server.services.identities import PERIOD, Identity, Said
from server.services.validations import Use
from server.store import conversions as conversion_store
from server.store import visits
from server.store.identities import IdentityKey, OrderIdentity, OwnIdentity
from tests import make
from tests.server import erased_person, till
from tests.server import town as towns
from tests.server.town import Town

CARD, OTHER_CARD = "a1" * 32, "b2" * 32
HOUSE = "c3" * 32
IN_ONE_TOWN = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = st.text(min_size=1, max_size=30).filter(lambda words: words.strip() != "")
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def reads(town: Town, order: ConversionView) -> tuple[str | None, int]:
    """Return how an order stands now."""
    found = conversion_store.find_by_order(
        town.db, brand_id=town.brand_id, order_ref=order.order_ref
    )
    assert found is not None
    return found.reason, found.credited_minor


def is_known(town: Town, name: str, **said: str) -> None:
    """Let a person order by a visit that they confirmed long ago, too long to count for anybody."""
    token = make.visit(town.db, town.links["Zoe"], now=town.now - timedelta(days=31))
    visits.find_by_token(town.db, token).friend_id = town.member(name)
    town.db.flush()
    order = make.order(town.db, town.brand_id, "10.00", now=town.now, visit_token=token, **said)
    assert order.credited_minor == 0


@pytest.fixture
def street(town: Town) -> Town:
    """Zoe stands aside; Ada brought Bela, Bela brought Cleo."""
    town.shares("Zoe")
    town.shares("Ada")
    town.shares("Bela", after="Ada")
    town.shares("Cleo", after="Bela")
    return town


@pytest.mark.parametrize(
    "said", [{"buyer_ref": "A-4711"}, {"payment_hash": CARD}, {"delivery_hash": HOUSE}], ids=str
)
class TestWhoBuysThemselves:
    def test_earns_nothing_by_their_own_link(self, street: Town, said: dict[str, str]):
        is_known(street, "Ada", **said)

        order = street.orders("120.00", through="Ada", **said)

        assert (order.reason, order.credited_minor) == ("own_order", 0)
        assert "owner of the link or somebody above them" in order.why
        assert street.place("Ada").pending_minor == 0
        assert street.wrong() == []

    def test_earns_nobody_anything_by_a_link_below(self, street: Town, said: dict[str, str]):
        is_known(street, "Ada", **said)

        order = street.orders("120.00", through="Cleo", **said)

        assert order.reason == "own_order"
        assert [street.place(name).pending_minor for name in ("Ada", "Bela", "Cleo")] == [0, 0, 0]

    def test_is_a_buyer_like_others_above_and_beside(self, street: Town, said: dict[str, str]):
        is_known(street, "Bela", **said)

        assert street.orders("120.00", through="Ada", **said).reason is None
        assert street.wrong() == []

    def test_is_known_by_a_code_of_theirs_that_was_used(self, street: Town, said: dict[str, str]):
        street.orders("300.00", through="Ada")
        street.time_passes()
        taken = till.take(street)
        redemptions.redeem(
            street.db,
            client_id=till.Till.of(street).client_id,
            code=taken.code,
            order_ref="till-1",
            use=Use(street.brand_id, Money(100_00, "EUR")),
            buyer=make.known_by(street.db, street.brand_id, now=street.now, **said),
            now=street.now,
        )

        assert street.orders("120.00", through="Ada", **said).reason == "own_order"

    def test_is_known_by_an_order_with_a_code_of_theirs(self, street: Town, said: dict[str, str]):
        street.orders("300.00", through="Ada")
        street.time_passes()
        taken = till.take(street)
        make.order(street.db, street.brand_id, "50.00", now=street.now, code=taken.code, **said)

        assert street.orders("120.00", through="Bela", **said).reason == "own_order"


class TestWhatIsLearntLater:
    def test_takes_a_pending_order_back_whole(self, street: Town):
        order = street.orders("120.00", through="Bela", payment_hash=CARD)
        make.refund(street.db, street.brand_id, order, "20.00", now=street.now)
        assert reads(street, order) == (None, 100_00)

        is_known(street, "Ada", payment_hash=CARD)
        street.time_passes(timedelta(minutes=1))

        assert reads(street, order) == ("own_order", 0)
        assert street.place("Bela").pending_minor == 0
        assert street.wrong() == []
        make.refund(street.db, street.brand_id, order, "100.00", now=street.now)
        street.time_passes()
        assert street.place("Bela").payable_minor == 0
        assert street.wrong() == []

    def test_leaves_what_has_vested(self, street: Town):
        order = street.orders("120.00", through="Ada", buyer_ref="A-4711")
        street.time_passes()

        is_known(street, "Ada", buyer_ref="A-4711")
        street.time_passes()

        assert reads(street, order) == (None, 120_00)
        assert street.wrong() == []

    def test_leaves_pending_orders_of_others_links(self, street: Town):
        order = street.orders("120.00", through="Zoe", buyer_ref="A-4711")

        is_known(street, "Ada", buyer_ref="A-4711")
        street.time_passes(timedelta(minutes=1))

        assert reads(street, order) == (None, 120_00)

    def test_is_not_learnt_from_a_repeated_report(self, street: Town):
        token = make.visit(street.db, street.links["Zoe"], now=street.now - timedelta(days=31))
        visits.find_by_token(street.db, token).friend_id = street.member("Ada")

        def report(**said: str) -> ConversionView:
            return make.order(
                street.db,
                street.brand_id,
                "10.00",
                order_ref="A-1",
                visit_token=token,
                now=street.now,
                **said,
            )

        first, again = report(buyer_ref="A-4711"), report(buyer_ref="A-9", payment_hash=CARD)

        assert (first.is_new, again.is_new) == (True, False)
        assert first.public_id == again.public_id
        assert street.orders("120.00", through="Ada", payment_hash=CARD).reason is None
        assert street.orders("120.00", through="Ada", buyer_ref="A-4711").reason == "own_order"


class TestRotation:
    @pytest.mark.parametrize("days", [1, 89, 90])
    def test_loses_nobody(self, street: Town, days: int):
        is_known(street, "Ada", buyer_ref="A-4711", payment_hash=CARD)
        street.now += timedelta(days=days)

        assert street.orders("12.00", through="Ada", payment_hash=CARD).reason == "own_order"
        assert street.orders("12.00", through="Ada", buyer_ref="A-4711").reason == "own_order"

    def test_finds_pending_orders_from_before_it(self, street: Town):
        order = street.orders("120.00", through="Ada", payment_hash=CARD)
        day_before = street.now
        street.now = _first_moment(identities.period_of(street.now) + 1)
        assert street.now - day_before < PERIOD
        row = conversion_store.find_by_order(
            street.db, brand_id=street.brand_id, order_ref=order.order_ref
        )
        row.vests_at = street.now + timedelta(days=1)  # a return window that began lately

        is_known(street, "Ada", payment_hash=CARD)
        street.time_passes(timedelta(minutes=1))

        assert reads(street, order) == ("own_order", 0)

    def test_forgets_who_was_not_seen_for_two_periods(self, street: Town):
        is_known(street, "Ada", buyer_ref="A-4711")
        street.now += 2 * PERIOD

        assert street.orders("12.00", through="Ada", buyer_ref="A-4711").reason is None

    def test_destroys_a_key_with_all_its_hashes_a_day_later(self, street: Town):
        is_known(street, "Ada", buyer_ref="A-4711")
        order = street.orders("120.00", through="Ada", buyer_ref="B-1")
        (key,) = street.db.exec(select(IdentityKey))
        ends_at = key.ends_at
        assert ends_at == _first_moment(key.period + 2)

        def forgotten(after: timedelta) -> int:
            return retention.forget_old(street.db, now=ends_at + after)["identity_key"]

        assert forgotten(timedelta(hours=23)) == 0
        assert forgotten(timedelta(days=1)) == 1
        street.db.expire_all()
        for table in (IdentityKey, OwnIdentity, OrderIdentity):
            assert street.db.exec(select(table)).all() == [], table
        assert reads(street, order) == (None, 120_00)

    def test_another_sealing_key_destroys_what_it_cannot_open(self, street: Town):
        is_known(street, "Ada", buyer_ref="A-4711")
        (key,) = street.db.exec(select(IdentityKey))
        key.sealed_key = sealing.seal("the key before", "whatever")
        street.db.flush()

        with capture_logs() as logged:
            order = street.orders("12.00", through="Ada", buyer_ref="A-4711")

        assert order.reason is None
        assert [line["event"] for line in logged] == ["identity_keys_sealed_by_another_key"]
        assert street.db.exec(select(OwnIdentity)).all() == []
        is_known(street, "Ada", buyer_ref="A-4711")
        assert street.orders("12.00", through="Ada", buyer_ref="A-4711").reason == "own_order"


class TestHowLittleIsKept:
    def test_cards_and_addresses_go_when_the_order_vests(self, street: Town):
        street.orders("12.00", through="Ada", buyer_ref="B-1", payment_hash=CARD)
        assert kinds(street) == {"buyer", "payment"}

        street.time_passes()

        assert kinds(street) == {"buyer"}

    def test_nothing_is_kept_of_an_order_that_counts_for_nobody(self, street: Town):
        make.order(
            street.db, street.brand_id, "12.00", now=street.now, buyer_ref="B-1", payment_hash=CARD
        )

        assert kinds(street) == set()

    def test_a_forgotten_visitor_takes_them_along(self, street: Town):
        token = make.visit(street.db, street.links["Ada"], now=street.now)
        street.now += timedelta(minutes=1)
        make.order(
            street.db,
            street.brand_id,
            "12.00",
            now=street.now,
            visit_token=token,
            buyer_ref="B-1",
            delivery_hash=HOUSE,
        )
        street.orders("12.00", through="Ada", buyer_ref="B-2")

        forgetting.forget(street.db, visit_token=token, now=street.now)

        assert len(street.db.exec(select(OrderIdentity)).all()) == 1, "the other buyer's"

    def test_erasing_somebody_erases_their_hashes_at_every_order(self, street: Town):
        is_known(street, "Ada", buyer_ref="A-4711", payment_hash=CARD)
        street.orders("12.00", through="Zoe", payment_hash=CARD)
        street.orders("12.00", through="Zoe", payment_hash=OTHER_CARD)

        erasures.erase(street.db, member_id=street.member("Ada"), now=street.now)

        assert street.db.exec(select(OwnIdentity)).all() == []
        assert len(street.db.exec(select(OrderIdentity)).all()) == 1, "somebody else's"

    def test_no_table_holds_what_was_said(self, database, record_property):
        said = {"buyer_ref": "Nummer-4711", "payment_hash": CARD, "delivery_hash": HOUSE}
        with database.transaction() as db:
            town = towns.found(db)
            town.shares("Zoe")
            is_known(town, "Ada", **said)
            planted = [one.hash for one in make.known_by(db, town.brand_id, now=town.now, **said)]

        plain = erased_person.search(database, said)
        hashed = erased_person.search(database, {one: one for one in planted})

        assert plain.names == {}
        assert set(hashed.names) == set(planted), "the search sees what is there"
        record_property(
            "told",
            f"Searched {plain.tables} tables and {plain.rows} rows on {database.dialect}: of"
            f" number, payment and delivery only {len(planted)} keyed hashes are kept.",
        )


class TestTwoBrands:
    def test_do_not_know_each_others_buyers(self, brands: tuple[Town, int]):
        town, other_id = brands
        town.shares("Zoe")
        town.shares("Ada")
        is_known(town, "Ada", buyer_ref="A-4711", payment_hash=CARD)
        elsewhere = make.offer(town.db, other_id, now=town.now, page_url="https://coats.example/")
        link = make.share(town.db, town.member("Ada"), elsewhere, now=town.now).code
        token = make.visit(town.db, link, now=town.now)
        town.now += timedelta(minutes=1)

        order = make.order(
            town.db,
            other_id,
            "12.00",
            now=town.now,
            visit_token=token,
            buyer_ref="A-4711",
            payment_hash=CARD,
        )

        assert order.reason is None


class TestAHash:
    def test_does_not_depend_on_how_it_was_written(self, town: Town):
        def of(said: Said) -> set[str]:
            return hashes(town, town.brand_id, said)

        assert of(Said(" Jose\u0301 7 ")) == of(Said("Jos\u00e9 7"))
        assert of(Said("a-1")) != of(Said("A-1")), "to some shops these are two buyers"
        assert of(Said(payment_hash=CARD.upper())) == of(Said(payment_hash=CARD))
        assert of(Said(buyer_ref="  ")) == set()

    def test_of_stripes_fingerprint_is_the_one_of_its_sha256(self, town: Town):
        fingerprint = "AOB934RVNwzk6xtn"
        same = hashlib.sha256(fingerprint.encode()).hexdigest()

        by_stripe, by_shop = (
            hashes(town, town.brand_id, said)
            for said in (Said(fingerprint=fingerprint), Said(payment_hash=same))
        )

        assert by_stripe == by_shop != set()

    def test_is_not_shown_by_what_carries_it(self):
        assert "4711" not in repr(Said("A-4711", CARD, HOUSE, ("acct_1", "cus_4711"), "fp-4711"))


@IN_ONE_TOWN
@given(buyer_ref=WORDS, payment=HEX, delivery=HEX)
def test_two_brands_never_have_a_hash_in_common(
    brands: tuple[Town, int], buyer_ref: str, payment: str, delivery: str
):
    town, other_id = brands
    said = Said(buyer_ref, payment, delivery)

    here, there = hashes(town, town.brand_id, said), hashes(town, other_id, said)

    assert len(here) == len(there) == 3
    assert here.isdisjoint(there)
    assert hashes(town, town.brand_id, said) == here, "the same again at the same brand"


@IN_ONE_TOWN
@given(words=HEX)
def test_a_hash_of_one_kind_is_never_one_of_another(brands: tuple[Town, int], words: str):
    town, _ = brands
    said = Said(words, words, words, ("acct_1", words), None)

    assert len(hashes(town, town.brand_id, said)) == 4


@IN_ONE_TOWN
@given(words=WORDS, card=HEX, days=st.integers(0, 179))
def test_a_hash_matches_as_long_as_its_key_lives(
    brands: tuple[Town, int], words: str, card: str, days: int
):
    town, _ = brands
    begins = _first_moment(identities.period_of(town.now))
    then = [begins, begins + timedelta(days=days)]

    first, later = (hashes(town, town.brand_id, Said(words, card), now=now) for now in then)

    assert len(first & later) >= 2, "number and card both"


@pytest.fixture
def brands(town: Town) -> tuple[Town, int]:
    """The town's brand and another one beside it."""
    return town, make.brand(town.db, "carls-coats", name="Carl's Coats", hosts=("coats.example",))


def hashes(town: Town, brand_id: int, said: Said, now: datetime | None = None) -> set[str]:
    told: tuple[Identity, ...] = identities.told(
        town.db,
        brand_id=brand_id,
        said=said,
        sealing_key=make.SEALING_KEY,
        now=now or town.now,
    )
    return {one.hash for one in told}


def kinds(town: Town) -> set[str]:
    town.db.expire_all()
    return {one.kind for one in town.db.exec(select(OrderIdentity))}


def _first_moment(period: int) -> datetime:
    return identities.BEGINNING + period * PERIOD
