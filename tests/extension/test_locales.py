"""What the extension says, it says in every language, with the same values."""

import json
import re
from pathlib import Path

import pytest

from rewards.explain import Language

EXTENSION = Path(__file__).parents[2] / "extension"
LOCALES = {
    path.parent.name: {key: entry["message"] for key, entry in json.loads(path.read_text()).items()}
    for path in sorted(EXTENSION.glob("_locales/*/messages.json"))
}
ENGLISH = LOCALES["en"]
OTHERS = [name for name in LOCALES if name != "en"]


def test_are_the_languages_of_the_site() -> None:
    assert set(LOCALES) == set(Language)


@pytest.mark.parametrize("name", OTHERS)
class TestALocale:
    def test_has_the_words_of_english_and_no_others(self, name: str) -> None:
        assert set(LOCALES[name]) == set(ENGLISH)

    def test_keeps_the_values_of_each_sentence(self, name: str) -> None:
        for key, words in LOCALES[name].items():
            wanted = sorted(set(re.findall(r"\$\d", ENGLISH[key])))
            assert sorted(set(re.findall(r"\$\d", words))) == wanted, key

    def test_is_translated(self, name: str) -> None:
        for key, words in LOCALES[name].items():
            assert words.strip() == words != "", key
            if len(re.findall(r"[A-Za-z]{2,}", ENGLISH[key])) > 1:
                assert words != ENGLISH[key], key

    def test_ends_each_sentence_as_english_does(self, name: str) -> None:
        for key, words in LOCALES[name].items():
            assert (words[-1] in ".!?") == (ENGLISH[key][-1] in ".!?"), key

    def test_knows_its_own_name(self, name: str) -> None:
        assert LOCALES[name]["localeCode"] == name


def test_german_speaks_formally() -> None:
    informal = re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE)
    assert [key for key, words in LOCALES["de"].items() if informal.search(words)] == []


def test_french_speaks_formally() -> None:
    informal = re.compile(r"\b(tu|te|toi|ton|ta|tes)\b", re.IGNORECASE)
    assert [key for key, words in LOCALES["fr"].items() if informal.search(words)] == []


def test_names_fit_into_the_stores() -> None:
    """Chromium's store takes 75 characters of a name and 132 of a description."""
    for name, words in LOCALES.items():
        assert len(words["name"]) <= 75, name
        assert len(words["description"]) <= 132, name
