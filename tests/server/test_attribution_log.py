"""The attribution log: what touched a person, why it counts or not, page by page."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fewer
from hypothesis import strategies as st
from sqlmodel import Session, select

from server import clock
from server.services import attribution_log, attribution_words
from server.services.attribution import Unattributed
from server.services.attribution_log import LogLine
from server.services.sentences import Sentence
from server.store import attribution_log as store
from server.store.visits import Visit, VisitOutcome
from tests import make
from tests.server import my_data_world
from tests.server import town as towns
from tests.server.town import Town

KEY = "a key of this deployment"


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def spoken(sentence: Sentence) -> str:
    """Return a sentence in English, as the page does without its languages."""
    values = {
        name: spoken(value) if isinstance(value, Sentence) else value
        for name, value in sentence.values.items()
    }
    return sentence.words.format(**values)


def log_of(town: Town, name: str, key: str = KEY) -> list[LogLine]:
    page = attribution_log.of_member(
        town.db, member_id=town.member(name), behind=None, key=key, now=town.now
    )
    return list(page.lines)


def newest(town: Town, name: str, words: str) -> LogLine:
    return next(line for line in log_of(town, name) if words in spoken(line.what))


class TestAsASharer:
    def test_a_visit_has_its_outcome_and_a_name_that_leads_nowhere(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now, is_verified=True)
        (line,) = log_of(town, "Ada")
        assert re.fullmatch(
            r"Visitor [0-9a-f]{6} opened your link for Winter boots by Berta's Boots.",
            spoken(line.what),
        )
        assert spoken(line.outcome) == "Whether it counts is being decided."
        assert token.encode()[:8].hex() not in spoken(line.what)

        make.pass_time(town.db, town.now)

        (line,) = log_of(town, "Ada")
        assert spoken(line.outcome) == "It counts."
        assert "Yours to take from" in spoken(line.notes[0])

    def test_the_same_visitor_has_the_same_name_and_another_in_anothers_log(self, town: Town):
        town.shares("Ada")
        town.shares("Bela")
        for name in ("Ada", "Ada", "Bela"):
            make.visit(town.db, town.links[name], now=town.now)
        for visit in town.db.exec(select(Visit)):
            visit.visitor_key = b"the same"
        town.db.flush()
        names = {
            name: {spoken(line.what).split()[1] for line in log_of(town, name)}
            for name in ("Ada", "Bela")
        }
        assert len(names["Ada"]) == len(names["Bela"]) == 1
        assert names["Ada"] != names["Bela"]
        elsewhere = {spoken(line.what).split()[1] for line in log_of(town, "Ada", key="another")}
        assert names["Ada"] != elsewhere

    def test_a_visit_that_nobody_looked_at_says_so(self, town: Town):
        town.shares("Ada")
        make.visit(town.db, town.links["Ada"], now=town.now)
        (line,) = log_of(town, "Ada")
        assert "nobody looked at the page" in spoken(line.outcome)

    def test_a_forgotten_visitor_has_no_name(self, town: Town):
        town.shares("Ada")
        make.visit(town.db, town.links["Ada"], now=town.now)
        (visit,) = town.db.exec(select(Visit))
        visit.visitor_key = None
        town.db.flush()
        (line,) = log_of(town, "Ada")
        assert spoken(line.what).startswith("A visitor who was forgotten opened")

    def test_an_order_says_what_of_it_counts_and_neither_reference_nor_total(self, town: Town):
        town.shares("Ada")
        order = town.orders("120.00", through="Ada", is_new_customer=False, order_ref="secret-9")
        line = newest(town, "Ada", "order")
        assert spoken(line.outcome) == "60.00 EUR of it count for you."
        words = [spoken(one) for one in (line.what, line.outcome, *line.notes)]
        assert not [one for one in words if "secret-9" in one or "120.00" in one]

        make.refund(town.db, town.brand_id, order, "60.00", now=town.now)

        line = newest(town, "Ada", "order")
        assert "60.00 EUR became 30.00 EUR." in spoken(line.notes[0])

        town.time_passes()
        assert "Yours to take since" in spoken(newest(town, "Ada", "order").notes[-1])

    def test_an_order_that_a_case_holds_says_so(self, db: Session):
        world = my_data_world.told(db)
        line = newest(world.town, "Ada", "order came through your link")
        assert attribution_words.HELD in line.notes

    def test_an_order_of_ones_own_says_why_it_counts_for_nobody(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        (visit,) = town.db.exec(select(Visit))
        visit.friend_id = town.member("Ada")
        town.db.flush()
        town.now += timedelta(minutes=1)
        make.order(town.db, town.brand_id, "50.00", now=town.now, visit_token=token)
        brought = spoken(newest(town, "Ada", "came through your link").outcome)
        bought = spoken(newest(town, "Ada", "reported an order").outcome)
        assert brought.startswith("It does not count: by its account, customer number, payment")
        assert brought.endswith("write to Berta's Boots.")
        assert bought.startswith("It counts for nobody: the buyer is the owner of the link, or")

    def test_a_friend_has_no_name(self, town: Town):
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        line = newest(town, "Ada", "confirmed that you brought them")
        assert re.match(r"Friend [0-9a-f]{6} confirmed", spoken(line.what))
        assert "Bela" not in str(log_of(town, "Ada"))


class TestAsAFriend:
    def test_whoever_brought_me_has_the_name_that_they_chose(self, town: Town):
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        lines = [spoken(line.what) for line in log_of(town, "Bela") if line.is_mine]
        assert lines == [
            "You came to Winter boots by Berta's Boots through a link of Ada.",
            "You confirmed that Ada brought you to Winter boots by Berta's Boots.",
        ]

    def test_somebody_without_a_name_stays_without_one(self, town: Town):
        link = make.share(town.db, town.member("Ada"), town.offer, now=town.now).code
        make.claim(
            town.db, town.member("Bela"), make.visit(town.db, link, now=town.now), now=town.now
        )
        assert "somebody who shows no name" in spoken(log_of(town, "Bela")[0].what)

    def test_nobody_else_sees_any_of_it(self, town: Town):
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        assert log_of(town, "Dora") == []


def test_every_outcome_and_every_reason_has_its_words():
    assert set(attribution_words.VISITS) == {None, *VisitOutcome}
    assert set(attribution_words.ORDERS) == set(Unattributed)


@fewer(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    size=st.integers(1, 5),
)
def test_pages_have_everything_once_newest_first(database, minutes, size):
    make.empty(database)
    with database.transaction() as db:
        town = towns.found(db)
        town.shares("Ada")
        for minute in minutes:  # many at the same moment, from several tables
            at = town.now + timedelta(minutes=minute)
            token = make.visit(db, town.links["Ada"], now=at)
            make.order(db, town.brand_id, "20.00", now=at, ordered_at=at, visit_token=token)
        everything = store.of_member(db, town.member("Ada"), behind=None, limit=1000)
        found, behind = [], None
        for _ in range(len(everything) + 1):
            page = store.of_member(db, town.member("Ada"), behind=behind, limit=size)
            found += page
            if not page:
                break
            behind = page[-1].place
    assert [entry.place for entry in found] == [entry.place for entry in everything]
    assert len(everything) == 2 * len(minutes) == len({e.place for e in everything})
    moments = [entry.place.at for entry in everything]
    assert moments == sorted(moments, reverse=True)


class TestPages:
    def test_lead_from_one_to_the_next_and_back(self, client, sign_in, database):
        ada = sign_in(client, "ada")
        now = clock.now()
        with database.transaction() as db:
            town = towns.found(db)
            link = make.share(db, ada, town.offer, now=now).code
            for minute in range(attribution_log.PAGE + 5):
                make.visit(db, link, now=now - timedelta(minutes=minute))
        page = client.get("/my-data/attribution").text
        assert page.count("opened your link") == attribution_log.PAGE
        (older,) = re.findall(r'href="(/my-data/attribution\?behind=[^"]+)"', page)
        page = client.get(older).text
        assert page.count("opened your link") == 5
        assert "behind=" not in page.split("<main")[1].split("</main")[0]

    def test_are_reached_from_ones_own_log_alone(self, client, sign_in, database, browser):
        ada = sign_in(client, "ada")
        now = clock.now()
        with database.transaction() as db:
            town = towns.found(db)
            link = make.share(db, ada, town.offer, now=now).code
            for _ in range(attribution_log.PAGE + 1):
                make.visit(db, link, now=now)
        page = client.get("/my-data/attribution").text
        (older,) = re.findall(r'href="(/my-data/attribution\?behind=[^"]+)"', page)
        other = browser()
        sign_in(other, "bela")
        assert other.get(older).status_code == 404
        assert client.get("/my-data/attribution?behind=nonsense").status_code == 404
        assert client.get(older).status_code == 200
