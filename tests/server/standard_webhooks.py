"""Checking a webhook as its receiver does, written from the text of the specification alone.

Standard Webhooks 1.0.0: what is signed is ``id.timestamp.payload``, by HMAC-SHA256 under the bytes
whose base64 follows ``whsec_``; ``webhook-signature`` holds signatures between spaces, each with
its version, ``v1,`` and base64.  One that fits is enough.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from tests.server.receivers import Request

TOLERANCE = timedelta(minutes=5)


def is_from(secret: str, request: Request, *, now: datetime) -> bool:
    """Tell whether a request was signed with a secret, not long before now."""
    stamp = request.headers["webhook-timestamp"]
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    prefix, _, coded = secret.partition("_")
    assert prefix == "whsec"
    signed = request.headers["webhook-id"].encode() + b"." + stamp.encode() + b"." + request.body
    right = hmac.digest(base64.b64decode(coded, validate=True), signed, hashlib.sha256)
    given = [one.split(",", 1) for one in request.headers["webhook-signature"].split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(base64.b64decode(coded), right)
        for version, coded in given
    )
