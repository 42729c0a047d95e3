"""The operator's file of datacentres says exactly what it says, or which line is wrong."""

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services import datacentres
from server.services.datacentres import Datacentres, NetworksInvalid

V4 = st.builds(
    lambda number, length: ipaddress.IPv4Network((number, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(datacentres.WIDEST_V4, 32),
)
V6 = st.builds(
    lambda number, length: ipaddress.IPv6Network((number, length), strict=False),
    st.integers(0, 2**128 - 1),
    st.integers(datacentres.WIDEST_V6, 128),
)


def has(known: Datacentres, address: str) -> bool:
    return known.has(ipaddress.ip_address(address).packed)


def test_a_file_has_a_network_a_line_and_comments(tmp_path: Path):
    path = tmp_path / "datacentres.txt"
    path.write_text(
        "\ufeff# a cloud\n\n192.0.2.0/25   # Frankfurt\n  198.51.100.7\n2001:db8::/32\n",
        encoding="utf-8",
    )
    known = datacentres.read(path)
    inside = ("192.0.2.0", "192.0.2.127", "198.51.100.7", "2001:db8:ffff::1")
    outside = ("192.0.1.255", "192.0.2.128", "198.51.100.8", "2001:db9::", "::1", "0.0.0.0")  # noqa: S104 - an address to look up
    assert [has(known, address) for address in inside] == [True] * 4
    assert [has(known, address) for address in outside] == [False] * 6


def test_an_empty_file_has_nobody():
    assert not has(Datacentres([]), "192.0.2.1")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("192.0.2.1/24", "host bits"),
        ("192.0.2.0/33", "192.0.2.0/33"),
        ("192.0.2", "does not appear"),
        ("example.com", "does not appear"),
        ("192.0.2.0/24, 198.51.100.0/24", "does not appear"),
        ("0.0.0.0/0", "wider than /8"),
        ("10.0.0.0/7", "wider than /8"),
        ("::/0", "wider than /16"),
        ("\ufffd\ufffd", "does not appear"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(line: str, why: str):
    with pytest.raises(NetworksInvalid, match=why) as refused:
        Datacentres(["# first", "192.0.2.0/24", line, "nonsense"])
    assert refused.value.line == 3
    assert str(refused.value).startswith("line 3: ")


def test_a_file_of_bytes_is_refused_and_not_believed(tmp_path: Path):
    path = tmp_path / "datacentres.txt"
    path.write_bytes(b"192.0.2.0/24\n\x1f\x8b\x00\xff\n")
    with pytest.raises(NetworksInvalid) as refused:
        datacentres.read(path)
    assert refused.value.line == 2


@given(networks=st.lists(V4 | V6, max_size=30), data=st.data())
def test_agrees_with_the_standard_library(
    networks: list[ipaddress.IPv4Network], data: st.DataObject
):
    known = Datacentres(str(network) for network in networks)
    edges = [
        network.network_address + step
        for network in networks
        for step in (-1, 0, network.num_addresses - 1, network.num_addresses)
        if 0 <= int(network.network_address) + step < 2**network.max_prefixlen
    ]
    anywhere = st.ip_addresses()
    for address in (*edges, *data.draw(st.lists(anywhere, max_size=5))):
        assert known.has(address.packed) == any(
            address in network for network in networks if network.version == address.version
        )
