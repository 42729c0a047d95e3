"""What clicks and beacons leave for the nightly look at visits, and that it finds nobody."""

import ipaddress
from datetime import date

import pytest

from rewards import networks
from tests.server.links.process import CHROME, Process
from tests.server.links.test_beacons import opened, seen
from tests.server.links.test_privacy import everything
from tests.server.links.world import World
from tests.server.user_agents import IN_APPS

EVIDENCE = ("network_even", "network_odd", "device", "engaged")


def hashes(world: World) -> list[tuple[bytes, bytes]]:
    """Return the hashes of the visits' networks, under the even and the odd key."""
    return [(bytes(row["network_even"]), bytes(row["network_odd"])) for row in world.visits()]


class TestANetwork:
    @pytest.mark.parametrize(
        ("address", "same", "another"),
        [
            ("203.0.113.7", "203.0.113.250", "203.0.114.7"),
            ("192.0.2.1", "::ffff:192.0.2.7", "::ffff:192.0.3.1"),
            ("2001:db8:1:2::3", "2001:db8:1:ffff::4", "2001:db8:2:2::3"),
        ],
    )
    def test_is_the_same_for_neighbours_and_another_for_others(
        self, links: Process, world: World, address: str, same: str, another: str
    ):
        code = world.share()
        for visitor in (address, same, another):
            links.click(code, address=visitor)
        first, neighbour, other = hashes(world)
        assert first == neighbour
        assert set(first).isdisjoint(other)
        assert [len(part) for part in (*first, *other)] == [8, 8, 8, 8]

    def test_is_another_for_another_offer(self, links: Process, world: World, another_world):
        other = another_world()
        links.click(world.share())
        links.click(other.share())
        assert set(hashes(world)[0]).isdisjoint(hashes(other)[0])

    def test_compares_for_14_days_and_never_again_after_28(self, links: Process, world: World):
        code = world.share()
        links.click(code)
        for days in (14, 14):
            links.later(days=days)
            links.click(code)
        first, second, third = hashes(world)
        side = 0 if networks.is_even_older(links.now().toordinal()) else 1
        assert second[side] == third[side], "the night compares under the older key"
        assert first[1 - side] == second[1 - side], "and so did the night 14 days ago"
        assert first[side] != third[side]
        assert set(first).isdisjoint(third), "of 28 days ago nothing compares"

    @pytest.mark.parametrize("address", ["unknown", "1.2.3", "192.0.2.1:80", "[::1]", "1.2.3.999"])
    def test_is_unknown_when_the_proxy_says_no_address(
        self, links: Process, world: World, address: str
    ):
        links.click(world.share(), address=address)
        [visit] = world.visits()
        assert (visit["network_even"], visit["network_odd"]) == (None, None)
        assert visit["device"] == "Chrome 126 Windows"

    def test_has_two_random_keys_of_16_bytes(self, links: Process, world: World):
        links.click(world.share())
        links.click(world.share())
        kept = {
            date.fromisoformat(str(row["began"])).toordinal(): bytes(row["key"])
            for row in world.rows("SELECT began, key FROM network_key")
        }
        today = networks.began(links.now().toordinal())
        assert [len(kept[first]) for first in today] == [16, 16]
        assert kept[today[0]] != kept[today[1]]

    @pytest.mark.parametrize("address", ["198.51.100.23", "2001:db8:85a3::8a2e:370:7334"])
    def test_is_stored_in_no_other_form(self, links: Process, world: World, address: str):
        token = links.click(world.share(), address=address).token
        prefix = networks.prefix_of(ipaddress.ip_address(address).packed)
        kept = everything(world.database)
        assert str(token).encode() in kept, "we look in the right place"
        written = {"198.51.100", "2001:db8:85a3"}
        assert [form for form in (*written, prefix.hex()) if form.encode() in kept] == []
        if len(prefix) == 6:  # three bytes are in any file by chance
            assert prefix not in kept


class TestADevice:
    def test_is_named_coarsely_and_the_agent_is_not_kept(self, links: Process, world: World):
        code = world.share()
        agent = f"{IN_APPS['Instagram on iPhone']} Zanzibar/99"
        links.click(code, user_agent=agent)
        links.click(code, user_agent=CHROME)
        assert [row["device"] for row in world.visits()] == [
            "Instagram 337 iOS",
            "Chrome 126 Windows",
        ]
        assert b"Zanzibar" not in everything(world.database)


class TestEngaged:
    @pytest.mark.parametrize(
        ("report", "engaged"),
        [
            ({"visible_ms": 10_000}, True),
            ({"visible_ms": 0, "interacted": True}, True),
            ({"visible_ms": 9_999, "pages": 2}, False),
        ],
        ids=["ten seconds in view", "an interaction", "only a second page"],
    )
    def test_is_what_the_beacon_says(
        self, links: Process, world: World, report: dict[str, object], engaged: bool
    ):
        code = world.share()
        token = links.click(code).token
        links.click(code, address="203.0.113.99")
        assert token is not None
        nonce = opened(links, token)
        links.later(seconds=20)
        assert seen(links, token, nonce, **report).status == 204
        known = {row["token"]: row["engaged"] for row in world.visits()}
        assert known.pop(token) == engaged
        assert list(known.values()) == [None], "who sent no beacon has read nothing"

    def test_is_not_believed_beyond_the_time_that_passed(self, links: Process, world: World):
        token = links.click(world.share()).token
        assert token is not None
        nonce = opened(links, token)
        links.later(seconds=5)
        assert seen(links, token, nonce, visible_ms=60_000, pages=2).status == 204
        [visit] = world.visits()
        assert not visit["engaged"]

    def test_is_not_written_by_a_refused_beacon(self, links: Process, world: World):
        token = links.click(world.share()).token
        assert token is not None
        opened(links, token)
        links.later(seconds=20)
        assert seen(links, token, "invented").status == 409
        [visit] = world.visits()
        assert visit["engaged"] is None


def test_who_asks_for_privacy_leaves_no_evidence(links: Process, world: World):
    assert links.click(world.share(), sec_gpc="1").status == 302
    assert world.visits() == []
    assert world.counts() == {"gpc": 1}
