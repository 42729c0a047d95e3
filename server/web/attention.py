"""Whether somebody looks at a page: what is shown to nobody was neither asked nor read."""

from flask import request

AHEAD = ("prefetch", "prerender", "preview")
"""How browsers say that nobody looks at what they ask for yet."""


def is_looked_at() -> bool:
    """Tell whether a person opened this page, as far as their browser says."""
    headers = request.headers
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')}".lower()
    is_page = headers.get("Sec-Fetch-Dest", "document") == "document"
    return request.method == "GET" and is_page and not any(word in purpose for word in AHEAD)
