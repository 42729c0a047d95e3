"""QR codes as pictures of their own."""

import io
from http import HTTPStatus
from typing import Any

import segno
from flask import Response
from pydantic import BaseModel

QR: dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
}
"""What a view that draws one answers with."""


def qr(words: str) -> Response:
    """Return a picture of some words that a camera reads."""
    picture = io.BytesIO()
    segno.make(words, error="m", micro=False).save(
        picture, kind="svg", scale=4, border=4, light="white", xmldecl=False
    )
    return Response(picture.getvalue(), content_type="image/svg+xml")
