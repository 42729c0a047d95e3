"""Replays of small cascades, on both databases: same rules, same figures, all or nothing."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlmodel import Session

from server import clock
from server.cli import main
from server.errors import Conflict, Invalid, NotFound
from server.jobs import outbox
from server.services import cascades, checks, crowds, offers, replays
from server.services.crowds import Crowd
from server.services.offers import OfferView
from server.services.replay_figures import Figures
from server.services.replays import Replay
from server.store import ledger, tables
from server.store import offers as offer_store
from server.store.connection import Database
from server.store.consents import Consent
from server.store.conversions import Conversion
from server.store.members import Member
from server.store.outbox import OutboxMessage
from server.store.participants import Participant
from server.store.visits import Visit
from tests import make

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
TREE = "cascade,node,parent,seconds\n" + "".join(
    f"{cascade},{node},{(node + 1) // 3 or ''},{(node - 1) * 1_000 + cascade}\n"
    for cascade in (1, 2)
    for node in range(1, 30)
)
"""Two cascades of 29 people, each but the first brought by somebody before."""
CROWD = Crowd(seed=1, visits_mean=4.0, order_rate=0.2, order_mean_minor=60_00, refund_rate=0.2)


def walk(
    db: Session, offer: OfferView, crowd: Crowd = CROWD, text: str = TREE, *, now: datetime = NOW
) -> Replay:
    return replays.replay(
        db,
        cascades=cascades.parse(BytesIO(text.encode())),
        crowd=crowd,
        offer_public_id=offer.public_id,
        deliver=outbox.deliver,
        progress=lambda: None,
        now=now,
    )


def rows(database: Database) -> dict[str, int]:
    """Count the rows of every table."""
    with database.reading() as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.METADATA.sorted_tables
        }


@pytest.fixture
def offer(database: Database) -> OfferView:
    """Return the boots, published, with a noise row: somebody shares them already."""
    with database.transaction() as db:
        made = make.offer(db, make.brand(db))
        code = make.share(db, make.member(db), made).code
        make.visit(db, code, is_verified=True)
    return made


GOLDEN = (
    Figures("1", 29, 3, 130, 130, 14, credit_minor=591_37, payout_minor=41_26, roots_minor=5_17),
    Figures(
        "2", 29, 3, 183, 183, 35, credit_minor=2_064_22, payout_minor=181_16, roots_minor=27_46
    ),
)
GOLDEN_REFUNDS = 14


class TestWalk:
    def test_everybody_takes_the_place_that_the_file_gives_them(self, db: Session, offer):
        walk(db, offer)
        places = dict(
            db.execute(
                select(Participant.id, Member.subject).join(
                    Member, Member.id == Participant.member_id
                )
            ).all()
        )
        above = db.execute(select(Participant.id, Participant.parent_id)).all()
        found = {places[id_]: places.get(parent) for id_, parent in above}
        assert found.pop("ada") is None
        assert found == {
            f"{cascade}/{node}": f"{cascade}/{(node + 1) // 3}" if node > 1 else None
            for cascade in (1, 2)
            for node in range(1, 30)
        }

    def test_everybody_agreed_to_share_and_friends_to_say_who_brought_them(self, db, offer):
        walk(db, offer)
        given = db.execute(select(Consent.purpose, func.count()).group_by(Consent.purpose)).all()
        assert dict(given) == {"share": 58 + 1, "referral": 56}

    def test_the_figures_are_the_same_on_every_database_and_for_good(self, db, offer):
        result = walk(db, offer)
        assert result.cascades == GOLDEN
        assert result.refunds == GOLDEN_REFUNDS

    def test_the_total_is_the_sum_and_stays_below_the_ceiling(self, db, offer):
        result = walk(db, offer)
        for name in ("participants", "visits", "orders", "credit_minor", "payout_minor"):
            assert getattr(result.total, name) == sum(getattr(p, name) for p in result.cascades)
            assert getattr(result.total, name) > 0
        for part in (*result.cascades, result.total):
            assert part.payout_minor * 10_000 <= 1_000 * part.credit_minor
            assert part.payout_per_credit == part.payout_minor * 10_000 // part.credit_minor
        assert result.total.participants == 58

    def test_the_ledger_owes_what_the_table_says(self, db, offer):
        result = walk(db, offer)
        row = offer_store.find_by_public_id(db, offer.public_id)
        sums: dict[str, int] = {}
        for account, amount in ledger.balances(db, row.id):
            kind = account.partition(":")[0]
            sums[kind] = sums.get(kind, 0) + amount
        assert sums["payable"] == result.total.payout_minor
        assert sums["pending"] == 0
        assert result.wrong == ()
        assert checks.of_offer(db, row) == []

    def test_everything_vests_in_the_past(self, db, offer):
        result = walk(db, offer)
        orders = db.execute(select(Conversion.vests_at, Conversion.vested_at)).all()
        assert sum(vested is not None for _, vested in orders) == result.total.orders
        assert all((due is None) == (vested is None) for due, vested in orders)
        visits = db.execute(select(Visit).where(Visit.outcome == "counted")).scalars().all()
        assert len(visits) == result.total.visits + 1  # Ada's visit was due, too
        assert all(visit.vested_at == NOW for visit in visits)
        assert all(visit.clicked_at < visit.vests_at <= NOW for visit in visits)
        assert db.execute(select(func.max(Conversion.ordered_at))).scalar_one() < NOW
        waiting = select(func.count()).where(OutboxMessage.done_at.is_(None))
        assert db.execute(waiting).scalar_one() == 0

    def test_refunds_take_credit_back(self, db, offer):
        kept = walk(db, offer, replace(CROWD, refund_rate=0.0))
        other = make.offer(db, make.brand(db, "other", hosts=("other.example",)), **OTHER)
        refunded = walk(db, other, replace(CROWD, refund_rate=1.0))
        assert (kept.refunds, kept.total.orders > 0) == (0, True)
        assert refunded.refunds == kept.total.orders
        assert refunded.total.orders < kept.total.orders
        assert refunded.total.credit_minor * 2 < kept.total.credit_minor
        assert refunded.wrong == ()

    def test_a_chain_that_is_too_deep_goes_on_beside_its_parent(self, db, offer):
        chain = "cascade,node,parent,seconds\n" + "".join(
            f"x,{node},{node - 1 or ''},{node}\n" for node in range(1, 71)
        )
        result = walk(db, offer, text=chain)
        assert (result.total.participants, result.total.depth) == (70, 64)
        assert result.wrong == ()


OTHER = {"page_url": "https://other.example/boots"}


class TestAgain:
    def test_another_offer_of_the_same_terms_gives_the_same_figures(self, db, offer):
        first = walk(db, offer)
        brand_id = make.brand(db, "other", hosts=("other.example",))
        second = walk(db, make.offer(db, brand_id, **OTHER), now=NOW + timedelta(days=9, seconds=7))
        assert second == first

    def test_another_seed_draws_anew_beside_the_first(self, db, offer):
        first = walk(db, offer)
        second = walk(db, offer, replace(CROWD, seed=2))
        assert first.total.participants == second.total.participants == 58
        assert first.total.credit_minor != second.total.credit_minor
        assert second.wrong == ()

    def test_the_same_file_and_seed_are_refused_in_the_same_offer(self, db, offer):
        walk(db, offer)
        before = db.execute(select(func.count()).select_from(Visit)).scalar_one()
        with pytest.raises(Conflict, match="already replayed into 'Winter boots' with seed 1"):
            walk(db, offer, replace(CROWD, visits_mean=1.0))
        assert db.execute(select(func.count()).select_from(Visit)).scalar_one() == before


class TestBudget:
    def test_a_spent_budget_is_told_as_counts_of_reasons(self, db: Session):
        small = make.offer(db, make.brand(db), budget_minor=50_00)
        result = walk(db, small, replace(CROWD, refund_rate=0.0))
        assert set(result.orders_refused) == {"budget_partly", "budget_spent"}
        counted = db.execute(select(Conversion.reason, func.count()).group_by(Conversion.reason))
        found = {reason: count for reason, count in counted if reason}
        assert result.orders_refused == found
        assert result.visits_refused == {
            "budget_spent": result.total.visits - result.total.credited_visits
        }
        assert result.visits_refused["budget_spent"] > 0
        assert 0 < result.total.payout_minor <= 50_00
        assert result.remaining_minor == 0
        assert result.wrong == ()

    def test_what_is_left_is_the_budget_less_what_is_promised(self, db, offer):
        result = walk(db, offer)
        assert result.orders_refused == {}
        promised = result.budget_minor - result.remaining_minor
        assert result.total.payout_minor <= promised <= result.total.payout_minor + 58


class TestNeighbours:
    def test_what_waits_in_other_offers_goes_on_waiting(self, db, offer):
        brand_id = make.brand(db, "other", hosts=("other.example",))
        other = make.offer(db, brand_id, **OTHER)
        code = make.share(db, make.member(db, "bela"), other).code
        make.visit(db, code, is_verified=True)
        make.order(db, brand_id, "60.00", code=code)
        walk(db, offer)
        row = offer_store.find_by_public_id(db, other.public_id)
        undecided = select(func.count()).where(Visit.offer_id == row.id, Visit.outcome.is_(None))
        assert db.execute(undecided).scalar_one() == 1
        vested = select(Conversion.vested_at).where(Conversion.offer_id == row.id)
        assert db.execute(vested).scalar_one() is None


class TestOffer:
    def test_must_be_there_and_published(self, db, offer):
        with pytest.raises(NotFound, match="no offer 'nowhere'"):
            walk(db, replace(offer, public_id="nowhere"))
        brand_id = make.brand(db, "other", hosts=("other.example",))
        wanted = replace(make.BOOTS, page_url="https://other.example/boots")
        draft = offers.draft(db, brand_id=brand_id, actor="test", wanted=wanted, now=NOW)
        with pytest.raises(Conflict, match="is a draft"):
            walk(db, draft)
        offers.publish(db, brand_id=brand_id, public_id=draft.public_id, actor="test", now=NOW)
        offers.end(db, brand_id=brand_id, public_id=draft.public_id, actor="test", now=NOW)
        with pytest.raises(Conflict, match="has ended"):
            walk(db, draft)


class TestCrowd:
    def test_a_name_always_draws_the_same(self):
        crowd = replace(CROWD, visits_mean=20.0)
        assert crowds.draw(crowd, "1/1") == crowds.draw(crowd, "1/1")
        assert crowds.draw(crowd, "1/1") != crowds.draw(crowd, "1/2")
        assert crowds.draw(crowd, "1/1") != crowds.draw(replace(crowd, seed=2), "1/1")

    def test_draws_have_the_stated_means_and_bounds(self):
        drawn = [crowds.draw(replace(CROWD, visits_mean=8.0), f"1/{n}") for n in range(3_000)]
        visitors = [visitor for one in drawn for visitor in one.visitors]
        orders = [visitor.purchase for visitor in visitors if visitor.purchase]
        assert 7.2 < len(visitors) / len(drawn) < 8.8
        assert 0.19 < len(orders) / len(visitors) < 0.21
        assert 57_00 < sum(order.net_minor for order in orders) / len(orders) < 63_00
        assert 0.18 < sum(order.refund_minor > 0 for order in orders) / len(orders) < 0.22
        assert 0.68 < sum(order.is_new_customer for order in orders) / len(orders) < 0.72
        assert sum(not one.visitors for one in drawn) / len(drawn) > 0.15  # most see nobody
        assert max(len(one.visitors) for one in drawn) <= crowds.VISITS_MAX
        assert all(0 <= order.refund_minor <= order.net_minor for order in orders)

    def test_nobody_comes_when_nobody_is_wanted(self):
        assert crowds.draw(replace(CROWD, visits_mean=0.0), "1/1").visitors == ()
        assert crowds.draw(replace(CROWD, order_rate=0.0), "1/1").own is None

    def test_no_link_sees_more_than_the_most(self):
        crowd = replace(CROWD, visits_mean=100.0)
        counts = [len(crowds.draw(crowd, f"1/{n}").visitors) for n in range(200)]
        assert max(counts) == crowds.VISITS_MAX

    @pytest.mark.parametrize(
        "wrong",
        [
            {"visits_mean": -1.0},
            {"visits_mean": float("nan")},
            {"visits_mean": 101.0},
            {"order_rate": 1.1},
            {"refund_rate": -0.1},
            {"order_mean_minor": 0},
            {"order_mean_minor": 10**13},
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, wrong):
        with pytest.raises(Invalid, match=r"^Let the mean"):
            replace(CROWD, **wrong)


@pytest.fixture
def command(database: Database, tmp_path: Path) -> Iterator:
    """Run ``fanfare replay`` on the test's database with a file of this text."""

    def run(text: str | bytes, *options: str, name: str = "cascades.csv") -> Result:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        env = {
            "DATABASE_URL": database.url,
            "FANFARE_DATA": str(tmp_path),
        }
        return CliRunner().invoke(main, ["replay", str(file), *options], env=env)

    yield run
    clock.follow(None)


