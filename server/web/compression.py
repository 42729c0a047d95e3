"""Answers of the APIs in fewer bytes, for those who accept gzip.

Pages stay as they are: they carry the token of their forms beside what a visitor typed, and who can
make a browser ask often and sees the lengths of compressed answers can guess such a token letter by
letter (BREACH).  An API's answer belongs to a bearer token that no other site can make a browser
send, so nobody but its owner can ask for it.
"""

from flask import Flask, Response, request
from flask_compress import Compress

PATHS = ("/api/", "/openapi.json")
SMALLEST_BYTES = 1_000
"""Below, the headers weigh more than what is saved."""


def init_app(app: Flask) -> None:
    """Compress what the APIs answer."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_MIMETYPES=["application/json"],
        COMPRESS_MIN_SIZE=SMALLEST_BYTES,
    )
    compress = Compress()
    compress.init_app(app)

    @app.after_request
    def make_smaller(response: Response) -> Response:
        return compress.after_request(response) if request.path.startswith(PATHS) else response
