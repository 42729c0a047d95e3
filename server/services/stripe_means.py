"""What the Stripe services need besides the database: Stripe itself, and our key."""

from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken

from server import sealing
from server.gateways.stripe.client import Access, Client, Stripe
from server.gateways.stripe.failures import AccessEnded
from server.settings import Settings
from server.store.stripe_accounts import StripeAccount

__all__ = ["Client", "Means", "access", "of", "opens"]


@dataclass(frozen=True, slots=True)
class Means:
    """Stripe, the key that opens sealed secrets, and our own address."""

    stripe: Stripe
    sealing_key: str = field(repr=False)
    site_url: str


def of(settings: Settings) -> Means:
    """Return Stripe as the settings name it, and our keys."""
    return Means(
        stripe=Stripe(
            secret_key=settings.stripe_secret_key,
            client_id=settings.stripe_client_id,
            api_url=settings.stripe_api_url,
            connect_url=settings.stripe_connect_url,
        ),
        sealing_key=settings.sealing_key,
        site_url=settings.site_url,
    )


def access(means: Means, account: StripeAccount) -> Access:
    """Return how to ask about an account: with its own key, or with ours in its name.

    Raises:
        AccessEnded: our sealing key is another one than when the key was kept.

    """
    if account.sealed_key is None:
        return Access(means.stripe.platform_key, account.account_ref)
    try:
        return Access(sealing.unseal(means.sealing_key, account.sealed_key))
    except InvalidToken as error:
        raise AccessEnded(
            "Our own key no longer opens the one that was kept; enter it again."
        ) from error


def opens(means: Means, sealed: str) -> bool:
    """Tell whether our sealing key opens what was kept."""
    try:
        sealing.unseal(means.sealing_key, sealed)
    except InvalidToken:
        return False
    return True
