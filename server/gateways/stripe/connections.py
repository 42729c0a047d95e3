"""Connecting an account: by Connect OAuth or by a restricted key; and letting it go."""

from dataclasses import dataclass, field

from stripe import StripeClient

from server.gateways.stripe.client import Access, Stripe
from server.gateways.stripe.codes import PAGE
from server.gateways.stripe.events import TYPES
from server.gateways.stripe.failures import AccessEnded, Broken, Refused, told

PERMISSIONS = (
    "Coupons: write",
    "Promotion codes: write",
    "Events: read",
    "Charges and refunds: read",
    "Accounts, basic details: read",
    "Webhook endpoints: write, or make the endpoint yourself",
)
"""What a restricted key must be able to do, as Stripe's dashboard calls it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that lets us in."""

    ref: str
    is_live_mode: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """An endpoint of an account that leads to us, and the secret that signs what it sends."""

    ref: str
    secret: str = field(repr=False)


def departure(stripe: Stripe, *, state: str, returns_to: str) -> str:
    """Return the address at Stripe where an owner connects an account."""
    return stripe.reach(Access(stripe.platform_key)).oauth.authorize_url(
        {
            "scope": "read_write",
            "response_type": "code",
            "state": state,
            "redirect_uri": returns_to,
        }
    )


def arrival(stripe: Stripe, *, code: str) -> Account:
    """Return the account whose owner came back with a code.

    Raises:
        Failed: Stripe does not know the code, or does not answer.

    """
    with told():
        token = stripe.reach(Access(stripe.platform_key)).oauth.token(
            {"grant_type": "authorization_code", "code": code}
        )
    if not token.stripe_user_id:
        raise Refused("Stripe names no account.", code=None, status=None)
    return Account(token.stripe_user_id, is_live_mode=bool(token.livemode))


def look(client: StripeClient, *, is_live_mode: bool) -> Account:
    """Return the account of a restricted key, which must be able to do what we need to read.

    Raises:
        Failed: the key is not good, or not good enough.

    """
    with told():
        account = client.v1.accounts.retrieve_current()
        client.v1.coupons.list({"limit": 1})
        client.v1.promotion_codes.list({"limit": 1})
        client.v1.events.list({"limit": 1})
        client.v1.refunds.list({"limit": 1})
    return Account(account.id, is_live_mode=is_live_mode)


def make_hook(client: StripeClient, *, url: str, key: str | None) -> Hook | None:
    """Let the account tell us what happens; None when the key does not allow it.

    Raises:
        Failed: Stripe does not answer, or does not accept the address.

    """
    try:
        with told():
            made = client.v1.webhook_endpoints.create(
                {
                    "url": url,
                    "enabled_events": list(TYPES),
                    "description": "Fanfare",
                },
                {"idempotency_key": key},
            )
    except (AccessEnded, Refused):
        return None
    except Broken:
        if key is None:
            raise
        _remove_hooks_to(client, url)  # nobody knows the secret of what that may have made
        return make_hook(client, url=url, key=None)
    return Hook(made.id, made.secret) if made.secret else None


def remove_hook(client: StripeClient, ref: str) -> None:
    """Let the account tell us nothing any more; an endpoint that is gone stays so.

    Raises:
        Failed: Stripe does not do it.

    """
    try:
        with told():
            client.v1.webhook_endpoints.delete(ref)
    except Refused as refusal:
        if not refusal.is_missing:
            raise


def leave(stripe: Stripe, account_ref: str) -> None:
    """Give back the access that an account gave by Connect; twice changes nothing.

    Raises:
        Failed: Stripe does not answer.

    """
    try:
        with told():
            stripe.reach(Access(stripe.platform_key)).oauth.deauthorize(
                {"stripe_user_id": account_ref}
            )
    except Refused as refusal:
        if refusal.code != "invalid_client":  # it is not connected any more
            raise


def _remove_hooks_to(client: StripeClient, url: str) -> None:
    with told():
        found = client.v1.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter()
        refs = [hook.id for hook in found if hook.url == url]
    for ref in refs:
        remove_hook(client, ref)
