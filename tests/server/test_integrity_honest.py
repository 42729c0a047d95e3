"""How many honest people are held: whole offers without any fraud, and with some beside them."""

from random import Random

import pytest

from tests.rewards.traffic import FRAUDS, UNUSUAL, honest
from tests.server import nights
from tests.server.nights import Nights

SHARERS, HIDDEN = 150, 3


@pytest.fixture
def town(database) -> Nights:
    town = nights.found(database)
    town.random = Random(11)  # noqa: S311 - it must repeat, not surprise
    return town


def told(town: Nights, honest_names: list[str]) -> tuple[int, int]:
    """Return how many of these are held and watched."""
    places = {town.place(name) for name in honest_names}
    found = [one for one in town.findings() if one.participant_id in places]
    held = sum(one.standing == "hold" for one in found)
    return held, len(found) - held


@pytest.mark.parametrize("frauds", [(), tuple(FRAUDS)], ids=["no fraud", "with fraud"])
def test_honest_people_are_hardly_ever_held(town: Nights, frauds, record_property, dialect):
    names = [f"Honest {number}" for number in range(SHARERS)]
    for number, name in enumerate(names):
        kinds = [honest] * 12 + list(UNUSUAL.values())[:3]
        town.audience(name, kinds[number % len(kinds)](town.random))
    for kind in frauds:
        for number in range(HIDDEN):
            town.audience(f"{kind} {number}", FRAUDS[kind](town.random))

    town.check()

    held, watched = told(town, names)
    caught = len([one for one in town.findings() if one.standing == "hold"]) - held
    record_property(
        "told",
        f"{dialect}: of {SHARERS} honest sharers, a fifth of them unusual, {held} held and"
        f" {watched} watched; of {HIDDEN * len(frauds)} frauds {caught} held",
    )
    assert held <= SHARERS // 100
    assert caught >= HIDDEN * len(frauds) - 1
