"""Tables say what one row is, and every rule in them has a name that is a sentence."""

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, UniqueConstraint

from server.store import tables

TABLES = tables.METADATA.sorted_tables


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_constraints_have_names_that_are_sentences(table: Table):
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint | ForeignKeyConstraint | UniqueConstraint):
            assert constraint.name, f"{constraint} has no name"
            assert len(str(constraint.name).split("_")) >= 3


def test_every_table_class_says_what_one_row_is():
    for module in tables.MODULES:
        for thing in vars(module).values():
            if hasattr(thing, "__table__") and thing.__module__ == module.__name__:
                assert thing.__doc__
                assert thing.__doc__.startswith(("One ", "What ", "How ", "The ")), thing.__name__


def test_names_of_constraints_are_unique():
    names = [
        constraint.name
        for table in TABLES
        for constraint in table.constraints
        if constraint.name is not None
    ]
    assert len(names) == len(set(names))
