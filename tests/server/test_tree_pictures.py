"""A tree is drawn so that nothing overlaps, all is inside, and the same tree looks the same."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.pictures import trees
from server.web.pictures.trees import Edge, Node, Picture, Spot, lay_out

WORDS = st.text("abcdefgh ijklm", max_size=60)


def nodes(levels: int) -> st.SearchStrategy[Node]:
    """Return trees of at most so many levels."""
    below = st.just(()) if levels == 1 else st.lists(nodes(levels - 1), max_size=3).map(tuple)
    counts = st.integers(0, 20) | st.integers(0, 10**9)
    return st.builds(Node, st.sampled_from(["people", "few"]), WORDS, counts, below)


TREES = nodes(4)
Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""


def disc(spot: Spot) -> Box:
    radius = spot.node.radius
    return spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius


def words(spot: Spot) -> Box:
    """Return where the words of a node are: letters reach 15 up from their line, and 5 down."""
    wide = max(map(len, spot.lines)) * trees.CHARACTER
    top, bottom = spot.baselines[0] - 15, spot.baselines[-1] + 5
    return spot.words_x, top, spot.words_x + wide, bottom


def boxes(picture: Picture) -> list[Box]:
    return [box(spot) for spot in picture.spots for box in (disc, words)]


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def size(node: Node) -> int:
    return 1 + sum(map(size, node.children))


@given(TREES)
def test_nothing_overlaps(tree: Node):
    for one, other in combinations(boxes(lay_out(tree)), 2):
        assert not meet(one, other)


@given(TREES)
def test_everything_is_inside(tree: Node):
    picture = lay_out(tree)
    for left, top, right, bottom in boxes(picture):
        assert 0 <= left <= right <= picture.width
        assert 0 <= top <= bottom <= picture.height
    assert picture.width == trees.WIDTH, "as wide as a phone"


@given(TREES)
def test_every_node_stands_once_below_its_parent(tree: Node):
    picture = lay_out(tree)
    assert len(picture.spots) == size(tree)
    assert len(picture.edges) == size(tree) - 1
    for spot, edge in zip(picture.spots[1:], picture.edges, strict=True):
        (parent,) = (p for p in picture.spots if any(c is spot.node for c in p.node.children))
        assert (edge.top, edge.y, edge.end) == (parent.y, spot.y, spot.x - spot.node.radius)
        assert disc(parent)[0] < edge.x < disc(parent)[2], "it comes out of the parent's disc"


@given(TREES)
def test_no_line_crosses_anything_on_its_way(tree: Node):
    picture = lay_out(tree)
    for spot, edge in zip(picture.spots[1:], picture.edges, strict=True):
        for other in picture.spots:
            is_parent = any(child is spot.node for child in other.node.children)
            if not is_parent and other is not spot:
                assert not any(meet(part, disc(other)) for part in legs(edge))
                assert not any(meet(part, words(other)) for part in legs(edge))


def legs(edge: Edge) -> tuple[Box, Box]:
    return (edge.x, edge.top, edge.x, edge.y), (edge.x, edge.y, edge.end, edge.y)


@given(TREES)
def test_the_same_tree_is_the_same_picture(tree: Node):
    assert lay_out(tree) == lay_out(tree)


def test_a_tree_that_nobody_folded_is_a_bug():
    tree = Node("few", "the end")
    for _ in range(trees.LEVELS):
        tree = Node("people", "more", 3, (tree,))
    with pytest.raises(AssertionError, match="fold"):
        lay_out(tree)


@given(st.integers(3, 20_000))
def test_seeds_lie_in_their_disc_and_beside_each_other(count: int):
    node = Node("people", "", count)
    seeds = trees.dots(node)
    assert len(seeds) == min(count, trees.DOTS_MAX), "each is one person, until there are too many"
    for x, y, radius in seeds:
        assert (x * x + y * y) ** 0.5 + radius <= 10 * node.radius
    for (x, y, radius), (other_x, other_y, _) in combinations(seeds, 2):
        assert (x - other_x) ** 2 + (y - other_y) ** 2 > radius**2, "each can be told apart"
