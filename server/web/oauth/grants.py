"""The ways to a token, and the way to give one back."""

# ruff: noqa: ANN401 - Authlib passes its own objects around without saying their types
# mypy: disable-error-code="override, union-attr, no-any-return, no-untyped-call, arg-type"

from typing import Any

from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    UnsupportedResponseTypeError,
    grants,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge

from server.services import authorizations
from server.web.oauth.asked import Turn
from server.web.oauth.records import PUBLIC_METHODS, SECRET_METHODS, Client, Kept


class _Turned:
    """Something that works in its server's transaction, at its server's moment."""

    server: Any

    @property
    def turn(self) -> Turn:
        """The transaction and the moment."""
        return self.server.turn


class S256(CodeChallenge):
    """Proof key for code exchange, by SHA-256 and for everybody."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - Authlib's own form

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse an authorization request without a challenge that only its sender can meet."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a code_challenge with code_challenge_method S256.")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(_Turned, grants.AuthorizationCodeGrant):
    """A person allows a program something."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC_METHODS

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:  # noqa: ARG003
        """Take every authorization request, so that each is refused in the same way."""
        return True

    def validate_authorization_request(self) -> str:
        """Return where the answer goes, once the request is found to be good.

        Authlib writes unknown values into its sentences, and some characters in them would be an
        error of their own; so those are refused here before it sees them.
        """
        payload = self.request.payload
        client = self.server.query_client(payload.client_id or "")
        if client is None:
            raise InvalidRequestError("There is no such client.")
        if not client.check_redirect_uri(payload.redirect_uri or ""):
            raise InvalidRequestError("The redirect_uri is not one that this client registered.")
        if not client.check_response_type(payload.response_type or ""):
            raise UnsupportedResponseTypeError(
                "code",
                "The only response_type is code, for clients that act for people.",
                redirect_uri=payload.redirect_uri,
            )
        return str(super().validate_authorization_request())

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Do nothing: ``generate_authorization_code`` has kept it."""

    def generate_authorization_code(self) -> str:
        """Write down what was allowed, and return the code for it."""
        return authorizations.issue_code(
            self.turn.db,
            client_id=self.request.client.facts.id,
            member_id=self.request.user,
            redirect_uri=self.request.payload.redirect_uri,
            scope=self.request.scope,
            code_challenge=self.request.payload.data["code_challenge"],
            now=self.turn.now,
        )

    def query_authorization_code(self, code: str, client: Client) -> Kept | None:
        """Return what a code stands for."""
        found = authorizations.read_code(
            self.turn.db, code=code, client_id=client.facts.id, now=self.turn.now
        )
        return Kept(found) if found else None

    def delete_authorization_code(self, authorization_code: Kept) -> None:
        """Use the code up."""
        authorizations.use_code(
            self.turn.db, code_id=authorization_code.permission.id, now=self.turn.now
        )

    def authenticate_user(self, authorization_code: Kept) -> int:
        """Return the member who allowed it."""
        return authorization_code.permission.member_id


class RefreshGrant(_Turned, grants.RefreshTokenGrant):
    """A program goes on acting for a person, with new tokens each time."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Kept | None:
        """Return what a refresh token stands for."""
        found = authorizations.read_refresh_token(
            self.turn.db,
            token=refresh_token,
            client_id=self.request.client.facts.id,
            now=self.turn.now,
        )
        if found is None:
            raise InvalidGrantError("The refresh token is not valid, has expired or was used.")
        return Kept(found)

    def authenticate_user(self, refresh_token: Kept) -> int:
        """Return the member who allowed it."""
        return refresh_token.permission.member_id

    def revoke_old_credential(self, refresh_token: Kept) -> None:
        """Mark the token that was used as replaced."""
        authorizations.replace(
            self.turn.db, token_id=refresh_token.permission.id, now=self.turn.now
        )


class SecretGrant(grants.ClientCredentialsGrant):
    """A partner's back end acts for its brand."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS


class Revocation(_Turned, RevocationEndpoint):
    """A client gives a token back, and with it all of its family (RFC 7009)."""

    CLIENT_AUTH_METHODS = [*PUBLIC_METHODS, *SECRET_METHODS]  # noqa: RUF012 - Authlib's own form

    def authenticate_token(self, request: Any, client: Client) -> str | None:
        """Return the family of the token; a token that nobody knows is already gone."""
        self.check_params(request, client)
        return authorizations.family_of(
            self.turn.db, token=request.form["token"], client_id=client.facts.id
        )

    def revoke_token(self, token: str, request: Any) -> None:  # noqa: ARG002
        """End the family."""
        authorizations.revoke(self.turn.db, family=token, now=self.turn.now)
