"""Six looks at the visits of one sharer: how probable is this among honest people (an estimate).

Every null is overdispersed: honest audiences differ, and the norms say how much.  What a test
cannot see here, it leaves out.  The statistics are in docs/ENGINE.md §10.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from rewards import betabinomial
from rewards.betabinomial import at_least, at_most, moments

VISITS_MIN = 20
GAPS_MIN = 19
BURST_SECONDS = 600
BURST_VISITS_MIN = 15
QUIET_HOURS = 6
VALUES_MAX = 20_000
"""How many networks or devices are counted apart."""
_HOUR_SECONDS = 3_600
_NETWORK_FLOOR, _DEVICE_FLOOR, _SAME_RHO = 0.05, 0.02, 0.02
_USUAL_RHO = 0.05
"""How differently audiences behave, until enough sharers have shown it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One human visit.

    ``at_s`` is in seconds of any one clock that starts at a full hour; ``network`` is the keyed
    hash of its prefix (/24, or /48 of IPv6) and ``device`` its browser family, major version and
    operating system; either may be unknown.
    """

    at_s: int
    engaged: bool
    network: str | None = None
    device: str | None = None


class Look(StrEnum):
    """Which look found something; stable, stored and shown."""

    ENGAGEMENT = "engagement"
    TIMER = "timer"
    NETWORK = "network"
    DEVICE = "device"
    QUIET_HOURS = "quiet_hours"
    HOLLOW_BURST = "hollow_burst"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What one test found: its probability among honest people, a sentence and its numbers."""

    look: Look
    p: float
    sentence: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Norms:
    """What is usual for the visits of an offer; learnt from all its sharers together."""

    engaged: tuple[float, float]
    """Mean and rho."""
    quiet: tuple[float, float]
    quiet_hours: frozenset[int]
    networks: Mapping[str, int] = field(default_factory=dict)
    devices: Mapping[str, int] = field(default_factory=dict)
    network_visits: int | None = None
    """How many visits have a known network; None is for all that are counted in ``networks``."""
    device_visits: int | None = None


class Tally:
    """What is usual, counted up one sharer at a time; its size does not grow with the visits.

    Of networks and devices only the frequent ones are kept: what fewer than one in fifty of the
    visits share changes no test (``_NETWORK_FLOOR`` and ``_DEVICE_FLOOR``).
    """

    def __init__(self) -> None:
        """Begin without any visit."""
        self._counted: list[tuple[int, int, tuple[int, ...]]] = []
        self._hours = [0] * 24
        self._networks: Counter[str] = Counter()
        self._devices: Counter[str] = Counter()
        self._network_visits = self._device_visits = 0

    def add(self, visits: Sequence[Seen]) -> None:
        """Count the visits of one sharer."""
        hours = [0] * 24
        for visit in visits:
            hours[_hour(visit)] += 1
        self._hours = [a + b for a, b in zip(self._hours, hours, strict=True)]
        if len(visits) >= betabinomial.VISITS_MIN:
            engaged = sum(visit.engaged for visit in visits)
            self._counted.append((len(visits), engaged, tuple(hours)))
        networks = [visit.network for visit in visits if visit.network]
        devices = [visit.device for visit in visits if visit.device]
        self._network_visits += len(networks)
        self._device_visits += len(devices)
        self._networks = _frequent(self._networks, networks)
        self._devices = _frequent(self._devices, devices)

    def norms(self) -> Norms:
        """Return what is usual."""
        quietest = sorted(range(24), key=lambda hour: (self._hours[hour], hour))[:QUIET_HOURS]
        quiet = [(n, sum(hours[hour] for hour in quietest)) for n, _, hours in self._counted]
        return Norms(
            engaged=_usual([(n, engaged) for n, engaged, _ in self._counted], 0.45),
            quiet=_usual(quiet, 0.05),
            quiet_hours=frozenset(quietest),
            networks=self._networks,
            devices=self._devices,
            network_visits=self._network_visits,
            device_visits=self._device_visits,
        )


def norms_of(sharers: Iterable[Sequence[Seen]]) -> Norms:
    """Learn what is usual from the visits of everybody."""
    tally = Tally()
    for visits in sharers:
        tally.add(visits)
    return tally.norms()


