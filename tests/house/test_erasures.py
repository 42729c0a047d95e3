"""Erasing knows every table: each is either a step or named with the reason why it stays."""

import pytest

from server.store import data_map, erasures, tables, what_stays
from server.store.data_map import Erasing

STEPS = {step.table: step for step in erasures.STEPS}


def test_every_table_is_a_step_or_stays():
    assert len(STEPS) == len(erasures.STEPS)
    assert not set(STEPS) & set(what_stays.STAYS)
    assert set(STEPS) | set(what_stays.STAYS) == set(tables.METADATA.tables)


def test_every_step_and_every_reason_is_said_in_words():
    for words in [*(step.does for step in erasures.STEPS), *what_stays.STAYS.values()]:
        assert len(words) > len("gone")


def test_what_names_a_member_is_a_step_or_holds_no_more_than_the_number():
    """The number leads to a husk, so a table whose rows stay may keep it and nothing else."""
    naming = {
        table.name
        for table in tables.METADATA.tables.values()
        if any(key.column.table.name == "member" for key in table.foreign_keys)
    }
    assert naming - set(STEPS) == {"participant"}


@pytest.mark.parametrize("held", data_map.MAP, ids=lambda held: held.table)
def test_the_data_map_says_what_erasing_does(held):
    deletes = held.table in STEPS and STEPS[held.table].does == erasures.DELETED
    expected = {
        Erasing.DELETE: deletes,
        Erasing.BLANK: held.table in STEPS and not deletes,
        Erasing.STAY: held.table in what_stays.STAYS,
    }
    assert expected[held.on_erase.what], held.on_erase
    if held.on_erase.what == Erasing.BLANK:
        assert set(held.on_erase.columns) == set(STEPS[held.table].columns)
