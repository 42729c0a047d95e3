"""Imports point down; the middle is pure; views run no queries; services never commit."""

import ast
from pathlib import Path

import pytest

from tests.house.code import MODULES, below, imports_of, name_of, tree_of

LAYERS = [
    ["server.cli"],
    ["server.demo"],
    [
        *("server.processes", "server.site", "server.replay_table", "server.reports"),
        "server.conformance",
    ],
    ["server.app"],
    ["server.web", "server.jobs", "server.links"],
    ["server.services"],
    ["server.gateways", "server.store"],
    [
        *("server.errors", "server.jws", "server.sealing", "server.tokens", "server.clock"),
        *("server.settings", "server.logs"),
    ],
    ["rewards"],
]
"""From the top down; neighbours on one line ignore each other."""


def layer_of(module: str) -> tuple[int, str] | None:
    """Return the number of a module's layer, and which of its parts it belongs to."""
    for number, parts in enumerate(LAYERS):
        for part in parts:
            if f"{module}.".startswith(f"{part}."):
                return number, part
    return None


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path):
    own = layer_of(name_of(path))
    if own is None:
        assert name_of(path) == "server", "every module has its layer"
        return
    for imported in imports_of(path):
        other = layer_of(imported)
        if other is not None and other[1] != own[1]:
            is_foundation = own[0] == other[0] == len(LAYERS) - 2
            assert other[0] > own[0] or is_foundation, f"{imported} is not below"


@pytest.mark.parametrize("path", below("rewards"), ids=name_of)
def test_rewards_is_pure(path: Path):
    impure = {"os", "time", "datetime", "random", "secrets", "pathlib", "io", "socket", "server"}
    standard = {
        *("bisect", "collections", "dataclasses", "enum", "functools", "hashlib", "hmac"),
        *("ipaddress", "itertools", "math", "re", "types", "typing", "abc", "operator", "heapq"),
    }
    tops = {imported.split(".")[0] for imported in imports_of(path)} - {"rewards"}
    assert not tops & impure
    assert tops <= standard, "standard library only, and of it what is pure"


ESTIMATES = {
    "rewards.anomalies": "says how improbable visits are; that holds, and never counts",
    "rewards.ask_choice": "chooses among questions that the budget allows; the budget is whole",
    "rewards.ask_estimates": "expects what answers are worth, to choose among allowed questions",
    "rewards.beta": "a distribution, for estimates alone",
    "rewards.betabinomial": "a distribution, for estimates alone",
    "rewards.integrity": "holds and watches by estimates; only a person denies",
    "rewards.quality": "ranks and labels; any payment by an estimate would reward split accounts",
    "rewards.simulate": "draws cascades to try terms on; nobody is paid by them",
}
"""Modules of ``rewards`` that may compute with floats, and why that never reaches money."""


def test_every_estimate_is_a_module():
    assert ESTIMATES.keys() <= {name_of(path) for path in below("rewards")}


@pytest.mark.parametrize(
    "path", [path for path in below("rewards") if name_of(path) not in ESTIMATES], ids=name_of
)
def test_money_has_no_floats(path: Path):
    floats = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert not floats


@pytest.mark.parametrize("path", below("server.web"), ids=name_of)
def test_views_run_no_queries(path: Path):
    called = {
        node.func.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"exec", "execute", "scalars", "commit", "flush"}
    assert not {i for i in imports_of(path) if i.endswith((".select", ".text"))} - {
        "rewards.money.text",
        "server.services.consents.text",
    }


@pytest.mark.parametrize("path", below("server.services"), ids=name_of)
def test_services_know_no_http_and_never_commit(path: Path):
    assert not {i.split(".")[0] for i in imports_of(path)} & {"flask", "werkzeug", "granian"}
    called = {
        node.func.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert "commit" not in called


@pytest.mark.parametrize("path", below("server.conformance"), ids=name_of)
def test_the_conformance_kit_knows_nothing_of_what_it_checks(path: Path):
    ours = {i for i in imports_of(path) if i.split(".")[0] in {"server", "rewards"}}
    assert all(i.startswith(("server.conformance", "server.clock")) for i in ours)


def test_only_settings_read_the_environment():
    readers = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"getenv", "environ"}
        and getattr(node.value, "id", "") != "request"  # what WSGI keeps of one request
    }
    assert readers <= {"server.settings", "server.cli"}, "cli hands the demo's settings on"
