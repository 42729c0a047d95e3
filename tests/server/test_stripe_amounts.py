"""Amounts between us and Stripe: exact both ways, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.money import Money
from server.gateways.stripe.amounts import AmountInvalid, from_stripe, to_stripe

SAME = [("EUR", 12_34), ("USD", 1), ("JPY", 500), ("KRW", 1), ("HUF", 10_00), ("KWD", 5_120)]


@pytest.mark.parametrize(("currency", "minor"), SAME)
def test_most_amounts_are_the_same_there(currency: str, minor: int):
    assert to_stripe(Money(minor, currency)) == minor
    assert from_stripe(minor, currency.lower()) == Money(minor, currency)


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"), [("ISK", 5, 500), ("UGX", 5, 500), ("MGA", 5_00, 5)]
)
def test_some_have_other_decimals_there(currency: str, ours: int, theirs: int):
    assert to_stripe(Money(ours, currency)) == theirs
    assert from_stripe(theirs, currency) == Money(ours, currency)


@pytest.mark.parametrize(("currency", "minor"), [("KWD", 5_124), ("BHD", 1), ("MGA", 5_50)])
def test_what_stripe_has_not_is_refused(currency: str, minor: int):
    with pytest.raises(AmountInvalid, match="Stripe has no amount of"):
        to_stripe(Money(minor, currency))


@pytest.mark.parametrize(("currency", "theirs"), [("isk", 550), ("UGX", 1)])
def test_what_we_have_not_is_refused(currency: str, theirs: int):
    with pytest.raises(AmountInvalid, match="no whole amount"):
        from_stripe(theirs, currency)


@given(
    minor=st.integers(1, 10**12),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "ISK", "UGX", "MGA", "TND", "CLP"]),
)
def test_whatever_goes_there_comes_back(minor: int, currency: str):
    money = Money(minor, currency)
    try:
        theirs = to_stripe(money)
    except AmountInvalid:
        assert currency in {"KWD", "TND", "MGA"}
    else:
        assert from_stripe(theirs, currency) == money
