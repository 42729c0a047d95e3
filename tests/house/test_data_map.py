"""The data map names every table and every column, and nothing that is not there."""

from datetime import date, datetime

import pytest
from sqlalchemy import JSON, Table

from server.store import data_map, tables
from server.store.data_map import Erasing, Held, Rule

COULD_NAME_SOMEBODY = {str, bytes, JSON().python_type}
"""What columns of text, JSON and bytes hold."""
MOMENTS = {datetime, date}
WORDS_MIN = 2


def table_of(held: Held) -> Table:
    return tables.METADATA.tables[held.table]


def columns(held: Held, kinds: set[type]) -> set[str]:
    return {
        column.name
        for column in table_of(held).columns
        if getattr(column.type, "impl_instance", column.type).python_type in kinds
    }


@pytest.fixture(params=data_map.MAP, ids=lambda held: held.table)
def held(request: pytest.FixtureRequest) -> Held:
    found: Held = request.param
    return found


def test_names_every_table_once_and_nothing_else():
    named = [held.table for held in data_map.MAP]
    assert sorted(named) == sorted(tables.METADATA.tables)


def test_names_every_column_and_nothing_else(held: Held):
    assert set(held.fields) == {column.name for column in table_of(held).columns}


def test_says_everything_in_words(held: Held):
    said = [held.why, held.until.words, held.on_erase.why, *held.fields.values()]
    said += [*held.harmless.values(), *([held.exported] if held.exported is not True else [])]
    for words in said:
        assert isinstance(words, str)
        assert words.strip() == words
        assert len(words) >= WORDS_MIN
        assert "|" not in words, "it stands in a table of docs/PRIVACY.md"
    assert held.seen_by


def test_every_text_says_whether_it_can_lead_to_a_person(held: Held):
    texts = columns(held, COULD_NAME_SOMEBODY)
    assert set(held.personal) | set(held.harmless) == texts
    assert not set(held.personal) & set(held.harmless)


def test_who_knows_a_person_is_about_people(held: Held):
    names_a_person = any(
        key.target_fullname in {"member.id", "participant.id"}
        for column in table_of(held).columns
        for key in column.foreign_keys
    )
    assert held.is_about_people or not names_a_person


def test_periods_are_counted_from_moments(held: Held):
    kept = held.until
    if kept.rule == Rule.PERIOD:
        assert kept.since
        assert set(kept.since) <= columns(held, MOMENTS)
        assert set(kept.unless) <= set(held.fields)
    else:
        assert not kept.since
    if kept.rule == Rule.ALONG:
        assert table_of(held).columns[str(kept.along)].foreign_keys


def test_erasing_blanks_columns_that_are_there(held: Held):
    assert set(held.on_erase.columns) <= set(held.fields)
    assert bool(held.on_erase.columns) == (held.on_erase.what == Erasing.BLANK)


def test_answers_for_one_table_and_for_people():
    assert data_map.of("member").personal == ("issuer", "subject")
    people = {held.table for held in data_map.about_people()}
    assert {"member", "share", "visit", "conversion", "team_member"} <= people
    assert not {"brand", "heartbeat"} & people
