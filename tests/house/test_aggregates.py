"""What decides about money cannot see who somebody is; what a brand sees is aggregated.

The first rule is why no answer, refusal or estimate can change an amount, a code or an unlock.
"""

import ast
from pathlib import Path

import pytest

from rewards import aggregates
from server.services.figures import OfferFigures
from tests.house.code import MODULES, below, imports_of, name_of, tree_of

ABOUT_PEOPLE = {
    "rewards.aggregates": "counts customers for others to see",
    "rewards.anomalies": "looks at visits for what is improbable",
    "rewards.ask_choice": "chooses what to ask",
    "rewards.ask_estimates": "expects what an answer is worth",
    "rewards.asks": "budgets what is asked",
    "rewards.beta": "a distribution, for estimates alone",
    "rewards.betabinomial": "a distribution, for estimates alone",
    "rewards.integrity": "holds and watches; only a person denies",
    "rewards.quality": "ranks and labels audiences",
    "rewards.simulate": "draws audiences that nobody is paid for",
}
"""Modules of ``rewards`` that may know of profiles or estimates, and what they do with them."""

MONEY = [path for path in below("rewards") if name_of(path) not in ABOUT_PEOPLE]

PROFILE_WORDS = {
    *("profile", "answer", "answers", "question", "questions", "reply", "sensitivity"),
    *("birth", "birthday", "city", "gender", "income", "interests", "label", "quality"),
    *("anomaly", "anomalies", "theta", "posterior", "prospects", "dreamers", "score"),
}
"""Words that name what somebody said, or what is believed of them."""


def names_given_to(path: Path) -> set[str]:
    """Return the names of all arguments and fields of a module."""
    nodes = list(ast.walk(tree_of(path)))
    fields = {n.target.id for n in nodes if isinstance(n, ast.AnnAssign) and _is_name(n.target)}
    return fields | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def is_about_people(imported: str) -> bool:
    """Tell whether an import is one of those modules, or out of one."""
    return any(f"{imported}.".startswith(f"{module}.") for module in ABOUT_PEOPLE)


def test_every_exception_is_a_module():
    assert ABOUT_PEOPLE.keys() <= {name_of(path) for path in below("rewards")}


@pytest.mark.parametrize("path", MONEY, ids=name_of)
def test_money_imports_nothing_about_people(path: Path):
    assert not {imported for imported in imports_of(path) if is_about_people(imported)}


@pytest.mark.parametrize("path", MONEY, ids=name_of)
def test_money_is_given_nothing_about_people(path: Path):
    words = {word for name in names_given_to(path) for word in name.lower().split("_")}
    assert not words & PROFILE_WORDS


def test_the_words_are_found_where_they_may_be():
    words = {
        word
        for path in below("rewards")
        if name_of(path) in ABOUT_PEOPLE
        for name in names_given_to(path)
        for word in name.lower().split("_")
    }
    assert len(words & PROFILE_WORDS) >= 5, "or the rule above could not fail"


def test_only_aggregates_makes_a_table():
    makers = {
        name_of(path)
        for path in MODULES
        if "rewards.aggregates.Table" in imports_of(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Table"
    }
    assert not makers


@pytest.mark.parametrize("path", below("server.web"), ids=name_of)
def test_pages_see_people_only_through_aggregates(path: Path):
    seen = {imported for imported in imports_of(path) if is_about_people(imported)}
    assert all(imported.startswith("rewards.aggregates") for imported in seen)


def test_what_a_brand_sees_of_customers_is_a_table():
    """People are counted in one place of the store, and leave it through ``aggregates`` alone."""
    callers = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "people_of"
    }
    assert callers == {"server.services.figures"}
    fields = OfferFigures.__dataclass_fields__
    assert fields["people"].type is aggregates.Table
    assert {fields[name].type for name in ("shares", "clicks", "visits_verified")} == {int | None}
    about_people = {"participants", "customers", "members", "friends", "sharers"}
    assert not about_people & fields.keys()
