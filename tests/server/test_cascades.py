"""Cascade files: what is read, and each mistake with its line."""

import gzip
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import ReplayInvalid
from server.services import cascades
from server.services.cascades import Node

HEADER = "cascade,node,parent,seconds\n"


def parse(text: str | bytes) -> cascades.Cascades:
    raw = text if isinstance(text, bytes) else text.encode()
    return cascades.parse(BytesIO(raw))


class TestRead:
    def test_every_node_with_its_parent(self):
        read = parse(HEADER + "7,a,,0\n7,b,a,60\n7,c,b,90\n")
        assert read.nodes == (
            Node("7", "a", None, 0),
            Node("7", "b", 0, 60),
            Node("7", "c", 1, 90),
        )

    def test_by_moment_across_cascades_and_parents_first(self):
        read = parse(HEADER + "1,c,b,5\n1,b,a,5\n2,a,,3\n1,a,,5\n")
        assert [(node.cascade, node.name) for node in read.nodes] == [
            ("2", "a"),
            ("1", "a"),
            ("1", "b"),
            ("1", "c"),
        ]
        assert read.nodes[3].parent == 2
        assert read.names == ("2", "1")

    def test_columns_in_any_order_with_windows_line_ends_a_mark_and_empty_lines(self):
        text = "\ufeffnode,seconds,cascade,parent\r\n1,0,x,\r\n\r\n2,4,x,1\r\n\r\n"
        assert parse(text).nodes == (Node("x", "1", None, 0), Node("x", "2", 0, 4))

    def test_the_same_compressed(self):
        plain = (HEADER + "1,1,,0\n1,2,1,5\n").encode()
        assert parse(gzip.compress(plain)) == parse(plain)

    def test_and_named_by_its_content(self):
        one, other = HEADER + "1,1,,0\n", HEADER + "1,1,,1\n"
        assert parse(one).digest == parse(one).digest
        assert parse(one).digest != parse(other).digest

    def test_a_cascade_that_several_people_began(self):
        assert [node.parent for node in parse(HEADER + "1,1,,0\n1,2,,0\n").nodes] == [None, None]


BROKEN = {
    "empty": ("", 1, "the file is empty"),
    "without a node": (HEADER, 2, "there is no node"),
    "without a column": ("cascade,node,seconds\n1,1,0\n", 1, "the column parent is missing"),
    "with one column more": (HEADER.replace("\n", ",x\n"), 1, "there are 5 columns"),
    "with one value more": (HEADER + "1,1,,0\n1,2,1,5,6\n", 3, "there are 5 values"),
    "with one value less": (HEADER + "1,1,,0\n1,2,1\n", 3, "there are 3 values"),
    "with an unknown parent": (
        HEADER + "1,1,,0\n1,2,9,5\n",
        3,
        "the parent 9 of node 2 is nowhere",
    ),
    "with the parent in another cascade": (HEADER + "1,1,,0\n2,2,1,5\n", 3, "is nowhere"),
    "with a node twice": (HEADER + "1,1,,0\n1,2,1,5\n1,2,1,6\n", 4, "already, in line 3"),
    "with negative seconds": (HEADER + "1,1,,0\n1,2,1,-5\n", 3, "'-5' cannot be seconds"),
    "with words for seconds": (HEADER + "1,1,,soon\n", 2, "'soon' cannot be seconds"),
    "with other digits": (HEADER + "1,1,,٣\n", 2, "cannot be seconds"),
    "with half a second": (HEADER + "1,1,,0.5\n", 2, "cannot be seconds"),
    "with eternity": (HEADER + "1,1,,999999999999\n", 2, "cannot be seconds"),
    "with a child before its parent": (HEADER + "1,1,,9\n1,2,1,5\n", 3, "is before its parent 1"),
    "with its own parent": (HEADER + "1,1,1,0\n", 2, "around in a circle"),
    "with a circle": (HEADER + "1,1,,0\n1,2,4,5\n1,3,2,5\n1,4,3,5\n", 3, "around in a circle"),
    "below a circle": (HEADER + "1,5,2,5\n1,2,4,5\n1,4,2,5\n", 2, "around in a circle"),
    "without a cascade": (HEADER + ",1,,0\n", 2, "'' cannot be a cascade"),
    "without a node's name": (HEADER + "1,,,0\n", 2, "'' cannot be a node"),
    "with a strange name": (HEADER + "1,a b,,0\n", 2, "'a b' cannot be a node"),
    "with an open quote": (HEADER + '1,1,,0\n1,"2,1,5\n', 3, "not CSV"),
    "not UTF-8": (HEADER.encode() + b"1,1,,0\n1,\xe4,1,5\n", 3, "not UTF-8"),
    "with a line without end": ("x" * 5_000, 1, "at most 1000 bytes"),
    "cut off and compressed": (gzip.compress(b"x" * 50)[:-9], 1, "the compressed file is damaged"),
    "compressed and changed": (
        b"\x1f\x8b\x08\x00nonsense....",
        1,
        "the compressed file is damaged",
    ),
}


@pytest.mark.parametrize(("text", "line", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_with_its_line(text: str | bytes, line: int, sentence: str):
    with pytest.raises(ReplayInvalid) as refused:
        parse(text)
    assert str(refused.value).startswith(f"Line {line}: ")
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")


def test_too_many_nodes_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cascades, "NODES_MAX", 2)
    with pytest.raises(ReplayInvalid, match=r"Line 4: a file may have at most 2 nodes\."):
        parse(HEADER + "1,1,,0\n1,2,,0\n1,3,,0\n")


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEADER + text).encode()))
def test_whatever_the_file_it_is_read_or_refused_with_a_line(raw: bytes):
    try:
        read = parse(raw)
    except ReplayInvalid as refused:
        assert str(refused).startswith("Line ")  # noqa: PT017 - either is right
    else:
        assert read.nodes
