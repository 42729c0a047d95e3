"""Our clients, codes and tokens, as Authlib asks about them."""

# ruff: noqa: ANN401 - Authlib passes its own objects around without saying their types
# mypy: disable-error-code="override, union-attr, no-any-return, no-untyped-call, arg-type"

import secrets
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from server import tokens
from server.services import clients
from server.services.authorizations import Permission

PUBLIC_METHODS = ["none"]
SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
"""How a client shows at the token endpoint that it is itself (RFC 8414 names)."""


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """A client as Authlib asks about it."""

    facts: clients.Client

    def get_client_id(self) -> str:
        """Return what the client calls itself."""
        return self.facts.client_id

    def get_default_redirect_uri(self) -> None:
        """Return nothing: an authorization request always names its address."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scopes that a request gets; None refuses it, none asked for means all."""
        asked = set(scope.split()) if scope else set(self.facts.scopes)
        if not asked <= set(self.facts.scopes):
            return None
        return " ".join(name for name in self.facts.scopes if name in asked)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the address is registered, character by character."""
        return redirect_uri in self.facts.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is the client's secret, in a time that says nothing about it."""
        kept = self.facts.secret_hash
        return kept is not None and secrets.compare_digest(kept, tokens.kept(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Tell whether the client may identify itself so."""
        return method in (SECRET_METHODS if self.facts.secret_hash else PUBLIC_METHODS)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether people can be asked to allow this client something."""
        return response_type == "code" and self.facts.brand_id is None

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may get tokens so."""
        if self.facts.brand_id is None:
            return grant_type in {"authorization_code", "refresh_token"}
        return grant_type == "client_credentials"


@dataclass(frozen=True, slots=True)
class Kept(AuthorizationCodeMixin, TokenMixin):
    """A code or a refresh token as Authlib asks about it."""

    permission: Permission

    @property
    def code_challenge(self) -> str:
        """What the verifier of this code must hash to."""
        return self.permission.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """How: always by SHA-256."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Return the address to which the code was sent."""
        return self.permission.redirect_uri

    def get_scope(self) -> str:
        """Return what was allowed."""
        return self.permission.scope

    def check_client(self, client: Any) -> bool:
        """Tell whether it was given to this client."""
        return bool(client.facts.id == self.permission.client_id)
