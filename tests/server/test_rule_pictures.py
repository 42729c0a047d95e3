"""The picture of the reward rule has the engine's own numbers, to the last part."""

from itertools import pairwise

from hypothesis import given, settings

from rewards.explain import why
from rewards.forest import payable_minor, reward
from rewards.money import WHOLE
from server.web.pictures import rules
from server.web.pictures.rules import Share, lay_out
from tests.rewards.history import any_terms, play, steps
from tests.rewards.story import DEFAULT_TERMS, tell

ANN = """
    Ann joins
    Bob joins by Ann    orders 120.00
    Cat joins by Ann    orders  90.00
    Dan joins by Bob    orders 300.00    Ann earns 3.00
"""


def test_ann_sees_her_steps_and_what_is_hers():
    told = tell(DEFAULT_TERMS, ANN)
    picture = lay_out(DEFAULT_TERMS.schedule, why(DEFAULT_TERMS, told.person))
    assert [(s.credit_minor, s.reward_parts // WHOLE) for s in picture.steps] == [
        *((60_00, 2_40), (180_00, 10_80), (270_00, 21_60)),
        (0, 0),
    ]
    assert [step.stands_here for step in picture.steps] == [False, False, True, False]
    assert picture.whole_parts == 34_80 * WHOLE
    assert {part.share: part.parts // WHOLE for part in picture.parts} == {
        Share.OTHERS: 31_80,
        Share.PENDING: 3_00,
    }


@settings(deadline=None)
@given(any_terms(), steps)
def test_every_number_is_the_engines(terms, history):
    world = play(terms, history)
    for node in world.forest.participants.values():
        picture = lay_out(terms.schedule, why(terms, node))
        shares = {part.share: part.parts for part in picture.parts}
        own = sum(parts for share, parts in shares.items() if share is not Share.OTHERS)
        assert sum(step.credit_minor for step in picture.steps) == node.pot.branch_credit
        assert sum(step.reward_parts for step in picture.steps) == picture.whole_parts
        assert picture.whole_parts == terms.schedule.reward(node.pot.branch_credit)
        assert shares.get(Share.OTHERS, 0) == node.pot.children_reward
        assert own + picture.carry_parts == reward(terms, node.pot)
        assert 0 <= picture.carry_parts < WHOLE
        assert shares.get(Share.PAYABLE, 0) == max(0, payable_minor(terms, node)) * WHOLE
        assert sum(step.stands_here for step in picture.steps) == 1


@settings(deadline=None)
@given(any_terms(), steps)
def test_everything_is_in_its_place(terms, history):
    world = play(terms, history)
    for node in world.forest.participants.values():
        picture = lay_out(terms.schedule, why(terms, node))
        assert picture == lay_out(terms.schedule, why(terms, node)), "the same, every time"
        for step in picture.steps:
            assert 0 <= step.filled <= picture.width
            assert (step.filled > 0) <= (step.credit_minor > 0)
        for one, after in pairwise(picture.steps):
            assert one.y + one.height + rules.WORDS <= after.y, "room for words between"
            assert one.height <= after.height, "a higher rate is a higher step"
        last = picture.steps[-1]
        assert last.y + last.height + rules.WORDS <= picture.whole_y
        assert picture.whole_y + rules.THICK <= picture.height
        for part, after in pairwise(picture.parts):
            assert part.x + part.width == after.x
        if picture.parts:
            assert picture.parts[0].x == 0
            assert picture.parts[-1].x + picture.parts[-1].width <= picture.width
