"""Where Stripe tells what happened: verified, stored, answered; the work comes later.

``/hooks/stripe`` takes the events of all accounts that came by Connect, signed with the platform's
secret; ``/hooks/stripe/<id>`` those of one account that is connected by its own key.
"""

import structlog
from flask import Blueprint, request

from server import clock
from server.errors import Invalid, NotFound
from server.gateways.stripe import events as gateway
from server.services import stripe_events, stripe_hooks
from server.web import means
from server.web.database import reading, settings, transaction

LARGEST_BYTES = 256_000

bp = Blueprint("stripe_hooks", __name__, url_prefix="/hooks/stripe")
log = structlog.get_logger()


@bp.post("")
def platform() -> tuple[str, int]:
    """Take an event of an account that came by Connect."""
    secret = settings().stripe_webhook_secret
    if not secret:
        raise NotFound("Nothing is connected to Stripe here.")
    event = _event(secret)
    with reading() as db:
        account_id = stripe_hooks.connected(db, account_ref=event.account_ref)
    if account_id is None:
        log.info("stripe_event_of_nobody", type=event.type)
        return "", 204
    return _take_in(account_id, event)


@bp.post("/<public_id>")
def own(public_id: str) -> tuple[str, int]:
    """Take an event of an account that is connected by its own key."""
    with reading() as db:
        account_id, secret = stripe_hooks.secret_of(db, means.stripe(), public_id=public_id)
    return _take_in(account_id, _event(secret))


def _event(secret: str) -> gateway.Event:
    """Return the signed event.

    Raises:
        Invalid: Stripe did not sign it, or too long ago.

    """
    request.max_content_length = LARGEST_BYTES
    raw = request.get_data(cache=False)
    try:
        return gateway.read(raw, header=request.headers.get("Stripe-Signature", ""), secret=secret)
    except gateway.Forged:
        raise Invalid("The signature is not one of Stripe's, or too old.") from None


def _take_in(account_id: int, event: gateway.Event) -> tuple[str, int]:
    with transaction() as db:
        stripe_events.take_in(
            db, means.stripe(), account_id=account_id, event=event, now=clock.now()
        )
    return "", 204