def _frequent(counts: Counter[str], more: Iterable[str]) -> Counter[str]:
    """Count on; when there are too many values, let the rarest half go."""
    counts.update(more)
    if len(counts) <= VALUES_MAX:
        return counts
    return Counter(dict(counts.most_common(VALUES_MAX // 2)))


def look(visits: Sequence[Seen], norms: Norms) -> list[Anomaly]:
    """Return what each test that can say something about these visits found."""
    visits = sorted(visits, key=lambda visit: visit.at_s)
    found = [_engagement(visits, norms), _quiet_hours(visits, norms)]
    if len(visits) > GAPS_MIN and visits[-1].at_s > visits[0].at_s:
        found.append(_timer(visits))
    networks = Counter(visit.network for visit in visits if visit.network)
    if networks:
        found.append(_network(networks, norms))
    devices = Counter(visit.device for visit in visits if visit.device)
    if devices:
        found.append(_device(devices, norms))
    burst = _busiest(visits)
    if len(burst) >= BURST_VISITS_MIN:
        found.append(_hollow_burst(burst, len(visits), norms))
    return found


def _usual(counts: list[tuple[int, int]], default: float) -> tuple[float, float]:
    found = moments(counts)
    return found[:2] if found else (default, _USUAL_RHO)


def _hour(visit: Seen) -> int:
    return visit.at_s // _HOUR_SECONDS % 24


def _engagement(visits: Sequence[Seen], norms: Norms) -> Anomaly:
    engaged, n = sum(visit.engaged for visit in visits), len(visits)
    usual = round(norms.engaged[0] * 100)
    sentence = f"{engaged} of {n} visits stayed longer than 10 s; usual here is {usual} %."
    numbers = {"engaged": engaged, "visits": n, "usual": norms.engaged[0]}
    return Anomaly(Look.ENGAGEMENT, at_most(engaged, n, *norms.engaged), sentence, numbers)


def _quiet_hours(visits: Sequence[Seen], norms: Norms) -> Anomaly:
    quiet, n = sum(_hour(visit) in norms.quiet_hours for visit in visits), len(visits)
    usual = round(norms.quiet[0] * 100)
    sentence = (
        f"{quiet} of {n} visits came in the {QUIET_HOURS} quietest hours of the day; usual here is"
        f" {usual} %."
    )
    numbers = {"quiet": quiet, "visits": n, "usual": norms.quiet[0]}
    return Anomaly(Look.QUIET_HOURS, at_least(quiet, n, *norms.quiet), sentence, numbers)


def _timer(visits: Sequence[Seen]) -> Anomaly:
    """Compare Greenwood's statistic of the gaps with the one of random moments, lower tail.

    The statistic is skewed upwards, so that the normal lower tail used here is on the safe side.
    """
    gaps = [b.at_s - a.at_s for a, b in pairwise(visits)]
    m, whole = len(gaps), sum(gaps)
    greenwood = math.fsum((gap / whole) ** 2 for gap in gaps)
    variance = 4 * (m - 1) / ((m + 1) ** 2 * (m + 2) * (m + 3))
    z = (greenwood - 2 / (m + 1)) / math.sqrt(variance)
    usual_gap = sorted(gaps)[m // 2]
    sentence = f"{m + 1} visits arrived about every {usual_gap} s, like a timer."
    numbers = {"visits": m + 1, "gap_s": usual_gap, "greenwood": greenwood}
    return Anomaly(Look.TIMER, math.erfc(-z / math.sqrt(2)) / 2, sentence, numbers)


def _network(own: Counter[str], norms: Norms) -> Anomaly:
    p, count, n = _same(own, norms.networks, norms.network_visits, _NETWORK_FLOOR)
    sentence = f"{count} of {n} visits came from one small network."
    return Anomaly(Look.NETWORK, p, sentence, {"same": count, "visits": n})


def _device(own: Counter[str], norms: Norms) -> Anomaly:
    p, count, n = _same(own, norms.devices, norms.device_visits, _DEVICE_FLOOR)
    sentence = f"{count} of {n} visits came from one exact browser version."
    return Anomaly(Look.DEVICE, p, sentence, {"same": count, "visits": n})


def _same(
    own: Counter[str], everybody: Mapping[str, int], seen: int | None, floor: float
) -> tuple[float, int, int]:
    """Test the most frequent value against its share among the others, for as many as there are."""
    value, count = max(own.items(), key=lambda item: (item[1], item[0]))
    n = own.total()
    others = max(0, (sum(everybody.values()) if seen is None else seen) - n)
    elsewhere = max(0, everybody.get(value, 0) - count)
    share = max(floor, elsewhere / max(1, others))
    return min(1.0, len(own) * at_least(count, n, share, _SAME_RHO)), count, n


def _busiest(visits: Sequence[Seen]) -> Sequence[Seen]:
    """Return the visits of the busiest ten minutes."""
    best, start = (0, 0), 0
    for end, visit in enumerate(visits, 1):
        while visit.at_s - visits[start].at_s >= BURST_SECONDS:
            start += 1
        best = max(best, (end - start, -start))
    return visits[-best[1] : best[0] - best[1]]


def _hollow_burst(burst: Sequence[Seen], windows: int, norms: Norms) -> Anomaly:
    """Test the engagement within the burst; a window begins with each visit."""
    engaged, n = sum(visit.engaged for visit in burst), len(burst)
    p = min(1.0, windows * at_most(engaged, n, *norms.engaged))
    sentence = f"{n} visits came within 10 minutes, and {engaged} of them read the page."
    return Anomaly(Look.HOLLOW_BURST, p, sentence, {"engaged": engaged, "visits": n})
