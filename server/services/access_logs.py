"""What the filter of clicks says of the requests in a web server's log (combined format).

The same functions judge as in the click process, so a log shows what they would do.  What a log
does not hold, such as the headers of pages fetched in advance, cannot be judged by it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from rewards.evidence import NotHuman
from server.services import addresses, crawlers, people
from server.services.datacentres import Datacentres

LINE_MAX = 65_536
AGENTS_MAX = 200_000
"""Different user agents that are remembered; further ones are counted without an example."""
PERSON = "person"
MALFORMED = "malformed"

WHY = {
    PERSON: "nothing speaks against a person",
    NotHuman.CRAWLER: "known by a part of the user agent",
    NotHuman.NO_USER_AGENT: "no user agent",
    NotHuman.HEAD: "HEAD: asks about the page without reading it",
    NotHuman.SPECULATIVE: "fetched in advance",
    NotHuman.DATACENTRE: "from a listed network of a datacentre",
    MALFORMED: "no line of the combined log format",
}
"""Every verdict, and what it stands on."""

_LINE = re.compile(
    r"(?P<address>\S+) \S+ .+? \[[^\]]+\] "
    r'"(?P<method>[A-Z]+) [^"\\]*(?:\\.[^"\\]*)*" \d{3} (?:\d+|-) '
    r'"[^"\\]*(?:\\.[^"\\]*)*" '
    r'"(?P<agent>[^"\\]*(?:\\.[^"\\]*)*)"(?: .*)?'
)


class Request(NamedTuple):
    """What a line says of whoever sent the request."""

    address: str
    method: str
    agent: str


@dataclass(slots=True)
class Verdict:
    """How many requests got one verdict, from which agents, and by which words they were known."""

    requests: int = 0
    agents: Counter[str] = field(default_factory=Counter)
    """User agents; of lines that are no requests, their numbers and beginnings."""


def read_lines(file: BinaryIO) -> Iterator[str]:
    """Return lines one by one; of a line that is too long, its beginning."""
    while line := file.readline(LINE_MAX):
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(LINE_MAX)):
            pass
        yield line.decode("utf-8", "backslashreplace").rstrip("\r\n")


def parse(line: str) -> Request | None:
    """Return the request that a line tells of, or None."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    agent = found["agent"].replace('\\"', '"')
    return Request(found["address"], found["method"], "" if agent == "-" else agent)


def classify(lines: Iterable[str], datacentres: Datacentres | None = None) -> dict[str, Verdict]:
    """Return every verdict with what it was given to."""
    found = {verdict: Verdict() for verdict in WHY}
    for number, line in enumerate(lines, 1):
        request = parse(line)
        if request is None:
            _count(found[MALFORMED], f"line {number}: {line}")
        else:
            _count(found[_verdict(request, datacentres)], request.agent)
    return found


def named_in(agent: str) -> str:
    """Return the word by which an agent is known for a crawler, or nothing."""
    return crawlers.named_in(agent[: people.USER_AGENT_MAX]) or ""


def _verdict(request: Request, datacentres: Datacentres | None) -> str:
    reason = people.not_human(request.method, {"user-agent": request.agent})
    if reason is None and datacentres is not None:
        packed = addresses.packed(request.address)
        if packed is not None and datacentres.has(packed):
            return NotHuman.DATACENTRE
    return reason or PERSON


def _count(verdict: Verdict, agent: str) -> None:
    verdict.requests += 1
    if agent in verdict.agents or len(verdict.agents) < AGENTS_MAX:
        verdict.agents[agent] += 1
