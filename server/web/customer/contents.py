"""The reader of exclusive content: text, a file, or a link, for whoever unlocked it.

Reading changes nothing.  Opening for the first time does, so it is a button: what was opened stays
open, whatever becomes of visits.
"""

import re

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from server import clock
from server.errors import NotFound
from server.gateways.media_types import EXTENSIONS
from server.services import content_shelves
from server.services.content_shelves import Content
from server.web import caller
from server.web.database import reading, transaction
from server.web.markdown import as_html
from server.web.uploads import uploads

bp = Blueprint("contents", __name__, url_prefix="/content")

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_ONE_PART = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@bp.get("/<content_id>")
def show(content_id: str) -> str:
    """Show an item, or the button that opens it for the first time."""
    item = _mine(content_id)
    text = as_html(item.body) if item.kind == "markdown" else Markup()
    return render_template("customer/content.html", item=item, text=text)


@bp.post("/<content_id>/opening")
def open_first(content_id: str) -> Response:
    """Open an item for good; doing it twice changes nothing."""
    member_id = caller.customer().member_id
    with transaction() as db:
        content_shelves.open_first(db, member_id=member_id, public_id=content_id, now=clock.now())
    return redirect(url_for("contents.show", content_id=content_id), 303)


@bp.get("/<content_id>/file")
def file(content_id: str) -> Response:
    """Send an opened file, whole or the parts that are asked for, to be saved and never shown."""
    item = _mine(content_id)
    if item.kind != "file":
        raise NotFound("This content is no file.")
    if item.first_opened_at is None:
        return redirect(url_for("contents.show", content_id=content_id), 303)
    if not _is_one_part(request.headers.get("Range", ""), item.size or 0):
        request.environ.pop("HTTP_RANGE", None)
    response = send_file(
        uploads().path(item.file_name),
        mimetype=item.media_type,
        as_attachment=True,
        download_name=_name(item),
        conditional=True,
        etag=item.sha256,
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _mine(content_id: str) -> Content:
    member_id = caller.customer().member_id
    with reading() as db:
        return content_shelves.find(db, member_id=member_id, public_id=content_id)


def _is_one_part(asked: str, size: int) -> bool:
    """Tell whether a ``Range`` names one part of a file; anything else is answered with all of it.

    HTTP lets a server send everything where several parts are asked for, and asks it to where the
    words or the unit are unknown (RFC 9110, 14.2).
    """
    found = _ONE_PART.fullmatch(asked)
    if found is None:
        return False
    first, last = found.groups()
    if not first:
        return bool(last) and 0 < int(last) < size
    return not last or int(first) <= int(last)


def _name(item: Content) -> str:
    """Return the name under which a file is saved, made from its title."""
    plain = _NOT_IN_NAMES.sub("-", item.title.lower()).strip("-")
    return f"{plain or item.public_id}.{EXTENSIONS[item.media_type]}"
