"""How asking Stripe fails: it is silent, it no longer lets us in, or it says no."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe
from stripe import oauth_error


class Failed(Exception):
    """Base of what this package raises; ``str(error)`` may be shown to the brand's team."""


class Silent(Failed):
    """Stripe did not answer, or not yet: the same request may work later."""


class Broken(Silent):
    """Stripe answered that it failed; for a day it answers the same Idempotency-Key so."""


class AccessEnded(Failed):
    """Stripe no longer lets us in, or not this far."""


class Refused(Failed):
    """Stripe says no to this request, and would say so again."""

    def __init__(self, sentence: str, *, code: str | None, status: int | None) -> None:
        """Keep what Stripe calls it, for programs."""
        super().__init__(sentence)
        self.code = code
        self.status = status

    @property
    def is_missing(self) -> bool:
        """Tell whether what the request names does not exist."""
        return self.code == "resource_missing"


@contextmanager
def told() -> Iterator[None]:
    """Raise Stripe's errors as ours; their messages never hold a whole key."""
    try:
        yield
    except stripe.AuthenticationError as error:
        raise AccessEnded("Stripe does not accept the key any more.") from error
    except stripe.PermissionError as error:
        raise AccessEnded(f"Stripe does not allow this: {_words(error)}") from error
    except stripe.RateLimitError as error:
        raise Silent("Stripe asks us to slow down.") from error
    except stripe.APIConnectionError as error:
        raise Silent("Stripe does not answer.") from error
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        raise Refused(_words(error), code=error.code, status=error.http_status) from error
    except oauth_error.OAuthError as error:
        raise Refused(_words(error), code=error.code, status=error.http_status) from error
    except stripe.StripeError as error:
        raise Broken("Stripe has a problem of its own.") from error


def _words(error: stripe.StripeError) -> str:
    return (error.user_message or "no reason is given")[:150]
