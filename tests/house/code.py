"""The project's modules, as the house rules look at them."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for top in ("rewards", "server")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    """Return the name under which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree_of(path: Path) -> ast.Module:
    """Return the parsed module."""
    return ast.parse(path.read_text())


def imports_of(path: Path) -> set[str]:
    """Return every name that a module imports, in full."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def below(package: str) -> list[Path]:
    """Return the modules of a package."""
    return [path for path in MODULES if f"{name_of(path)}.".startswith(f"{package}.")]
