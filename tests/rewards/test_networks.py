"""Networks are told apart for 14 days, and never found again."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import networks

KEY, OTHER_KEY = bytes(16), bytes(15) + b"1"
DAYS = st.integers(0, 4_000_000)


def prefix_of(address: str) -> bytes:
    return networks.prefix_of(ipaddress.ip_address(address).packed)


class TestPrefix:
    @pytest.mark.parametrize(
        ("address", "same", "another", "length"),
        [
            ("192.0.2.1", "192.0.2.254", "192.0.3.1", 3),
            ("2001:db8:7::1", "2001:db8:7:ffff::9", "2001:db8:8::1", 6),
        ],
    )
    def test_is_a_24_or_a_48(self, address: str, same: str, another: str, length: int):
        assert len(prefix_of(address)) == length
        assert prefix_of(same) == prefix_of(address)
        assert prefix_of(another) != prefix_of(address)


class TestHash:
    def test_is_stable_and_short(self):
        found, other = networks.network_hashes((KEY, OTHER_KEY), "boots", b"\xc0\x00\x02")
        assert (other, found) == networks.network_hashes((OTHER_KEY, KEY), "boots", b"\xc0\x00\x02")
        assert len(found) == len(other) == networks.HASH_BYTES
        assert found.hex() == "d153c7f5a421222d"

    @pytest.mark.parametrize(
        "other",
        [
            (OTHER_KEY, "boots", b"\xc0\x00\x02"),
            (KEY, "shoes", b"\xc0\x00\x02"),
            (KEY, "boots", b"\xc0\x00\x03"),
            (KEY, "boot", b"s\xc0\x00\x02"),
        ],
    )
    def test_differs_with_every_part(self, other: tuple[bytes, str, bytes]):
        key, offer, prefix = other
        (found, again) = networks.network_hashes((key, key), offer, prefix)
        assert found == again
        assert found not in networks.network_hashes((KEY, KEY), "boots", b"\xc0\x00\x02")


class TestKeys:
    @given(day=DAYS)
    def test_a_key_lives_for_28_days_from_its_first(self, day: int):
        for first in networks.began(day):
            assert 0 <= day - first < networks.KEY_DAYS == 28

    @given(day=DAYS)
    def test_a_day_has_two_keys_one_of_each_parity(self, day: int):
        even, odd = networks.began(day)
        assert abs(even - odd) == 14
        assert networks.began(day + 28) == (even + 28, odd + 28)

    @given(day=DAYS, ago=st.integers(0, 14))
    def test_visits_of_the_last_14_days_share_the_older_key(self, day: int, ago: int):
        column = 0 if networks.is_even_older(day) else 1
        older = networks.began(day)[column]
        assert older == min(networks.began(day))
        assert networks.began(day - ago)[column] == older

    def test_change_every_14_days(self):
        first = 28 * 700
        assert networks.began(first - 1) == (first - 28, first - 14)
        assert networks.began(first) == networks.began(first + 13) == (first, first - 14)
        assert networks.began(first + 14) == (first, first + 14)
        older = [networks.is_even_older(first + day) for day in (-1, 0, 13, 14)]
        assert older == [True, False, False, True]
