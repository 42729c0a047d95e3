"""Telling whose event a signed request from Stripe carries."""

from sqlmodel import Session

from server import sealing
from server.errors import NotFound
from server.services import stripe_means
from server.services.stripe_means import Means
from server.store import stripe_accounts as store


def secret_of(db: Session, means: Means, *, public_id: str) -> tuple[int, str]:
    """Return the account that an endpoint belongs to, and the secret that signs what comes there.

    Raises:
        NotFound: there is no such account, or it waits for nothing.

    """
    row = store.find_by_public_id(db, public_id)
    if (
        row is None
        or row.id is None
        or row.sealed_hook_secret is None
        or not stripe_means.opens(means, row.sealed_hook_secret)
    ):
        raise NotFound("No Stripe account sends its events here.")
    return row.id, sealing.unseal(means.sealing_key, row.sealed_hook_secret)


def connected(db: Session, *, account_ref: str | None) -> int | None:
    """Return the account that came by Connect and is called so; None when it is not ours."""
    row = store.connected_by_ref(db, account_ref) if account_ref else None
    return row.id if row is not None else None
