"""The authorization server during one request.

It holds that request's transaction and moment, so nothing here is global.  Whatever Authlib
answers, the transaction is committed, because a refusal may have ended a stolen family.
"""

# ruff: noqa: ANN401 - Authlib passes its own objects around without saying their types
# mypy: disable-error-code="override, union-attr, no-any-return, no-untyped-call"
# mypy: disable-error-code="arg-type, return-value"

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Response
from sqlmodel import Session
from werkzeug.datastructures import Headers

from server import tokens
from server.services import authorizations, clients
from server.services.authorizations import ACCESS_LIFE
from server.web.oauth.asked import Request, Turn
from server.web.oauth.grants import S256, CodeGrant, RefreshGrant, Revocation, SecretGrant
from server.web.oauth.records import Client, Kept


class Server(AuthorizationServer):
    """The authorization server during one request."""

    def __init__(self, db: Session, *, issuer: str, key: str, now: datetime) -> None:
        """Work in this transaction, at this moment; the key makes names that only we can make."""
        super().__init__()
        self.turn = Turn(db, issuer, now)
        self._key = key
        self.register_token_generator(
            "default",
            BearerTokenGenerator(_new_token, _new_token, _lasts),
        )
        self.register_grant(CodeGrant, [S256(required=True)])
        self.register_grant(RefreshGrant)
        self.register_grant(SecretGrant)
        self.register_endpoint(Revocation)

    def consider(self, asked: Request, member_id: int | None = None) -> "Consent | Response | str":
        """Return what a person is asked to allow.

        A request that is not right gets an answer for its client, or a sentence for the person
        when the way back to the client cannot be trusted.
        """
        try:
            grant = self.get_consent_grant(asked, end_user=member_id)
        except OAuth2Error as error:
            return (
                self.handle_error_response(asked, error)
                if error.redirect_uri
                else str(error.description)
            )
        return Consent(grant.client.facts.title, tuple(grant.request.scope.split()), grant)

    def decide(self, asked: Request, consent: "Consent", member_id: int | None) -> Response:
        """Tell the client what the member allowed; None did not."""
        return self.create_authorization_response(asked, grant_user=member_id, grant=consent.grant)

    def give_token(self, asked: Request) -> Response:
        """Give a client a token, or say why not."""
        if not asked.payload.grant_type:
            return self._refuse(asked, "Send a form with a grant_type.")
        return self._refuse_repeated(asked) or self.create_token_response(asked)

    def take_back(self, asked: Request) -> Response:
        """End a token that its client no longer needs."""
        return self._refuse_repeated(asked) or self.create_endpoint_response("revocation", asked)

    def query_client(self, client_id: str) -> Client | None:
        """Return the client that calls itself so."""
        found = clients.find(self.turn.db, client_id=client_id)
        return Client(found) if found else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Keep the hashes of a token that is about to be sent, and say whose it is.

        ``person`` names a member to this client alone, the same at every sign-in, so that what
        waited on a device is never sent in the name of somebody else.
        """
        if request.user is not None:
            client_id = request.client.facts.client_id
            token["person"] = tokens.keyed(self._key, "person", client_id, str(request.user))[:32]
        before: Kept | None = request.authorization_code or request.refresh_token
        authorizations.keep_token(
            self.turn.db,
            client_id=request.client.facts.id,
            member_id=request.user,
            scope=token.get("scope", ""),
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token"),
            family=before.permission.family if before else None,
            now=self.turn.now,
        )

    def create_oauth2_request(self, request: Any) -> Any:
        """Return the request as it is: ``Request`` is made by the view."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody."""

    def handle_response(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> Any:
        """Return an answer; one that leads back to the client says who it is from (RFC 9207)."""
        answer = Response(
            json.dumps(body) if isinstance(body, dict) else body, status, Headers(list(headers))
        )
        answer.headers["Cache-Control"] = "no-store"
        if answer.location:
            answer.location = add_params_to_uri(answer.location, [("iss", self.turn.issuer)])
        return answer

    def _refuse_repeated(self, asked: Request) -> Response | None:
        if any(len(values) > 1 for values in asked.payload.datalist.values()):
            return self._refuse(asked, "Each parameter may stand in a request once.")
        return None

    def _refuse(self, asked: Request, sentence: str) -> Response:
        return self.handle_error_response(asked, InvalidRequestError(sentence))


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person is asked to allow: which client, and what it may do."""

    title: str
    scopes: tuple[str, ...]
    grant: Any


def _new_token(**_about: object) -> str:
    return tokens.secret()


def _lasts(_client: Any, _grant_type: str) -> int:
    return int(ACCESS_LIFE.total_seconds())