LIVELY = ("--visits-mean", "4", "--order-rate", "0.2", "--refund-rate", "0.2")


class TestCommand:
    def test_prints_every_cascade_the_total_and_that_the_ledger_balances(
        self, command, offer, database
    ):
        done = command(TREE, "--offer", offer.public_id, *LIVELY)
        assert (done.exit_code, done.stderr) == (0, "")
        lines = [line.split() for line in done.stdout.splitlines()]
        cells = {line[0]: line for line in lines if len(line) == 9}
        one, total = cells["1"], cells["total"]
        golden = GOLDEN[0]
        assert one[1:5] == ["29", "3", str(golden.visits), str(golden.orders)]
        assert one[5:7] == ["591.37", "41.26"]
        assert one[7] == f"0.{golden.payout_minor * 10_000 // golden.credit_minor:04}"
        assert one[8] == f"0.{golden.roots_minor * 10_000 // golden.payout_minor:04}"
        assert total[1] == "58"
        with database.reading() as db:
            row = offer_store.find_by_public_id(db, offer.public_id)
            left = row.budget_minor - -(-(row.pot + row.debt) // 10_000)
        assert f"Budget left: {left / 100:.2f} EUR of 5000.00 EUR.\n" in done.stdout
        assert done.stdout.rstrip().endswith(
            "every amount equals its recomputation from the facts."
        )

    def test_writes_the_same_as_json(self, command, offer, tmp_path):
        compressed = gzip.compress(TREE.encode())
        written = tmp_path / "figures.json"
        options = ("--offer", offer.public_id, "--json", str(written), *LIVELY)
        done = command(compressed, *options, name="cascades.csv.gz")
        assert done.exit_code == 0, done.output
        read = json.loads(written.read_text())
        assert [part["credit_minor"] for part in read["cascades"]] == [
            part.credit_minor for part in GOLDEN
        ]
        assert read["total"]["payout_minor"] == sum(part.payout_minor for part in GOLDEN)
        assert read["refunds"] == GOLDEN_REFUNDS
        assert read["currency"] == "EUR"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("cascade,node,seconds\n1,1,0\n", "Line 1: the column parent is missing"),
            (TREE + "2,99,98,5\n", "Line 60: the parent 98 of node 99 is nowhere in cascade 2"),
            (TREE + "1,5,1,9\n", "Line 60: node 5 of cascade 1 is there already, in line 6"),
            (TREE + "1,99,1,-9\n", "Line 60: '-9' cannot be seconds"),
            (TREE + "1,98,99,9\n1,99,98,9\n", "Line 60: above node 98"),
            (TREE + "1,99,1,9,9\n", "Line 60: there are 5 values"),
            (TREE.encode() + b"1,\xff,1,9\n", "Line 60: this is not UTF-8"),
            (gzip.compress(TREE.encode())[:-20], "the compressed file is damaged"),
            ("", "Line 1: the file is empty"),
        ],
    )
    def test_a_broken_file_changes_nothing(self, command, offer, database, text, sentence):
        before = rows(database)
        done = command(text, "--offer", offer.public_id)
        assert done.exit_code == 1
        assert sentence in done.stderr
        assert done.stdout == ""
        assert rows(database) == before

    def test_a_second_time_changes_nothing(self, command, offer, database):
        assert command(TREE, "--offer", offer.public_id).exit_code == 0
        before = rows(database)
        done = command(TREE, "--offer", offer.public_id)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "already replayed" in done.stderr
        assert rows(database) == before

    def test_what_breaks_halfway_changes_nothing(self, command, offer, database, monkeypatch):
        before = rows(database)

        def breaks(*_args: object, **_kwargs: object) -> None:
            raise Conflict("The shop burned down.")

        monkeypatch.setattr("server.services.conversions.report", breaks)
        done = command(TREE, "--offer", offer.public_id, *LIVELY)
        assert (done.exit_code, done.stderr) == (1, "Error: The shop burned down.\n")
        assert rows(database) == before

    def test_wrong_books_are_told_and_nothing_is_kept(self, command, offer, database, monkeypatch):
        before = rows(database)
        monkeypatch.setattr("server.services.checks.of_offer", lambda *_: ["1 + 1 is 3."])
        done = command(TREE, "--offer", offer.public_id)
        assert done.exit_code == 1
        assert "1 + 1 is 3." in done.stderr
        assert rows(database) == before

    def test_a_mean_order_is_an_amount(self, command, offer, database):
        before = rows(database)
        done = command(TREE, "--offer", offer.public_id, "--order-mean", "sixty")
        assert done.exit_code == 1
        assert "'sixty' is not an amount" in done.stderr
        assert rows(database) == before
        assert command(TREE, "--offer", offer.public_id, "--order-mean", "80.00").exit_code == 0
