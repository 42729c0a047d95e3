"""Where the nodes of a tree stand in a picture that fits a phone, whatever they mean.

Every node has a row of its own, its words beside it, and stands one step further right than its
parent, whose line comes down from above.  So nothing can overlap, however long the words are in
which language.  Whole numbers only: the same tree is the same picture, to the byte.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt
from textwrap import wrap

WIDTH = 340
MARGIN = 8
INDENT = 22
SPINE = 9
"""How far right of its node's left edge the line to the children runs."""
GAP = 12
BESIDE = 10
"""Between a node and its words."""
LINE = 20
CHARACTER = 8
"""As wide as a character is at most on average, in the size of the words."""
LEVELS = 8
RADIUS_MIN, RADIUS_MAX = 8, 34
DOTS_MAX = 90


@dataclass(frozen=True, slots=True)
class Node:
    """One node, its words, how many things it stands for, and its children from top to bottom."""

    kind: str
    words: str
    count: int = 1
    children: tuple["Node", ...] = ()

    @property
    def radius(self) -> int:
        """How large it is drawn: the area grows with the count, within bounds."""
        return min(RADIUS_MAX, RADIUS_MIN + isqrt(8 * self.count))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one node stands: the middle of its disc, and the lines of its words beside it."""

    node: Node
    x: int
    y: int
    lines: tuple[str, ...]

    @property
    def words_x(self) -> int:
        """Where the words begin."""
        return self.x + self.node.radius + BESIDE

    @property
    def baselines(self) -> tuple[int, ...]:
        """The height of each line of words; together they stand level with the disc."""
        first = self.y - len(self.lines) * LINE // 2 + 15
        return tuple(first + number * LINE for number in range(len(self.lines)))


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from a parent down to the height of its child, and right to its edge."""

    x: int
    top: int
    y: int
    end: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A tree with places; the box begins at 0, 0."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    edges: tuple[Edge, ...]


def lay_out(root: Node) -> Picture:
    """Place a tree of at most ``LEVELS`` levels, a row for each node."""
    spots: list[Spot] = []
    edges: list[Edge] = []
    top = MARGIN
    trail: list[Spot] = []
    for level, node in _rows(root, 0):
        assert level < LEVELS, "fold deep trees before they are drawn"
        x = MARGIN + level * INDENT + node.radius
        room = WIDTH - MARGIN - (x + node.radius + BESIDE)
        lines = tuple(wrap(node.words, room // CHARACTER)) or ("",)
        height = max(2 * node.radius, len(lines) * LINE)
        spot = Spot(node, x, top + height // 2, lines)
        trail[level:] = [spot]
        for parent, child in pairwise(trail[-2:]):
            spine = MARGIN + (level - 1) * INDENT + SPINE
            edges.append(Edge(spine, parent.y, child.y, child.x - node.radius))
        spots.append(spot)
        top += height + GAP
    return Picture(WIDTH, top - GAP + MARGIN, tuple(spots), tuple(edges))


def dots(node: Node) -> tuple[tuple[int, int, int], ...]:
    """Return x, y and radius of a dot for each that a node stands for, up to ``DOTS_MAX``.

    They lie like the seeds of a sunflower, in tenths of a unit from the middle of the disc.
    """
    many = min(node.count, DOTS_MAX)
    size = max(12, min(26, 65 * node.radius // (10 * (isqrt(many) + 1))))
    reach = 10 * node.radius - size - 12
    places = []
    x, y = 1_000_000, 0
    for number in range(many):
        away = isqrt(reach * reach * (2 * number + 1) // (2 * many))
        places.append((_rounded(x * away), _rounded(y * away), size))
        x, y = (_COS * x - _SIN * y) // 1_000_000, (_SIN * x + _COS * y) // 1_000_000
    return tuple(places)


_COS, _SIN = -737_369, 675_490
"""The golden angle, by which each seed is turned from the one before; in millionths."""


def _rounded(millionths: int) -> int:
    return (millionths + 500_000) // 1_000_000


def _rows(node: Node, level: int) -> Iterator[tuple[int, Node]]:
    """Yield every node with its level, parents before children."""
    yield level, node
    for child in node.children:
        yield from _rows(child, level + 1)
