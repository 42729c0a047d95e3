"""Reaching Stripe: with the platform's key for an account that connected, or with its own key."""

from dataclasses import dataclass, field

import stripe
from stripe import StripeClient

ANSWERS_WITHIN_SECONDS = (5.0, 20.0)
"""How long to wait for a connection, and for an answer."""

stripe.enable_telemetry = False

Client = StripeClient


@dataclass(frozen=True, slots=True)
class Access:
    """How to ask about one account: a key, and the account's id where the key is the platform's."""

    key: str = field(repr=False)
    account_ref: str | None = None


class Stripe:
    """Stripe, or whatever answers at these addresses; what is asked of it lies beside."""

    def __init__(
        self, *, secret_key: str = "", client_id: str = "", api_url: str = "", connect_url: str = ""
    ) -> None:
        """Prepare; the key and the id are the platform's, and nothing is asked yet."""
        self.platform_key = secret_key
        self.client_id = client_id
        self._api_url = api_url or stripe.DEFAULT_API_BASE
        self._connect_url = connect_url or stripe.DEFAULT_CONNECT_API_BASE
        self._http = stripe.RequestsClient(timeout=ANSWERS_WITHIN_SECONDS)

    @property
    def can_connect(self) -> bool:
        """Tell whether brands can connect by Connect."""
        return bool(self.platform_key and self.client_id)

    def reach(self, access: Access) -> Client:
        """Return a client that asks about one account."""
        return StripeClient(
            access.key,
            stripe_account=access.account_ref,
            base_addresses={"api": self._api_url, "connect": self._connect_url},
            client_id=self.client_id or None,
            max_network_retries=0,  # the outbox tries again, with the same idempotency keys
            http_client=self._http,
        )

    def close(self) -> None:
        """Close the connections of this thread."""
        self._http.close()  # type: ignore[no-untyped-call]
