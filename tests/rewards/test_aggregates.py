"""What others see of customers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rewards.aggregates import BranchTotals, Table, branch, in_threes, table


def people(**cells: int) -> list[tuple[int, str]]:
    """Return that many customers for each cell."""
    names = [cell for cell, count in cells.items() for _ in range(count)]
    return list(enumerate(names))


class TestTable:
    def test_rounds_to_5(self):
        assert table(people(x=22, y=23)) == Table({"x": 20, "y": 25}, 45)

    def test_hides_what_is_small_and_what_would_give_it_away(self):
        assert table(people(x=100, y=40, z=19)) == Table({"x": 100, "y": None, "z": None}, 160)

    def test_shows_the_rest_when_enough_are_hidden_together(self):
        assert table(people(x=100, y=12, z=11)) == Table({"x": 100, "y": None, "z": None}, 125)

    def test_hides_everything_of_few(self):
        assert table(people(x=19)) == Table({"x": None}, None)
        assert table([]) == Table({}, None)

    def test_lists_empty_cells_as_hidden(self):
        assert table(people(x=30), cells=["x", "y"]) == Table({"x": 30, "y": None}, 30)

    def test_crossing_with_a_profile_field_needs_50(self):
        crossed = table(people(x=60, y=49, z=70), crossed=True)
        assert crossed == Table({"x": None, "y": None, "z": 70}, 180)

    def test_a_profile_cell_that_holds_everybody_is_hidden(self):
        assert table(people(x=80), cells=["y"], crossed=True) == Table({"y": None, "x": None}, 80)
        assert table(people(x=80)).cells == {"x": 80}
        assert table([], crossed=True) == Table({}, None)

    def test_a_customer_counts_in_one_cell(self):
        twice = [*people(x=25), *((customer, "y") for customer in range(25))]
        assert table(twice, cells=["x", "y"]) == Table({"x": 25, "y": None}, 25)

    @given(
        st.lists(st.tuples(st.integers(0, 400), st.sampled_from("abcdef")), max_size=400),
        st.booleans(),
    )
    def test_nobody_is_found_by_subtraction(self, rows: list[tuple[int, str]], crossed: bool):
        shown, enough = table(rows, crossed=crossed), 50 if crossed else 20
        first: dict[int, str] = {}
        for customer, cell in rows:
            first.setdefault(customer, cell)
        counts = Counter(first.values())
        hidden = sum(counts[cell] for cell, value in shown.cells.items() if value is None)
        assert hidden == 0 or hidden >= enough or shown.total is None
        for cell, value in shown.cells.items():
            assert value is None or (counts[cell] >= enough and value % 5 == 0)
            assert value is None or abs(value - counts[cell]) <= 2


def test_a_participant_sees_a_few_or_totals():
    assert branch(people=2, visits=9, orders=1) is None
    assert branch(people=3, visits=9, orders=1) == BranchTotals(3, 9, 1)


def test_a_participant_sees_people_below_in_whole_threes():
    assert [in_threes(people) for people in range(8)] == [0, 0, 0, 3, 3, 3, 6, 6]
