"""Made-up visits: honest audiences of many kinds, and three kinds of fraud.

Honest audiences differ in how many read on, when they are awake, what they browse with and whether
some share a network; posts make their visits come in waves.  Everything is drawn from a random
source that is passed in.
"""

from bisect import bisect
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from random import Random

from rewards.anomalies import Seen

DAYS = 14
DAY_S = 86_400
AWAKE = (1, 1, 1, 1, 1, 2, 5, 9, 12, 12, 12, 13, 14, 13, 12, 12, 13, 15, 18, 20, 20, 17, 10, 4)
HOURS = list(accumulate(AWAKE))


@cache
def ranks(size: int) -> list[float]:
    return list(accumulate(1 / (rank + 2) for rank in range(size)))


def ranked(random: Random, size: int) -> int:
    """Draw a rank, the first ones more often."""
    weights = ranks(size)
    return bisect(weights, random.random() * weights[-1])


def moment(random: Random, away_hours: float) -> int:
    """Draw a moment when people who live ``away_hours`` to the west are awake."""
    hour = bisect(HOURS, random.random() * HOURS[-1])
    return int(DAY_S * random.randrange(DAYS) + (hour + random.random() + away_hours) * 3600) % (
        DAYS * DAY_S
    )


def honest(
    random: Random,
    *,
    shared: float | None = None,
    one_device: float = 0.0,
    away_hours: float | None = None,
    wave_s: float | None = None,
) -> list[Seen]:
    """Draw the visits of an honest audience; the arguments make it an unusual one."""
    size = 20 + int(random.expovariate(1 / 25))
    reads = random.betavariate(0.45 * 19, 0.55 * 19)
    shared = random.betavariate(1, 15) if shared is None else shared
    away = random.gauss(0, 1) if away_hours is None else away_hours
    posts = [moment(random, away) for _ in range(1 if wave_s else random.randint(2, 5))]
    own = [ranked(random, 40) for _ in range(49)]  # an urn: audiences differ with rho 0.02
    home = f"home {random.getrandbits(40)}"
    visits = []
    for _ in range(size):
        if wave_s or random.random() < 0.3:
            at = int(random.choice(posts) + random.expovariate(1 / (wave_s or 7200)))
        else:
            at = moment(random, away)
        network = 0 if random.random() < shared else 1 + ranked(random, 5000)
        device = "app" if random.random() < one_device else f"device {random.choice(own)}"
        own_network = home if network == 0 else f"network {network}"
        visits.append(Seen(at, random.random() < reads, own_network, device))
    return visits


def timer_bot(random: Random) -> list[Seen]:
    """One machine that opens the link every minute, give or take six seconds."""
    at, size = random.randrange(10 * DAY_S), random.randint(40, 200)
    machine = f"machine {random.getrandbits(40)}"
    visits = []
    for _ in range(size):
        at += int(random.gauss(60, 6))
        visits.append(Seen(at, random.random() < 0.02, machine, "device 3"))
    return visits


def rotating_proxies(random: Random) -> list[Seen]:
    """A script behind thousands of addresses and a few browsers, at all hours."""
    return [
        Seen(
            random.randrange(DAYS * DAY_S),
            random.random() < 0.05,
            f"proxy {random.randrange(5000)}",
            f"device {random.randrange(3) + 8}",
        )
        for _ in range(random.randint(40, 200))
    ]


def human_farm(random: Random) -> list[Seen]:
    """Thirty people in two rooms far away, with the same cheap telephones, in shifts."""
    room = f"room {random.getrandbits(40)}"
    shifts = [random.randrange(DAYS) * DAY_S + random.randint(0, 3) * 3600 for _ in range(3)]
    return [
        Seen(
            int(random.choice(shifts) + random.expovariate(1 / 1200)),
            random.random() < 0.2,
            f"{room} {random.randrange(2)}",
            f"device {30 + random.randrange(3)}",
        )
        for _ in range(random.randint(40, 200))
    ]


FRAUDS: dict[str, Callable[[Random], list[Seen]]] = {
    "timer bots": timer_bot,
    "rotating proxies": rotating_proxies,
    "human farms": human_farm,
}
UNUSUAL: dict[str, Callable[[Random], list[Seen]]] = {
    "a shared house or office (70 % one network)": lambda r: honest(r, shared=0.7),
    "one app (60 % one browser)": lambda r: honest(r, one_device=0.6),
    "a newsletter (one wave of ten minutes)": lambda r: honest(r, wave_s=600),
    "friends in another time zone (9 hours)": lambda r: honest(r, away_hours=9),
}
