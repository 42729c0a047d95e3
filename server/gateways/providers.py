"""Identity providers: sending a person there, and learning who came back.

OpenID Connect with the authorization code flow, PKCE (S256), state and nonce; the scope is
``openid`` alone, so a provider has nothing to tell but an issuer and a subject.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.integrations.base_client import BaseApp, OAuth2Mixin, OAuthError, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError

from server.errors import NotAllowed, Unavailable
from server.settings import LOOPBACK, IdentityProvider

TIMEOUT_SECONDS = 5
METADATA_SECONDS = 3600
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures that only the provider can make; never ``none``, never one by a shared secret."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send a person, and what to remember until they come back."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is: this issuer knows them by this subject."""

    issuer: str
    subject: str


class Provider:
    """One identity provider that people can sign in with."""

    def __init__(self, config: IdentityProvider, redirect_uri: str) -> None:
        """Prepare to talk to the provider; nothing is asked before the first sign-in."""
        self.name = config.name
        self.title = config.title
        self._issuer = config.issuer
        self._redirect_uri = redirect_uri
        self._client = _Client(config)

    def begin(self) -> Departure:
        """Return where to send a person who wants to sign in.

        Raises:
            Unavailable: the provider does not answer, or with something else than it should.

        """
        with self._asking():
            begun = self._client.create_authorization_url(self._redirect_uri)
        return Departure(begun["url"], begun["state"], begun["nonce"], begun["code_verifier"])

    def finish(self, *, code: str, nonce: str, verifier: str, issuer: str | None) -> Identity:
        """Return who came back with ``code``; ``issuer`` is what the provider calls itself there.

        Raises:
            Unavailable: the provider does not answer, or with something else than it should.
            NotAllowed: the provider does not vouch for the person, or not to us, or not now.

        """
        with self._asking():
            metadata = self._client.load_server_metadata()
            if issuer is None and metadata["authorization_response_iss_parameter_supported"]:
                raise NotAllowed("The answer does not say which provider it comes from.")
            if issuer not in {None, self._issuer}:  # RFC 9207: another provider's answer
                raise NotAllowed("The answer comes from another provider than the one asked.")
            token = self._client.fetch_access_token(  # type: ignore[no-untyped-call]
                self._redirect_uri, code=code, code_verifier=verifier
            )
            claims = self._client.parse_id_token(
                token,
                nonce=nonce,
                claims_options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client.client_id},
                    "sub": {"essential": True},
                },
            )
        if claims is None or not isinstance(claims["sub"], str):
            raise NotAllowed("We did not learn who you are from {provider}.", provider=self.title)
        return Identity(self._issuer, claims["sub"])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what can go wrong with somebody else's server into our errors, and log it."""
        try:
            yield
        except (OAuthError, JoseError) as error:
            log.warning("sign_in_refused", provider=self.name, error=type(error).__name__)
            raise NotAllowed(
                "This sign-in was not confirmed by {provider}. Please start again.",
                provider=self.title,
            ) from error
        except (requests.RequestException, ValueError, TypeError, KeyError, RuntimeError) as error:
            log.warning("provider_unavailable", provider=self.name, error=type(error).__name__)
            raise Unavailable(
                "There is no answer as it should be from {provider}. "
                "Please try again in a few minutes.",
                provider=self.title,
            ) from error


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):
    """Authlib's client, which believes of a discovery document only what it can check."""

    client_cls = OAuth2Session

    def __init__(self, config: IdentityProvider) -> None:
        super().__init__(
            framework=None,
            name=config.name,
            client_id=config.client_id,
            client_secret=config.client_secret,
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )
        self._issuer = config.issuer

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the provider's metadata, at most an hour old.

        Raises:
            ValueError: the document is for another issuer or names an address that is not safe.

        """
        known: dict[str, Any] = self.server_metadata
        if known.get("_loaded_at", -METADATA_SECONDS) + METADATA_SECONDS > time.monotonic():
            return known
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = requests.get(url, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        found = answer.json()
        if found["issuer"] != self._issuer:
            raise ValueError(f"the metadata is for the issuer {found['issuer']!r}")
        offered = found.get("id_token_signing_alg_values_supported", ["RS256"])
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        self.server_metadata = known = {
            "issuer": self._issuer,
            "authorization_endpoint": _safe(found["authorization_endpoint"]),
            "token_endpoint": _safe(found["token_endpoint"]),
            "jwks_uri": _safe(found["jwks_uri"]),
            "id_token_signing_alg_values_supported": [a for a in SIGNED_WITH if a in offered],
            "authorization_response_iss_parameter_supported": bool(
                found.get("authorization_response_iss_parameter_supported")
            ),
            "token_endpoint_auth_method": "client_secret_basic"
            if "client_secret_basic" in methods
            else "client_secret_post",
            "_loaded_at": time.monotonic(),
        }
        return known


def _safe(url: object) -> str:
    """Return an address that nobody on the way can read or change.

    Raises:
        ValueError: it is no address, or one that is not https and not on this machine.

    """
    if isinstance(url, str):
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
            return url
    raise ValueError(f"the metadata names an address that is not safe: {url!r}")
