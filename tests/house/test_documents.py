"""The documents are held to the code."""

import re

from server.cli import main
from server.settings import IdentityProvider, Settings
from tests.house.code import ROOT


def test_every_setting_has_its_heading():
    written = (ROOT / "docs" / "OPERATIONS.md").read_text()
    for name, field in Settings.model_fields.items():
        assert field.description, f"say what {name} is for"
        assert f"### `{name.upper()}`" in written, name
    for name in IdentityProvider.model_fields:
        assert f"`{name}`" in written, name


def test_every_command_is_documented():

    written = (ROOT / "docs" / "OPERATIONS.md").read_text()
    for name in main.commands:
        assert f"`fanfare {name}" in written, name


def test_links_between_documents_lead_somewhere():
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs" / "DECISIONS").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_lock_names_no_registry():
    assert "://" not in (ROOT / "requirements.lock").read_text()
    assert '"resolved"' not in (ROOT / "tests/extension/package-lock.json").read_text()
