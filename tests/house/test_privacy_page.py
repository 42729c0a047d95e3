"""docs/PRIVACY.md holds the data map as the code has it."""

import pytest

from server.reports import data_map as report
from server.store import data_map


def test_the_page_holds_the_map_of_today(record_property: pytest.FixtureRequest):
    written = report.PAGE.read_text()
    assert written == report.with_map(written), "run: make privacy"
    record_property("told", f"The data map: {report.size()}")


def test_every_table_and_column_is_on_the_page():
    written = report.PAGE.read_text()
    for held in data_map.MAP:
        assert f"### `{held.table}`" in written
        assert all(f"`{column}`" in written for column in held.fields)
