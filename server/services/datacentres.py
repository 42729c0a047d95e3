"""Networks of datacentres, from a file of the operator's: one CIDR a line, ``#`` begins a comment.

People sit in no datacentre, but VPNs and private relays do; so the file is the operator's choice.
"""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

WIDEST_V4, WIDEST_V6 = 8, 16
"""Wider networks than these are a slip of the pen, and would turn people away by the million."""

_V4_LENGTH, _V6_LENGTH = 4, 16
_V6 = 6


class NetworksInvalid(ValueError):
    """A line of the file is no network of a datacentre."""

    def __init__(self, line: int, why: str) -> None:
        """Say which line, counted from 1, and why."""
        super().__init__(f"line {line}: {why}")
        self.line = line


class _Ranges(NamedTuple):
    """Addresses as whole numbers, in ranges that neither overlap nor touch."""

    firsts: list[int]
    lasts: list[int]

    def has(self, address: int) -> bool:
        place = bisect_right(self.firsts, address) - 1
        return place >= 0 and address <= self.lasts[place]


class Datacentres:
    """What a file says; the answer takes the same time however long the file is."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read networks.

        Raises:
            NetworksInvalid: a line is none, or wider than any datacentre.

        """
        found: dict[int, list[tuple[int, int]]] = {_V4_LENGTH: [], _V6_LENGTH: []}
        for number, line in enumerate(lines, 1):
            written = line.partition("#")[0].strip()
            if written:
                length, first, last = _network(number, written)
                found[length].append((first, last))
        self._ranges = {length: _merged(ranges) for length, ranges in found.items()}

    def has(self, packed: bytes) -> bool:
        """Tell whether an address of 4 or 16 bytes lies in a datacentre."""
        return self._ranges[len(packed)].has(int.from_bytes(packed, "big"))


def read(path: Path) -> Datacentres:
    """Read the file.

    Raises:
        NetworksInvalid: a line is no network.
        OSError: there is no such file, or it cannot be read.

    """
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return Datacentres(lines)


def _network(number: int, written: str) -> tuple[int, int, int]:
    """Return the length of a network's addresses in bytes, and its first and last one."""
    try:
        network = ipaddress.ip_network(written)
    except ValueError as error:
        raise NetworksInvalid(number, f"{error}.") from error
    is_v6 = network.version == _V6
    widest = WIDEST_V6 if is_v6 else WIDEST_V4
    if network.prefixlen < widest:
        raise NetworksInvalid(number, f"{written} is wider than /{widest}; no datacentre is.")
    length = _V6_LENGTH if is_v6 else _V4_LENGTH
    return length, int(network.network_address), int(network.broadcast_address)


def _merged(ranges: list[tuple[int, int]]) -> _Ranges:
    merged = _Ranges([], [])
    for first, last in sorted(ranges):
        if merged.lasts and first <= merged.lasts[-1] + 1:
            merged.lasts[-1] = max(merged.lasts[-1], last)
        else:
            merged.firsts.append(first)
            merged.lasts.append(last)
    return merged
