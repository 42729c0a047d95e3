"""Where links lead: the token goes into the address of the page, and nothing else changes."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services.landings import around_token


@pytest.mark.parametrize(
    ("page_url", "address"),
    [
        ("https://a.example", "https://a.example/?ff=T"),
        ("https://a.example/", "https://a.example/?ff=T"),
        ("https://a.example/p", "https://a.example/p?ff=T"),
        ("https://a.example/p?", "https://a.example/p?ff=T"),
        ("https://a.example/p?b=1", "https://a.example/p?b=1&ff=T"),
        ("https://a.example/p?b=1&", "https://a.example/p?b=1&ff=T"),
        ("https://a.example/p#c", "https://a.example/p?ff=T#c"),
        ("https://a.example/p?b=1#c?d=2", "https://a.example/p?b=1&ff=T#c?d=2"),
        ("https://a.example/p?ff=old&b=1", "https://a.example/p?b=1&ff=T"),
        ("https://a.example/p?%66f=old&ff", "https://a.example/p?ff=T"),
        ("https://a.example/p?ffx=1&xff=2", "https://a.example/p?ffx=1&xff=2&ff=T"),
        ("https://a.example/p?q=a%20b+c%26d", "https://a.example/p?q=a%20b+c%26d&ff=T"),
        ("https://a.example/p?u=https://b.example/?c=d", None),
        ("http://127.0.0.1:8003/boots", "http://127.0.0.1:8003/boots?ff=T"),
        ("https://a.example/a b/ä", "https://a.example/a%20b/%C3%A4?ff=T"),
    ],
)
def test_the_token_joins_the_query(page_url: str, address: str | None):
    before, after = around_token(page_url)
    assert f"{before}T{after}" == (address or f"{page_url}&ff=T")


names = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=8)


@given(
    path=names,
    query=st.lists(st.tuples(names.filter(lambda name: name not in {"", "ff"}), names)),
    fragment=names,
)
def test_every_other_part_of_the_page_stays(path: str, query: list[tuple[str, str]], fragment: str):
    def plain(text: str) -> str:
        return "".join(c for c in text if c not in "?#&=%+;/\\[]")

    pairs = [(plain(name) + "x", plain(value)) for name, value in query]
    written = "&".join(f"{name}={value}" for name, value in pairs)
    page_url = f"https://a.example/{plain(path)}?{written}#{plain(fragment)}"
    before, after = around_token(page_url)
    parts = urlsplit(f"{before}T{after}")
    assert parts.netloc == "a.example"
    assert parts.geturl().isascii()
    assert parse_qsl(parts.query, keep_blank_values=True) == [*pairs, ("ff", "T")]
