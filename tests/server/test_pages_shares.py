"""The page of one share: the picture, the same in words, and nobody else's eyes."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from rewards.explain import Language
from server import clock
from server.services import branches
from server.web.pictures import branches as drawn
from server.web.pictures import trees
from tests.server import pages_world

SVG = re.compile(r"<svg class=\"tree\".*?</svg>", re.DOTALL)
SPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def world(database):
    with database.transaction() as db:
        world = pages_world.story(db)
        pages_world.spread(db, world, people=8, below=6)
    return world


@pytest.fixture
def ada(client, sign_in, world):
    assert sign_in(client, "ada") == world.ada
    return client


def picture_of(page: str) -> ET.Element:
    (drawn_here,) = SVG.findall(page)
    named = drawn_here.replace("<svg ", f'<svg xmlns="{SPACE[1:-1]}" ', 1)
    return ET.fromstring(named)  # noqa: S314 - our own page


def words_in(picture: ET.Element) -> list[str]:
    """Return what stands in a picture, node by node."""
    return [
        " ".join(line.text for line in words.iter(f"{SPACE}tspan"))
        for words in picture.iter(f"{SPACE}text")
    ]


def said(page: str) -> list[str]:
    """Return the entries of the list that says the same."""
    listed = page.split("tree-list", 1)[1].split("</details>", 1)[0]
    return [" ".join(words.split()) for words in re.findall(r"<li>([^<]+)", listed)]


def test_a_share_is_drawn_and_said_alike(ada, world):
    page = ada.get(f"/shares/{world.link}").text
    words = words_in(picture_of(page))
    assert words == said(page)
    assert words == [
        *("Your link", "8 verified visits", "2 orders"),
        *("at least 9 friends who shared on", "at least 6 of their friends"),
        *("maybe a few more", "All their links together", "6 verified visits", "1 order"),
    ]


def test_it_has_a_name_and_a_description_for_who_does_not_see_it(ada, world):
    picture = picture_of(ada.get(f"/shares/{world.link}").text)
    assert picture.get("role") == "img"
    ids = picture.get("aria-labelledby").split()
    found = {part.get("id"): part.text for part in picture if part.get("id")}
    assert list(found) == ids
    assert "Your link (8 verified visits; 2 orders; at least 9 friends" in found[ids[1]]


def test_every_person_that_is_counted_has_a_seed(ada, world):
    page = ada.get(f"/shares/{world.link}").text
    seeds = [len(group) for group in picture_of(page).iter(f"{SPACE}g") if len(group)]
    assert seeds == [9, 6]


def test_it_names_nobody_and_needs_no_script_or_style(ada, world):
    page = ada.get(f"/shares/{world.link}").text
    (picture,) = SVG.findall(page)
    assert "Bela" not in page
    assert not re.search(r"<script|style=|on\w+=|href", picture)


def test_the_same_share_is_the_same_picture(ada, world):
    first, second = (SVG.findall(ada.get(f"/shares/{world.link}").text) for _ in range(2))
    assert first == second


def test_the_list_of_shares_leads_to_it(ada, world):
    assert f'href="/shares/{world.link}"' in ada.get("/shares").text


def test_nobody_else_finds_it(ada, client, browser, sign_in, world):
    for person in ("bela", "carl", "dora", "spread-0"):
        other = browser()
        sign_in(other, person)
        answer = other.get(f"/shares/{world.link}")
        assert answer.status_code == 404
        assert answer.status_code == other.get("/shares/0000000000").status_code
        assert "verified" not in answer.text
    assert browser().get(f"/shares/{world.link}").status_code == 303, "to sign in, and back"


def test_it_stays_after_a_withdrawal(ada, world, csrf_token):
    before = words_in(picture_of(ada.get(f"/shares/{world.link}").text))
    ada.post(f"/shares/{world.link}/withdrawal", data={"csrf_token": csrf_token(ada)})
    page = ada.get(f"/shares/{world.link}").text
    assert words_in(picture_of(page)) == before
    assert "Withdrawn on" in page


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("people", [0, 3, 10_000])
def test_words_fit_beside_the_tree_in_every_language(app, language, people):
    """Ten thousand people are a dozen nodes, and no word is wider than its place."""
    branch = branches.Branch(
        as_of=clock.now() - timedelta(hours=1),
        visits=1_234_567,
        orders=123_456,
        generations=(people // 3 * 3,) * 3 + (9_999,),
        others=branches.aggregates.BranchTotals(people, 1_234_567, 123_456),
        is_cut=True,
    )
    with app.test_request_context(headers={"Accept-Language": language}):
        picture = trees.lay_out(drawn.tree_of(branch))
    assert len(picture.spots) == 11
    assert picture.height < 700
    for spot in picture.spots:
        widest = max(map(len, spot.lines)) * trees.CHARACTER
        assert spot.words_x + widest <= picture.width
        assert len(spot.lines) <= 3
