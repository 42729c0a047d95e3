"""User agents of crawlers, of makers of link previews, and of programs that fetch without anybody.

The list is the one of the ``crawler-user-agents`` package.  What it does not have stands here, and
what it takes for a crawler although people come with it.  A mistake to the one side counts a robot,
which no beacon will verify; a mistake to the other takes a person's visit from the sharer.
"""

import re

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

NOT_LISTED = {
    "Bluesky Cardyb": "makes link previews",
    "Ezooms": "listed in lower case; it writes itself like this too",
    "Google favicon": "listed with a capital",
    r"\+ ?https?://": "the address of a robot's own page, as robots write it",
    r"\w*[a-z]Bot\b": "names itself so; the phones of Cubot are written otherwise",
    r"^(?!Mozilla/|Opera/)[^(]*\([^)]*https?://": "a program with the address of its home page",
    r"^Dalvik/": "an app of Android that fetches in the background; pages open in a browser",
    r"^(?!Mozilla/).*\bCFNetwork/": "an app of Apple's systems that fetches in the background",
    "Spinn3r|Feed Fetcher|Google Desktop": "collects pages for somebody who may read them later",
    r"\blibfetch/": "a library of BSD",
    r"^(?:portscout|IrssiUrlLog)/": "checks or collects links",
    r"Link (?:Validator|Checker)\b": "checks links",
}
"""Patterns of our own, and why no person comes with them."""

PEOPLE_TOO = {
    r"AP3A\.240617\.008": "a build of Android 15 that many makers' phones have",
    "MetaIAB Facebook": "the browser in Facebook's app",
    "Fluid": "a browser for one site on macOS",
    r"Code\/1\.": "the page view of an editor, whoever looks at it",
    r"Trae\/": "the page view of another editor",
}
"""Patterns of the package that are left out, and who comes with them."""

NARROWED = {
    "Viber": "^Viber",
    r"Tumblr\/": r"^Tumblr\/",
    r"PayPal\/": r"^PayPal\/",
    r"Instapaper\/": r"^Instapaper\/",
    r"Bluesky\/": r"^Bluesky\/",
    "Feedly": "^Feedly",
    r"008\/": r"(?:^|; )008\/",
    "Sogou": "Sogou(?!Mobile|MSE|Search|Explorer)",
}
"""Patterns of the package that apps' own browsers say too, and how only their fetchers say it."""


def _patterns() -> list[str]:
    listed = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA]
    kept = [NARROWED.get(pattern, pattern) for pattern in listed if pattern not in PEOPLE_TOO]
    return [*kept, *NOT_LISTED]


PATTERN = re.compile("|".join(_patterns()))


def named_in(user_agent: str) -> str | None:
    """Return the part of a user agent by which a crawler is known, or None."""
    found = PATTERN.search(user_agent)
    return found[0] if found else None
