"""Receipts to take along: one, or all of them in one file."""

from collections.abc import Iterator

from flask import Blueprint, Response, stream_with_context

from server import clock
from server.services import receipts, signing_keys
from server.services.receipt_documents import Issuer
from server.services.signing_keys import Signer
from server.web import caller
from server.web.database import reading, settings, transaction

bp = Blueprint("receipts", __name__)

CONTENT_TYPE = "application/jose"


@bp.get("/my-data/consents/<public_id>/receipt")
def one(public_id: str) -> Response:
    """Give a customer the receipt of one of their consents."""
    member_id = caller.customer().member_id
    with transaction() as db:
        receipt = receipts.issue(
            db,
            member_id=member_id,
            consent_public_id=public_id,
            issuer=_issuer(),
            signer=signing_keys.ensure(db, sealing_key=settings().sealing_key, now=clock.now()),
            now=clock.now(),
        )
    return _file(f"fanfare-receipt-{public_id}.jws", iter([receipt.jws]))


@bp.get("/my-data/receipts")
def every() -> Response:
    """Give a customer the receipts of all of their consents, one a line."""
    member_id = caller.customer().member_id
    with transaction() as db:
        signer = signing_keys.ensure(db, sealing_key=settings().sealing_key, now=clock.now())
    return _file("fanfare-receipts.jws", stream_with_context(_lines(member_id, signer)))


def _lines(member_id: int, signer: Signer) -> Iterator[str]:
    after_id = 0
    while True:
        with reading() as db:
            page = receipts.page(
                db,
                member_id=member_id,
                after_id=after_id,
                issuer=_issuer(),
                signer=signer,
                now=clock.now(),
            )
        if not page:
            return
        after_id = page[-1].consent_id
        yield "".join(f"{receipt.jws}\n" for receipt in page)


def _issuer() -> Issuer:
    return Issuer(settings().site_url, settings().jurisdiction, settings().secret_key)


def _file(name: str, content: Iterator[str]) -> Response:
    response = Response(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
