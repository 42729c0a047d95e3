"""The fast way over a whole forest gives the same numbers as the forest."""

from hypothesis import given

from rewards import batch
from rewards.forest import reward
from tests.rewards.history import any_counts, any_terms, vested_forest
from tests.rewards.story import DEFAULT_TERMS


@given(terms=any_terms(), counts=any_counts(size_max=15))
def test_every_derived_number_is_the_one_that_the_forest_keeps(terms, counts):
    forest = vested_forest(terms, counts)
    nodes = list(forest.participants.values())

    own = batch.credits_of(terms, [c.value for c in counts], [c.visits for c in counts])
    result = batch.rewards(terms.schedule, [(c.parent or 0) - 1 for c in counts], own)

    assert own == [node.vest.credit for node in nodes]
    assert result.branch_credit == [node.vest.branch_credit for node in nodes]
    assert result.reward == [reward(terms, node.vest) for node in nodes]
    assert result.total == forest.totals.vest


def test_the_worked_example():
    """Ann brings Bob and Cat, Bob brings Dan (docs/ENGINE.md §3)."""
    result = batch.rewards(DEFAULT_TERMS.schedule, [-1, 0, 0, 1], [0, 12_000, 9_000, 30_000])
    assert result.reward == [3_000_000, 9_600_000, 4_200_000, 18_000_000]
    assert result.total == 3_480 * 10_000


def test_nobody_at_all():
    assert batch.rewards(DEFAULT_TERMS.schedule, [], []) == batch.Batch([], [], 0)
