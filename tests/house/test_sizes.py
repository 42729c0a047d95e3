"""One idea a file, and every module and public thing says what it is."""

import ast
from pathlib import Path

import pytest

from tests.house.code import MODULES, ROOT, name_of, tree_of

LINES_MAX = 300
FUNCTION_LINES_MAX = 45

WRITTEN = [
    path
    for top in ("tests", "extension", "static")
    for kind in ("*.py", "*.js")
    for path in sorted((ROOT / top).rglob(kind))
    if "node_modules" not in path.parts
]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_holds_one_idea_and_says_which(path: Path):
    assert len(path.read_text().splitlines()) <= LINES_MAX
    assert ast.get_docstring(tree_of(path)), "say in one line what lives here"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_on_a_page(path: Path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [s for s in node.body if not _is_docstring(s)]
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_surrounds_the_product_stays_readable_too(path: Path):
    assert len(path.read_text().splitlines()) <= LINES_MAX * 2


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
