"""Cheats with people: accounts of one's own, orders of one's own, visits that nobody meant."""

from datetime import timedelta

import pytest

from server import clock
from tests import make
from tests.server.attacks.conftest import Gains
from tests.server.attacks.scene import Scene
from tests.server.links.process import Process

CARD, NUMBER = "a1" * 32, "A-4711"
FRIENDS = ("110.00", "90.00", "300.00")
AGENTS = tuple(
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{version}.0.0.0 Safari/537.36"
    for version in range(110, 126)
)


class TestAccounts:
    """The same friends order the same; only the accounts that bring them differ."""

    def honest(self, scene: Scene) -> int:
        for amount in FRIENDS:
            scene.order(amount, by="Bela")
        return scene.earned("Bela")

    def test_a_chain_of_accounts(self, scene: Scene, gains: Gains):
        before = self.honest(scene)
        scene.joins("Mallory")
        for above, below in (("Mallory", "M-2"), ("M-2", "M-3"), ("M-3", "M-4")):
            scene.joins(below, after=above)
        for amount, name in zip(FRIENDS, ("M-4", "M-3", "M-2"), strict=True):
            scene.order(amount, by=name)

        found = scene.earned("Mallory", "M-2", "M-3", "M-4")
        gains(
            "chain of accounts",
            found - before,
            most_minor=0,
            because="a tree pays what its orders pay, however it is split",
        )

    def test_a_star_of_accounts(self, scene: Scene, gains: Gains):
        before = self.honest(scene)
        scene.joins("Mallory")
        arms = ("M-2", "M-3", "M-4")
        for name in arms:
            scene.joins(name, after="Mallory")
        for amount, name in zip(FRIENDS, arms, strict=True):
            scene.order(amount, by=name)

        gains(
            "star of accounts",
            scene.earned("Mallory", *arms) - before,
            most_minor=0,
            because="a tree pays what its orders pay, however it is split",
        )


class TestOwnOrders:
    def test_by_ones_own_link(self, scene: Scene, gains: Gains):
        earns(scene, "Ada")
        assert scene.use(scene.takes("Ada").code, buyer_ref=NUMBER).status_code == 201
        before = scene.earned("Ada")

        order = scene.order("500.00", by="Ada", buyer_ref=NUMBER)

        assert order["reason"] == "own_order"
        gains(
            "self-buying, known to the shop",
            scene.earned("Ada") - before,
            most_minor=0,
            because="the buyer's number is the sharer's",
        )

    def test_by_a_link_below(self, scene: Scene, gains: Gains):
        earns(scene, "Ada")
        scene.use(scene.takes("Ada").code, buyer_ref=NUMBER)
        before = scene.earned("Ada", "Bela")

        order = scene.order("500.00", by="Bela", buyer_ref=NUMBER)

        assert order["reason"] == "own_order"
        gains(
            "ancestor-buying",
            scene.earned("Ada", "Bela") - before,
            most_minor=0,
            because="the buyer's number is that of somebody above the sharer",
        )

    def test_with_a_card_and_a_number_that_nobody_knows(self, scene: Scene, gains: Gains):
        order = scene.order("2000.00", by="Ada", buyer_ref="new", payment_hash=CARD)

        assert order["reason"] is None
        gains(
            "self-buying as a stranger",
            scene.earned("Ada"),
            most_minor=200_00,
            because="10 % of the 2000.00 EUR that were really paid, a discount and no profit",
        )


@pytest.mark.parametrize(
    ("kind", "agents", "minutes"),
    [("timer bot", AGENTS[:1], 1), ("rotating proxies", AGENTS, 0), ("human farm", AGENTS[:5], 7)],
)
class TestClickFarms:
    """Every fake visit passes as verified: nobody found them out yet."""

    def test_a_click_farm(
        self,
        scene: Scene,
        links: Process,
        gains: Gains,
        kind: str,
        agents: tuple[str, ...],
        minutes: int,
    ):
        for first in (0, 8, 16):
            scene.looks(links, "Ada", range(first, first + 8), agents=agents)
            links.later(minutes=minutes)
        assert scene.place("Ada").reach == 24, "all of them passed"
        assert scene.earned("Ada") == 0, "without an order, visits are worth nothing"
        honest = scene.order("330.00", by="Bela")["credited_minor"]
        scene.order("330.00", by="Ada")

        alone = scene.earned("Ada", "Bela") - self.without_visits(scene)
        assert alone > 0, "or the visits were not fake enough"
        gains(
            f"click farm, {kind}",
            alone,
            most_minor=2 * honest // 100,
            because="1 % of the real sales of 660.00 EUR; nothing without sales",
        )

    @staticmethod
    def without_visits(scene: Scene) -> int:
        """Return what the same two orders earn in an honest tree."""
        scene.joins("Olga")
        scene.joins("Otto", after="Olga")
        scene.order("330.00", by="Otto")
        scene.order("330.00", by="Olga")
        return scene.earned("Olga", "Otto")


class TestLinks:
    def test_a_link_on_a_coupon_site(self, scene: Scene, gains: Gains):
        scene.joins("Couponia")
        scene.order("60.00", by="Bela", buyer_ref="friend-of-bela")

        late = scene.order("300.00", by="Couponia", buyer_ref="friend-of-bela")

        assert late["reason"] is None
        assert scene.earned("Bela") > 0
        gains(
            "link on a coupon site",
            scene.earned("Couponia"),
            most_minor=0,
            because="a known buyer stays with who brought them; strangers pay as by any link",
        )

    def test_a_stolen_link(self, scene: Scene, gains: Gains):
        scene.joins("Mallory")

        scene.order("300.00", by="Ada")  # Mallory spread Ada's link as if it were theirs

        assert scene.earned("Ada") > 0
        gains(
            "stolen link",
            scene.earned("Mallory"),
            most_minor=0,
            because="a link earns for its owner, whoever spreads it",
        )

    def test_a_second_browser(self, scene: Scene, links: Process, gains: Gains):
        scene.looks(links, "Ada", [1], agents=AGENTS[:1])
        scene.looks(links, "Ada", [1], agents=AGENTS[1:2])
        assert scene.place("Ada").reach == 2

        gains(
            "second browser",
            scene.earned("Ada"),
            most_minor=0,
            because="visits earn at most 1 % of real sales, and there were none",
        )


def earns(scene: Scene, name: str) -> None:
    """Let a person have something payable."""
    with scene.database.transaction() as db:
        token = make.visit(db, scene.town.links[name], now=clock.now() - timedelta(days=20))
        then = clock.now() - timedelta(days=19)
        make.order(db, scene.town.brand_id, "330.00", now=then, visit_token=token)
        make.pass_time(db, clock.now())
