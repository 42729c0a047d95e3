"""Lists in pages, newest first, that stay in step while rows are added.

A view takes a ``PageQuery``, and asks its store for rows below ``page.before_id`` and one more than
``page.limit``::

    page = paging.page(partner, query)
    with reading() as db:
        found = things.of_brand(db, brand_id=..., before_id=page.before_id, limit=page.limit + 1)
    return paging.answer(page, [(row_id, ThingOut.of(thing)) for row_id, thing in found])

The answer is ``{"items": [...], "next_cursor": ...}`` with a ``Link`` (RFC 8288); its shape for the
documentation is a subclass of ``PageOut`` with ``items``.  A cursor is the last row id and the list
it belongs to, as one encrypted block: it tells nobody how many rows there are, and the same place
has the same cursor, so that pages keep their ``ETag``.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from flask import Response, jsonify, request
from pydantic import BeforeValidator, Field

from server.errors import CursorInvalid
from server.web.caller import Partner
from server.web.database import settings
from server.web.shapes import Out, Query

HALF = 8
"""A block of 16 bytes: half of it names the list, half of it is the row's id."""


def _in_digits(value: object) -> object:
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("write a whole number in digits")
    return value


class PageQuery(Query):
    """Which page of a list; newest first."""

    cursor: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="Where to go on: `next_cursor` of the page before. Without it, the newest.",
        ),
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=100, description="At most so many."), BeforeValidator(_in_digits)
    ] = 20


class PageOut(Out):
    """One page; ``next_cursor`` leads to older ones, and is null on the last page."""

    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for: rows below ``before_id``, at most ``limit``."""

    before_id: int | None
    limit: int
    of: str


def page(partner: Partner, query: PageQuery) -> Page:
    """Read a query.

    Raises:
        CursorInvalid: this list of this brand never gave the cursor.

    """
    of = f"{partner.brand_id} {request.path}"
    return Page(None if query.cursor is None else _read(query.cursor, of), query.limit, of)


def answer(page: Page, found: Sequence[tuple[int, Out]]) -> Response:
    """Answer with a page out of rows with their ids: of one row more than the limit, not the last.

    With ``If-None-Match`` of the same page, only that nothing changed.
    """
    shown = found[: page.limit]
    is_last = len(found) <= page.limit
    cursor = None if is_last else _write(shown[-1][0], page.of)
    items = [out.model_dump(mode="json") for _, out in shown]
    response = jsonify(items=items, next_cursor=cursor)
    links = [(None, "first")] if is_last else [(cursor, "next"), (None, "first")]
    response.headers["Link"] = ", ".join(f'<{_address(at)}>; rel="{rel}"' for at, rel in links)
    response.add_etag()
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def _address(cursor: str | None) -> str:
    """Return this list's address at another place; never built from the Host header."""
    asked = [(k, v) for k, v in request.args.items() if k != "cursor"]
    query = urlencode(asked + ([("cursor", cursor)] if cursor else []))
    return f"{settings().site_url}{request.path}" + (f"?{query}" if query else "")


def _write(row_id: int, of: str) -> str:
    block = _name(of) + row_id.to_bytes(HALF, "big")
    return base64.urlsafe_b64encode(_cipher().encryptor().update(block)).decode().rstrip("=")


def _read(cursor: str, of: str) -> int:
    try:
        sealed = base64.b64decode(cursor + "==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        sealed = b""
    block = _cipher().decryptor().update(sealed) if len(sealed) == 2 * HALF else b""
    if block[:HALF] != _name(of):
        raise CursorInvalid(
            "This list did not give this cursor. Begin again without one, and take each next one"
            " from next_cursor."
        )
    return int.from_bytes(block[HALF:], "big")


def _name(of: str) -> bytes:
    return hashlib.sha256(of.encode()).digest()[:HALF]


def _cipher() -> Cipher[ECB]:
    key = hashlib.sha256(b"cursor " + settings().secret_key.encode()).digest()
    return Cipher(AES(key), ECB())  # noqa: S305 - one block alone: there is nothing to repeat
