"""Every error that we raise is one that a client can look up."""

from server import errors
from server.web import problems
from server.web.advice import by_slug
from tests.house.code import ROOT


def all_kinds_of(error: type[Exception]) -> set[type[Exception]]:
    return set(error.__subclasses__()).union(*map(all_kinds_of, error.__subclasses__()))


def test_every_error_has_its_own_problem():
    assert all_kinds_of(errors.ProductError) == set(problems.KINDS)
    slugs = [kind.slug for kind in problems.KINDS.values()]
    assert len(slugs) == len(set(slugs))


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    drawn = [line.strip("│├└─ ") for line in (errors.__doc__ or "").splitlines() if "─" in line]
    assert sorted(drawn) == sorted(kind.__name__ for kind in all_kinds_of(errors.ProductError))


def test_every_problem_and_refusal_is_documented():
    written = (ROOT / "docs" / "API.md").read_text()
    kinds = list(by_slug().values())
    for name in [kind.slug for kind in kinds] + list(errors.RefusalKey):
        assert f"`{name}`" in written, name
