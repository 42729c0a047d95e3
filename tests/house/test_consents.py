"""What stands on a consent is written from the live consent, and in no other way."""

import ast
import re
from pathlib import Path

import pytest

from server.store import tables
from tests.house.code import MODULES, ROOT, tree_of

GUARDED = {
    thing
    for module in tables.MODULES
    for thing in vars(module).values()
    if hasattr(thing, "__table__")
    and thing.__module__ == module.__name__
    and "consent_id" in thing.__table__.columns
}
"""The classes whose rows stand on a consent."""
MAKERS = [ROOT / "tests" / "make.py", ROOT / "tests" / "server" / "town.py"]
WRITERS = {"put", "put_first", "put_unless_there", "insert", "insert_into"}
RAW = re.compile(r"INSERT\s+INTO\s+(\w+)", re.IGNORECASE)


def named(path: Path) -> dict[str, type]:
    """Return the guarded classes as a module can write them: ``Share``, ``store.Share``."""
    found: dict[str, type] = {}
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            known_as = alias.asname or alias.name
            for model in GUARDED:
                if f"{node.module}.{alias.name}" == model.__module__:
                    found[f"{known_as}.{model.__name__}"] = model
                if (node.module, alias.name) == (model.__module__, model.__name__):
                    found[known_as] = model
    return found


def written_past_the_guard(path: Path) -> list[str]:
    """Return the places where a module writes a guarded row without ``put_consented``."""
    models = named(path)
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            given = {ast.unparse(argument) for argument in node.args}
            if called in WRITERS and given & models.keys():
                found.append(f"{called} in line {node.lineno}")
            makes_one = any(ast.unparse(part).split("(")[0] in models for part in node.args)
            if called in {"add", "add_all", "merge"} and makes_one:
                found.append(f"{called} in line {node.lineno}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            into = {name.lower() for name in RAW.findall(node.value)}
            if into & {model.__table__.name for model in GUARDED}:
                found.append(f"SQL in line {node.lineno}")
    return found


def test_shares_and_referrals_are_guarded():
    assert {model.__table__.name for model in GUARDED} >= {"share", "referral"}


@pytest.mark.parametrize("path", [*MODULES, *MAKERS], ids=lambda path: path.stem)
def test_nothing_is_written_past_the_consent(path: Path):
    assert written_past_the_guard(path) == []


@pytest.mark.parametrize(
    "line",
    [
        "writing.put_first(db, store.Share, {})",
        "writing.put(db, store.Share, {})",
        "db.add(store.Share(code='x'))",
        "db.execute(insert(store.Share))",
        "db.execute('INSERT INTO share (code) VALUES (1)')",
    ],
)
def test_a_way_past_the_consent_is_seen(line: str, tmp_path: Path):
    module = tmp_path / "module.py"
    module.write_text(f"from server.store import shares as store\n{line}\n")

    assert written_past_the_guard(module)
