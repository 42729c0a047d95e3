"""What customers and friends read comes in every language, whole."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Message
from jinja2 import Environment, nodes

from rewards.explain import Language
from rewards.explain_notes import NOTES
from rewards.explain_texts import SENTENCES
from server import errors
from server.links.words import ONWARD, PAGES
from server.services import consent_texts, consents, disclosures, refusal_texts
from server.web import advice, problems
from tests.house import messages
from tests.house.code import ROOT, tree_of
from tests.house.messages import SERVER

LANGUAGES = list(messages.CATALOGUES)
SAYING = {"_", "gettext", "ngettext"}
SHOWN_ATTRIBUTES = {"alt", "aria-label", "content", "placeholder", "title"}
NAMES = {"API", "Fanfare"}
"""Words that are the same in every language."""


@pytest.fixture(scope="module")
def wanted():
    return messages.extracted()


@pytest.mark.parametrize("language", LANGUAGES)
class TestACatalogue:
    def test_has_what_is_said_and_nothing_else(self, language, wanted):
        written = {message.id for message in messages.sentences(messages.read(language))}
        assert written == {message.id for message in messages.sentences(wanted)}

    def test_is_translated_whole(self, language):
        for message in messages.sentences(messages.read(language)):
            assert not message.fuzzy, message.id
            assert all(messages.said_by(message)), message.id

    def test_is_written_as_make_translations_writes_it(self, language, tmp_path):
        again = tmp_path / "messages.po"
        catalogue = messages.read(language)
        catalogue.update(messages.extracted())
        messages.write(catalogue, again)
        assert again.read_bytes() == messages.CATALOGUES[language].read_bytes()

    def test_keeps_the_values_and_the_tags_of_a_sentence(self, language):
        for message in messages.sentences(messages.read(language)):
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            for one in messages.said_by(message):
                assert marks(one, message) == marks(english[-1], message), message.id


def marks(sentence: str, message: Message) -> list[str]:
    """Return the placeholders and tags of a sentence."""
    tags = re.findall(r"</?\w[^>]*>|&\w+;", sentence)
    if message.python_format:
        return sorted(re.findall(r"%(?:\(\w+\)[sd])?", sentence) + tags)
    return sorted(names_in(sentence) + tags)


class Visible(HTMLParser):
    """Collects what a reader sees or hears of a template's own text."""

    def __init__(self):
        super().__init__()
        self.words = []
        self.is_code = False

    def handle_starttag(self, tag, attributes):
        shown = SHOWN_ATTRIBUTES - ({"content"} if tag == "meta" else set())
        self.words += [value or "" for name, value in attributes if name in shown]
        self.is_code = tag == "code"

    def handle_endtag(self, tag):
        self.is_code = False

    def handle_data(self, data):
        if not self.is_code:  # what programs say is the same in every language
            self.words.append(data)


def visible(source: str) -> list[str]:
    """Return the words of a template that are shown as they stand there."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    for block in tree.find_all(nodes.Block):
        if block.name.endswith("_class"):  # stands in an attribute that nobody sees
            block.body = []
    html = Visible()
    html.feed("\N{SECTION SIGN}".join(part.data for part in tree.find_all(nodes.TemplateData)))
    html.close()
    words = [word for text in html.words for word in re.findall(r"[^\W\d_]{2,}", text)]
    return [*(word for word in words if word not in NAMES), *constants(tree)]


def constants(node: nodes.Node) -> list[str]:
    """Return the sentences in a template's expressions that nothing translates."""
    found = []
    for child in node.iter_child_nodes():
        is_said = (
            isinstance(node, nodes.Call)
            and isinstance(node.node, nodes.Name)
            and node.node.name in SAYING
        )
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            if not is_said and re.search(r"^[A-Z][a-z]|[a-z] [a-z]+ [a-z]", child.value):
                found.append(child.value)
        else:
            found += constants(child)
    return found


