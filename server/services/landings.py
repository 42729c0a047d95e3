"""Where a link leads on to: the offer's page, and only on a host of its brand.

Pure: the click process and the friend's page build the same addresses with it.
"""

from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

TOKEN_PARAMETER = "ff"  # noqa: S105 - the name of a query parameter

_SAFE = "%/:?#[]@!$&'()*+,;=-._~"


def written(page_url: str) -> str:
    """Return an address as it can stand in a header: what is not ASCII gets percent signs."""
    return quote(page_url, safe=_SAFE)


def is_on(page_url: str, hosts: set[str]) -> bool:
    """Tell whether an address is a page on one of these hosts."""
    parts = urlsplit(page_url)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() in hosts


def with_token(page_url: str, token: str) -> str:
    """Return the address that hands a visit's token to the brand's page."""
    before, after = around_token(page_url)
    return f"{before}{token}{after}"


def around_token(page_url: str) -> tuple[str, str]:
    """Return the address before and after the token: ``https://a/?b=1&ff=`` and ``#c``.

    The query stays as it is, but for a token that somebody left in it.
    """
    parts = urlsplit(written(page_url))
    kept = [
        pair
        for pair in parts.query.split("&")
        if pair and unquote_plus(pair.partition("=")[0]) != TOKEN_PARAMETER
    ]
    query = "&".join([*kept, f"{TOKEN_PARAMETER}="])
    before = urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))
    return before, f"#{parts.fragment}" if parts.fragment else ""
