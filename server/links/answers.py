"""Answers of the click process: redirects, small pages, problems."""

import base64
import hashlib
import json
from html import escape
from typing import NamedTuple

from server.links.rsgi import Headers as RequestHeaders
from server.links.words import ONWARD, PAGES, UNMUTE, Page
from server.services.languages import accepted

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """What goes back to the visitor."""

    status: int
    headers: Headers
    body: bytes = b""


_STYLE = """
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;box-sizing:border-box;
font:1.0625rem/1.55 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:32rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .75rem;text-wrap:balance}
p{margin:0 0 1rem}
a{color:LinkText}
button{font:inherit;padding:.5rem 1rem;margin:0 0 1rem}
small{opacity:.75}
"""
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
_PAGE_HEADERS: Headers = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", _POLICY),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
]


def redirect(location: str, status: int = 302) -> Answer:
    """Send the visitor on; nothing on the way may remember it or learn the link."""
    headers = [
        ("location", location),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ]
    return Answer(status, headers)


def page(
    status: int,
    about: Page,
    headers: RequestHeaders,
    *,
    leads_to: str = "",
    button: str = "",
    **names: str,
) -> Answer:
    """Return a small page in the visitor's language that needs nothing else; all text is escaped.

    ``leads_to`` is the address of the brand's page, if the visitor may still go there, and
    ``button`` where a form's only button sends its click.
    """
    language = accepted(headers.get("accept-language", ""))
    title, words = (text.format(**names) for text in PAGES[language][about])
    onward = ""
    if leads_to:
        label = escape(ONWARD[language].format(**names))
        onward = f'<p><a href="{escape(leads_to)}" rel="noreferrer">{label}</a></p>'
    if button:
        label = escape(UNMUTE[language])
        onward = f'<form method="post" action="{escape(button)}"><button>{label}</button></form>'
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(words)}</p>{onward}"
        "<p><small>Fanfare</small></p></main></body></html>"
    )
    spoken = [("content-language", str(language)), ("vary", "Accept-Language")]
    return Answer(status, [*_PAGE_HEADERS, *spoken], html.encode())


def problem(
    site_url: str, slug: str, status: int, title: str, detail: str, **extension: str
) -> Answer:
    """Return a problem document (RFC 9457)."""
    document = {
        "type": f"{site_url}/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        **extension,
    }
    headers = [
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    return Answer(status, headers, json.dumps(document).encode())


def with_headers(answer: Answer, *more: tuple[str, str]) -> Answer:
    """Return the answer with further headers."""
    return answer._replace(headers=[*answer.headers, *more])
