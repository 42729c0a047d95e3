"""How people write values into forms, and how pages write them out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.money import LARGEST_MINOR
from server.errors import Invalid
from server.web import forms, presentation


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12", "EUR", 1200),
        ("12.5", "EUR", 1250),
        (" 12,50 ", "EUR", 1250),
        ("1 234.50", "EUR", 123450),
        ("1\u202f234\u00a0567", "EUR", 123456700),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
    ],
)
def test_an_amount_is_read_as_it_is_meant(typed, currency, minor):
    assert forms.amount(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("1,234", "EUR"),
        ("1,234", "KWD"),
        ("1,234.50", "EUR"),
        ("12,5", "JPY"),
        ("1.5", "JPY"),
        ("", "EUR"),
        ("1e5", "EUR"),
        ("+5", "EUR"),
        ("inf", "EUR"),
        ("٣", "EUR"),
        ("9" * 40, "EUR"),
        ("-1", "EUR"),
    ],
)
def test_an_amount_that_could_mean_two_things_is_refused(typed, currency):
    with pytest.raises(Invalid):
        forms.amount(typed, currency)


@given(st.integers(1, LARGEST_MINOR), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_a_page_writes_a_form_reads(minor, currency):
    assert forms.amount(presentation.amount(minor, currency), currency) == minor


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_mistake_that_can_be_shown(typed):
    try:
        minor = forms.amount(typed, "EUR")
    except Invalid:
        return
    assert 1 <= minor <= LARGEST_MINOR


@pytest.mark.parametrize(
    ("typed", "basis_points"),
    [("10", 1000), ("7.5", 750), ("7,25 %", 725), ("0", 0), ("10%", 1000)],
)
def test_a_percentage_is_read_exactly(typed, basis_points):
    assert forms.basis_points(typed) == basis_points


@pytest.mark.parametrize("typed", ["", "ten", "100", "-1", "1.234", "1e1", "1.", "٣"])
def test_what_is_no_percentage_is_refused(typed):
    with pytest.raises(Invalid):
        forms.basis_points(typed)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (1200, "EUR", "12.00\u00a0EUR"),
        (-1200, "EUR", "-12.00\u00a0EUR"),
        (999_999, "EUR", "9999.99\u00a0EUR"),
        (1_000_000, "EUR", "10\u202f000.00\u00a0EUR"),
        (-123_456_789, "EUR", "-1\u202f234\u202f567.89\u00a0EUR"),
        (1200, "JPY", "1200\u00a0JPY"),
    ],
)
def test_money_is_written_in_groups(minor, currency, words):
    assert presentation.money(minor, currency) == words


def test_a_moment_is_written_for_people_and_programs():
    at = datetime(2030, 1, 5, 9, 30, tzinfo=UTC)
    assert (
        presentation.moment(at)
        == '<time datetime="2030-01-05T09:30:00Z">5 January 2030, 09:30 UTC</time>'
    )
    assert presentation.day(at) == '<time datetime="2030-01-05T09:30:00Z">5 January 2030</time>'


@pytest.mark.parametrize(("number", "words"), [(0, "0\u00a0orders"), (1, "1\u00a0order")])
def test_a_number_agrees_with_its_noun(number, words):
    assert presentation.count(number, "order", "orders") == words
