"""Terms: their defaults, what they refuse, and their stored form."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given

from rewards.codec import terms_from_json, terms_to_json
from rewards.errors import TermsInvalid, TermsUnreadable
from rewards.schedule import Band
from rewards.terms import Terms, default_terms
from tests.rewards.history import any_terms
from tests.rewards.story import DEFAULT_TERMS


def test_the_defaults_follow_the_average_order_and_the_ceiling():
    terms = default_terms(currency="EUR", average_order_minor=6000, ceiling_basis_points=1000)
    assert terms.thresholds_minor == (0, 6000, 24000, 96000)
    assert terms.rates_basis_points == (400, 600, 800, 1000)
    assert terms.visit_credit_minor == 30
    assert terms.visit_share_basis_points == 1000
    assert terms.schedule.floor_basis_points == 400
    assert terms.schedule.ceiling_basis_points == 1000
    assert terms.schedule.shortfall == 600 * 6000 + 400 * 18000 + 200 * 72000


def test_a_credit_is_divided_into_its_bands():
    schedule = DEFAULT_TERMS.schedule
    assert schedule.bands(30_000) == (Band(400, 6000), Band(600, 18_000), Band(800, 6000))
    assert schedule.bands(100_000)[-1] == Band(1000, 4000)
    assert schedule.bands(0) == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"thresholds_minor": (0, 1)}, "as many rates as thresholds"),
        ({"thresholds_minor": (), "rates_basis_points": ()}, "at least one of each"),
        ({"thresholds_minor": (1, 2, 3, 4)}, "first threshold be 0"),
        ({"thresholds_minor": (0, 2, 2, 3)}, "higher than the one before"),
        ({"thresholds_minor": (0, 2, 3, 10**14)}, "stay within"),
        ({"rates_basis_points": (400, 300, 800, 1000)}, "falling rates reward split accounts"),
        ({"rates_basis_points": (-1, 600, 800, 1000)}, "between 0 and 9999"),
        ({"rates_basis_points": (400, 600, 800, 10_000)}, "between 0 and 9999"),
        ({"rates_basis_points": (0, 0, 0, 0)}, "the last one above 0"),
        ({"currency": "euro"}, "three capital letters"),
        ({"currency": None}, "three capital letters"),
        ({"average_order_minor": 0}, "average_order_minor lie between 1 and"),
        ({"visit_credit_minor": -1}, "visit_credit_minor lie between 0 and"),
        ({"visit_share_basis_points": 10_001}, "visit_share_basis_points lie between"),
        ({"returning_weight_basis_points": 10_001}, "returning_weight_basis_points lie"),
        ({"new_weight_basis_points": -1}, "new_weight_basis_points lie"),
        ({"return_days": -1}, "return_days lie"),
        ({"attribution_days": 0}, "attribution_days lie"),
        ({"min_grant_minor": 0}, "min_grant_minor lie"),
        ({"code_days": 0}, "code_days lie"),
        ({"min_grant_minor": 5.0}, "min_grant_minor consist of whole numbers"),
        ({"min_grant_minor": True}, "min_grant_minor consist of whole numbers"),
        ({"min_grant_minor": (5,)}, "min_grant_minor consist of whole numbers"),
        ({"thresholds_minor": [0, 1, 2, 3]}, "thresholds_minor consist of whole numbers"),
        ({"rates_basis_points": (4.5, 600, 800, 1000)}, "rates_basis_points consist of whole"),
    ],
)
def test_terms_that_cannot_work_say_what_to_do(change, sentence):
    with pytest.raises(TermsInvalid, match=sentence):
        replace(DEFAULT_TERMS, **change)


class TestStoredForm:
    @given(terms=any_terms())
    def test_reads_what_it_writes(self, terms):
        assert terms_from_json(json.loads(json.dumps(terms_to_json(terms)))) == terms

    def test_names_the_rule(self):
        assert terms_to_json(DEFAULT_TERMS)["rule_version"] == "branch-difference-1"

    @pytest.mark.parametrize("name", ["rule_version", *(field.name for field in fields(Terms))])
    def test_a_missing_member_is_an_error_even_if_it_has_a_default(self, name):
        members = terms_to_json(DEFAULT_TERMS)
        del members[name]
        with pytest.raises(TermsUnreadable, match=name):
            terms_from_json(members)

    def test_an_unknown_member_is_an_error(self):
        with pytest.raises(TermsUnreadable, match="surprise"):
            terms_from_json(terms_to_json(DEFAULT_TERMS) | {"surprise": 1})

    def test_terms_for_another_rule_are_not_read(self):
        with pytest.raises(TermsUnreadable, match="for rule 'older'"):
            terms_from_json(terms_to_json(DEFAULT_TERMS) | {"rule_version": "older"})

    def test_a_list_must_be_a_list(self):
        with pytest.raises(TermsUnreadable, match="rates_basis_points be a list"):
            terms_from_json(terms_to_json(DEFAULT_TERMS) | {"rates_basis_points": 400})

    def test_a_number_must_be_a_number(self):
        with pytest.raises(TermsInvalid, match="code_days consist of whole numbers"):
            terms_from_json(terms_to_json(DEFAULT_TERMS) | {"code_days": "90"})
