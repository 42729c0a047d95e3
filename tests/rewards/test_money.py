"""Amounts, their text and their mistakes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.errors import MixedCurrencies, MoneyInvalid
from rewards.money import WHOLE, Money, minor_digits, text, text_of_parts


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_currencies_have_their_own_decimals(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "E R", "ÄÖÜ", "EUR\n"])
def test_a_currency_has_three_capital_letters(currency):
    with pytest.raises(MoneyInvalid, match="three capital letters"):
        Money(1, currency)


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("12.00", "EUR", 1200),
        ("12", "EUR", 1200),
        ("12.5", "EUR", 1250),
        (" 0.05 ", "EUR", 5),
        ("-3.00", "EUR", -300),
        ("12", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("100000000000.00", "EUR", 10**13),
    ],
)
def test_reads_plain_decimals(written, currency, minor):
    assert Money.parse(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "not an amount"),
        ("12,00", "not an amount"),
        ("1e3", "not an amount"),
        ("+1", "not an amount"),
        ("1.", "not an amount"),
        (".5", "not an amount"),
        ("٣", "not an amount"),
        ("1 000", "not an amount"),
        ("12.000", "too many decimals; EUR has 2"),
        ("100000000000.01", "too large; at most 100000000000.00 EUR"),
    ],
)
def test_refuses_nonsense(written, sentence):
    with pytest.raises(MoneyInvalid, match=sentence):
        Money.parse(written, "EUR")


@pytest.mark.parametrize("amount", [1.0, "1", None, True])
def test_an_amount_is_a_whole_number(amount):
    with pytest.raises(MoneyInvalid, match="whole number"):
        Money(amount, "EUR")


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1200, "EUR"), "12.00 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(12, "JPY"), "12 JPY"),
        (Money(-12, "JPY"), "-12 JPY"),
        (Money(1234, "KWD"), "1.234 KWD"),
    ],
)
def test_writes_amounts(money, written):
    assert str(money) == written


@pytest.mark.parametrize(
    ("parts", "currency", "written"),
    [
        (30_000, "EUR", "0.03"),
        (30_001, "EUR", "0.030001"),
        (35_000, "EUR", "0.035"),
        (-5_000, "EUR", "-0.005"),
        (25_000, "JPY", "2.5"),
        (20_000, "JPY", "2"),
    ],
)
def test_writes_parts_exactly(parts, currency, written):
    assert text_of_parts(parts, currency) == written


def test_money_of_one_currency_adds_and_compares():
    one, same, two = Money(100, "EUR"), Money(100, "EUR"), Money(200, "EUR")
    assert one + same == two
    assert one - two == -one
    assert [one < same, one <= same, one > same, one >= same] == [False, True, False, True]
    assert [one < two, one <= two, one > two, one >= two] == [True, True, False, False]
    assert Money(100, "EUR") != Money(100, "USD")


@pytest.mark.parametrize("what", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_mix(what):
    with pytest.raises(MixedCurrencies, match="EUR and USD cannot be added or compared"):
        getattr(Money(1, "EUR"), what)(Money(1, "USD"))


@given(minor=st.integers(-(10**13), 10**13), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_reads_what_it_writes(minor, currency):
    assert Money.parse(text(minor, currency), currency).minor == minor
    assert text_of_parts(minor * WHOLE, currency) == text(minor, currency)