@pytest.mark.parametrize("path", messages.TEMPLATES, ids=lambda path: path.name)
def test_a_template_shows_no_words_of_its_own(path: Path):
    assert visible(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ('<a title="Go on" class="big">Fanfare</a>', ["Go", "on"]),
        ("{{ 'No' if x else _('Yes') }}", ["No"]),
        ("{{ button(code, 'copy the code') }}", ["copy the code"]),
        ("{% trans %}Hello{% endtrans %} {{ _('You') }} <b class='x'>12</b>", []),
    ],
)
def test_words_that_stand_in_a_template_are_seen(source, words):
    assert visible(source) == words


@pytest.mark.parametrize("path", messages.SPEAKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_problem_that_people_meet_has_words_in_every_language(path: Path):
    raised = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    }
    for error, kind in problems.KINDS.items():
        if error.__name__ in raised:
            assert kind.slug in advice.MET_BY_PEOPLE, error.__name__


def test_problems_that_people_meet_are_problems():
    assert set(advice.by_slug()) >= advice.MET_BY_PEOPLE


@pytest.mark.parametrize("language", Language)
def test_consents_disclosures_and_refusals_come_in_every_language(language):
    for purpose in {purpose for purpose, _ in consent_texts.TEXTS}:
        assert consents.text(purpose, language).language == language
    assert len({words for _, words in consent_texts.TEXTS.values()}) == len(consent_texts.TEXTS)
    for table in (disclosures.TEXT, disclosures.CARD, disclosures.NAMELESS_CARD):
        assert set(table) == set(Language)
        assert len(set(table.values())) == len(Language)
    for texts in refusal_texts._TEXTS.values():  # noqa: SLF001 - every refusal, whatever its key
        assert len(set(texts)) == len(Language)


def test_pages_of_links_have_the_same_names_in_every_language():
    english = PAGES[Language.ENGLISH]
    for language in Language:
        assert names_in(ONWARD[language]) == ["brand"]
        assert set(PAGES[language]) == set(english)
        for page, texts in PAGES[language].items():
            assert [names_in(text) for text in texts] == [names_in(text) for text in english[page]]
            if language is not Language.ENGLISH:
                assert not set(texts) & set(english[page])


def names_in(sentence: str) -> list[str]:
    """Return the names that are filled in."""
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def sentences_of(language: Language) -> list[str]:
    """Return everything that is said to people in a language."""
    written = messages.sentences(messages.read(language))
    return [
        *(one for message in written for one in messages.said_by(message)),
        *SENTENCES[language].values(),
        *NOTES[language].values(),
        disclosures.TEXT[language],
        disclosures.CARD[language],
        disclosures.NAMELESS_CARD[language],
        *(text for texts in PAGES[language].values() for text in texts),
    ]


@pytest.mark.parametrize(
    ("language", "familiar"),
    [
        (Language.GERMAN, r"\b(du|dich|dir|dein\w*|euch|euer)\b"),
        (Language.FRENCH, r"\b(tu|te|toi|ton|ta|tes)\b"),
    ],
)
def test_nobody_is_called_by_the_familiar_form(language, familiar):
    for sentence in sentences_of(language):
        assert not re.search(familiar, sentence, re.IGNORECASE), sentence


def test_an_installed_package_has_every_catalogue_and_template(tmp_path: Path):
    source = tmp_path / "source"
    for name in ("server", "rewards"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run(  # noqa: S603 - this Python, and a text of ours
        [sys.executable, "-c", build], cwd=source, check=True, capture_output=True
    )
    (wheel,) = source.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = [*messages.CATALOGUES.values(), *(SERVER / "templates").rglob("*.html")]
    assert {str(path.relative_to(ROOT)) for path in wanted} <= packed


def test_an_error_keeps_its_sentence_apart_from_its_values():
    error = errors.NotAllowed("Not by {provider}.", provider="{Acme}")
    assert str(error) == "Not by {Acme}."
    assert (error.sentence, error.values) == ("Not by {provider}.", {"provider": "{Acme}"})
    assert str(errors.NotFound("a {brace}")) == "a {brace}"
