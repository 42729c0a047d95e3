"""Who is held, watched or left alone, and why; estimates hold, and only a person denies.

Six looks at each sharer's visits become one probability by Simes, and the sharers' probabilities
become decisions by Benjamini and Hochberg, so that at most about one in twenty holds is a mistake.
Sources: Simes, Biometrika 73 (1986); Benjamini and Hochberg, JRSS B 57 (1995).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rewards.anomalies import VISITS_MIN, Anomaly, Look, Norms, Seen, look, norms_of
from rewards.errors import FactInvalid

PERIOD_DAYS = 14
FALSE_DISCOVERY_RATE = 0.05
ALARMING = 0.001
HOLD_DAYS = 14
WATCH_DAYS = 7
SECONDS_MIN = 10
MAY_BE_SHARED = frozenset({Look.NETWORK, Look.DEVICE})
"""A house, a school, one app's browser: alone they hold nobody."""
UNUSUAL = 0.01
"""One browser version holds when a second look is at least this improbable."""


class Standing(StrEnum):
    """What happens to the rewards of a period."""

    NONE = "none"
    WATCH = "watch"
    """They vest seven days later."""
    HOLD = "hold"
    """They stay pending; the customer sees the reason and can appeal."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the nightly check says of one sharer; ``anomalies`` has the strongest first."""

    standing: Standing
    sentence: str = ""
    p: float = 1.0
    anomalies: tuple[Anomaly, ...] = field(default=())


UNCHECKED = Finding(
    Standing.HOLD, "We could not check these visits yet; nothing is lost, and we try again."
)
"""A check that cannot run neither pays nor denies."""


class Ruling(StrEnum):
    """What a person says about a hold."""

    CONFIRM = "confirm"
    """There is something to clear up: the hold does not end by itself."""
    RELEASE = "release"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's ruling about one hold.

    Raises:
        FactInvalid: nobody stands behind it.
    """

    person: str
    ruling: Ruling

    def __post_init__(self) -> None:
        """Refuse a ruling by nobody."""
        if not self.person.strip():
            msg = "Name the person who rules; only a person confirms, releases or denies."
            raise FactInvalid(msg)


class HoldState(StrEnum):
    """What has become of a hold."""

    HELD = "held"
    RELEASED = "released"
    DENIED = "denied"


class HardRule(StrEnum):
    """Why an order earns nothing, whoever made it."""

    OWN_ORDER = "own_order"
    TOO_FAST = "too_fast"


def review(sharers: Mapping[int, Sequence[Seen] | None]) -> dict[int, Finding]:
    """Decide about every sharer of an offer from the human visits of 14 days; nightly.

    None instead of visits says that they cannot be read: such a sharer is held unchecked.
    """
    norms = norms_of(visits for visits in sharers.values() if visits)
    found = {
        sharer: examine(visits, norms)
        for sharer, visits in sharers.items()
        if visits is not None and len(visits) >= VISITS_MIN
    }
    findings = judge(found, [examined.p for examined in found.values()])
    return {
        sharer: UNCHECKED if visits is None else findings.get(sharer, Finding(Standing.NONE))
        for sharer, visits in sharers.items()
    }


@dataclass(frozen=True, slots=True)
class Examined:
    """What the looks at one sharer found, the strongest first, and their common probability."""

    anomalies: tuple[Anomaly, ...]
    p: float

    @property
    def is_remarkable(self) -> bool:
        """Whether it can become a hold or a watch, whatever was found of others."""
        return self.p <= FALSE_DISCOVERY_RATE or any(a.p < ALARMING for a in self.anomalies)


def examine(visits: Sequence[Seen], norms: Norms) -> Examined:
    """Look at the visits of one sharer, of which there are at least ``VISITS_MIN``."""
    anomalies = sorted(look(visits, norms), key=lambda anomaly: anomaly.p)
    return Examined(tuple(anomalies), simes([anomaly.p for anomaly in anomalies]))


def judge(remarkable: Mapping[int, Examined], ps: Collection[float]) -> dict[int, Finding]:
    """Decide about sharers; ``ps`` has the probabilities of all who were examined.

    Who is not remarkable needs to be there as a probability alone.
    """
    level = benjamini_hochberg(ps, FALSE_DISCOVERY_RATE)
    return {
        sharer: _finding(examined.anomalies, examined.p, significant=examined.p <= level)
        for sharer, examined in remarkable.items()
    }


def simes(ps: Collection[float]) -> float:
    """Combine the probabilities of several tests into one: min over i of p_(i) * m / i.

    m / i comes first: it is at least 1, so no rounding leads below the least probability.
    """
    return min(p * (len(ps) / rank) for rank, p in enumerate(sorted(ps), 1))


def benjamini_hochberg(ps: Collection[float], rate: float) -> float:
    """Return the level at or below which a probability is significant; below 0 if none is."""
    ranked = enumerate(sorted(ps), 1)
    return max((p for rank, p in ranked if p <= rate * rank / len(ps)), default=-1.0)


def state_of_hold(*, began_s: int, now_s: int, verdict: Verdict | None) -> HoldState:
    """Tell whether a hold still stands: after 14 days it ends in the customer's favour.

    A person may end it before, may confirm it for longer, and alone may deny.
    """
    if verdict is not None:
        return {
            Ruling.CONFIRM: HoldState.HELD,
            Ruling.RELEASE: HoldState.RELEASED,
            Ruling.DENY: HoldState.DENIED,
        }[verdict.ruling]
    if now_s - began_s >= HOLD_DAYS * 86_400:
        return HoldState.RELEASED
    return HoldState.HELD


def hard_rule(
    *, buyer: Collection[str], upwards: Collection[str], seconds_since_visit: int | None
) -> HardRule | None:
    """Return why an order earns nothing, or None.

    ``buyer`` has the keyed hashes of the buyer's reference, payment and delivery; ``upwards`` those
    of the sharer and of everybody above.
    """
    if not set(buyer).isdisjoint(upwards):
        return HardRule.OWN_ORDER
    if seconds_since_visit is not None and seconds_since_visit < SECONDS_MIN:
        return HardRule.TOO_FAST
    return None


def _finding(anomalies: Sequence[Anomaly], p: float, *, significant: bool) -> Finding:
    """Hold what is significant, unless all that is alarming is something people may well share."""
    alarming = [anomaly for anomaly in anomalies if anomaly.p < ALARMING]
    standing = Standing.NONE
    if significant and _more_than_sharing(anomalies):
        standing = Standing.HOLD
    elif significant or alarming:
        standing = Standing.WATCH
    sentence = anomalies[0].sentence if standing is not Standing.NONE else ""
    return Finding(standing, sentence, p, tuple(anomalies))


def _more_than_sharing(anomalies: Sequence[Anomaly]) -> bool:
    alarming = {anomaly.look for anomaly in anomalies if anomaly.p < ALARMING}
    unusual = {anomaly.look for anomaly in anomalies if anomaly.p < UNUSUAL}
    return bool(alarming - MAY_BE_SHARED) or (Look.DEVICE in alarming and len(unusual) > 1)
