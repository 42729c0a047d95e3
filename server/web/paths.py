"""Addresses of this site, for leading people back to where they were."""

import re
from urllib.parse import quote

from flask import request

LONGEST = 2000
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")


def is_own(target: str) -> bool:
    r"""Tell whether a browser takes ``target`` for a path of this site.

    Browsers take ``//host``, ``/\host`` and addresses with tabs or line breaks in them to other
    sites, so only what has none of these counts as a path.
    """
    return (
        len(target) <= LONGEST
        and target.startswith("/")
        and not target.startswith("//")
        and not _UNSEEN.search(target)
    )


def here() -> str:
    """Return the path and query of this request, as an address that leads back to it."""
    query = request.query_string.decode("ascii", "replace")
    return quote(request.path) + (f"?{query}" if query else "")
