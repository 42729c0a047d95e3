"""The nightly look at live visits: who is held, who never is, and what waits."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from rewards.anomalies import Seen
from tests.rewards.traffic import FRAUDS, honest
from tests.server import nights
from tests.server.nights import TWO, Nights


@pytest.fixture
def town(database) -> Nights:
    return nights.found(database)


def office(random: Random) -> list[Seen]:
    """Seven in ten come from the office, behind one address."""
    return honest(random, shared=0.7)


def campus(random: Random) -> list[Seen]:
    """Nearly all come from one university network, and many with the same app."""
    return honest(random, shared=0.95)


def mobile_gateway(random: Random) -> list[Seen]:
    """A country's mobile network has one gateway."""
    return [
        Seen(seen.at_s, seen.engaged, "gateway" if n % 3 else seen.network, seen.device)
        for n, seen in enumerate(honest(random))
    ]


def newsletter(random: Random) -> list[Seen]:
    """A newsletter with the link is read by hundreds within minutes."""
    return honest(random, wave_s=600)


HONEST: dict[str, Callable[[Random], list[Seen]]] = {
    "office": office,
    "campus": campus,
    "mobile gateway": mobile_gateway,
    "newsletter": newsletter,
}
SENTENCES = {
    "timer bots": "like a timer",
    "rotating proxies": "stayed longer than 10 s",
    "human farms": "one small network",
}


@pytest.mark.parametrize("kind", HONEST.values(), ids=HONEST)
def test_honest_audiences_are_not_held_however_unusual(town: Nights, kind, record_property):
    town.crowd()
    town.audience("Ada", kind(town.random))

    town.night()

    assert town.standing("Ada") != "hold"
    assert [one for one in town.findings() if one.standing == "hold"] == []
    record_property("told", f"{kind.__name__}: {town.standing('Ada')}")


@pytest.mark.parametrize("name", FRAUDS)
def test_a_click_farm_is_held_with_its_reason(town: Nights, name: str, record_property):
    town.crowd()
    town.audience("Mallory", FRAUDS[name](town.random))

    town.night()

    assert town.standing("Mallory") == "hold"
    (found,) = town.findings("Mallory")
    (case,) = town.cases()
    said = " ".join(case.evidence)
    assert SENTENCES[name] in said
    assert found.sentence in case.evidence
    assert case.numbers[0]["looks"] == found.anomalies
    assert found.ends_at == case.deadline_at == TWO + timedelta(days=14)
    record_property("told", f"{name}: {found.sentence}")
