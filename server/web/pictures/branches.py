"""What a share set in motion, as a tree with words: the picture and the list say the same."""

from collections.abc import Callable

from flask_babel import gettext, ngettext

from server.services.branches import Branch
from server.web.pictures.trees import Node

LINK, VISITS, ORDERS, PEOPLE, FEW, OTHERS = "link", "visits", "orders", "people", "few", "others"
MARKS_MAX = 3
"""As large as the mark of visits or orders is drawn; people are what the picture is about."""


def tree_of(branch: Branch) -> Node:
    """Return the tree: the own link, what came through it, and the generations below."""
    children = [_visits(branch.visits), _orders(branch.orders), _generation(branch.generations, 0)]
    if branch.others is not None:
        through = (_visits(branch.others.visits), _orders(branch.others.orders))
        words = gettext("All their links together")
        children.append(Node(OTHERS, words, children=through))
    return Node(LINK, gettext("Your link"), 12, tuple(children))


def in_words(node: Node) -> str:
    """Write a tree in one sentence, for who does not see it."""
    inner = "; ".join(in_words(child) for child in node.children)
    return f"{node.words} ({inner})" if inner else node.words


def _visits(count: int) -> Node:
    words = ngettext("%(num)s verified visit", "%(num)s verified visits", count)
    return Node(VISITS, words, min(count, MARKS_MAX))


def _orders(count: int) -> Node:
    return Node(ORDERS, ngettext("%(num)s order", "%(num)s orders", count), min(count, MARKS_MAX))


def _generation(generations: tuple[int, ...], step: int) -> Node:
    """Return one generation above all that come after it; the last is nobody or a few."""
    if step == len(generations):
        words = gettext("maybe a few more") if step else gettext("fewer than 3 who shared on")
        return Node(FEW, words)
    below = (_generation(generations, step + 1),)
    people = generations[step]
    if not people:
        return Node(FEW, _A_FEW[step](), children=below)
    return Node(PEOPLE, _PEOPLE[step](people), people, below)


_PEOPLE: tuple[Callable[[int], str], ...] = (
    lambda people: gettext("at least %(people)s friends who shared on", people=people),
    lambda people: gettext("at least %(people)s of their friends", people=people),
    lambda people: gettext("at least %(people)s one step further", people=people),
    lambda people: gettext("at least %(people)s further on", people=people),
)
_A_FEW: tuple[Callable[[], str], ...] = (
    lambda: gettext("a few friends who shared on"),
    lambda: gettext("a few of their friends"),
    lambda: gettext("a few one step further"),
)
"""Of the generations before the last that is shown."""
