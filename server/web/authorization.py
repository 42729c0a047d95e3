"""The authorization server: a person allows the extension, a program gets and gives back tokens."""

from http import HTTPStatus

from flask import Blueprint, Flask, redirect, render_template, request
from sqlmodel import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from server import clock
from server.services import authorizations, clients
from server.web import caller, languages
from server.web.database import reading, settings, transaction
from server.web.oauth.asked import Request
from server.web.oauth.server import Consent, Server

AUTHORIZE, TOKEN, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/revoke"

bp = Blueprint("authorization", __name__)


def init_app(app: Flask) -> None:
    """Add the authorization server."""
    app.register_blueprint(bp)


@bp.get(AUTHORIZE)
def ask() -> Response | str | tuple[str, int]:
    """Ask a person whether a program may act for them."""
    with reading() as db:
        consent = _server(db).consider(_asked())
    if not isinstance(consent, Consent):
        return _refused(consent)
    caller.customer()
    return render_template(
        "authorization/consent.html",
        title=languages.said(consent.title),
        sentences=[languages.said(clients.APP_SCOPES[name]) for name in consent.scopes],
        query=request.query_string.decode("ascii", "replace"),
    )


@bp.post(AUTHORIZE)
def decide() -> Response | tuple[str, int]:
    """Tell the program what the person decided."""
    member_id = caller.customer().member_id
    is_allowed = request.form.get("decision") == "allow"
    with transaction() as db:
        server, asked = _server(db), _asked()
        consent = server.consider(asked, member_id)
        if not isinstance(consent, Consent):
            return _refused(consent)
        return server.decide(asked, consent, member_id if is_allowed else None)


@bp.post(TOKEN)
def token() -> Response:
    """Give a program tokens for a code, a refresh token, or its own secret (RFC 6749)."""
    with transaction() as db:
        return _server(db).give_token(_sent())


@bp.post(REVOKE)
def revoke() -> Response:
    """Take a token back that its program no longer needs (RFC 7009)."""
    with transaction() as db:
        return _server(db).take_back(_sent())


@bp.post("/connected-apps/<family>/revoke")
def disconnect(family: str) -> Response:
    """End what the person allowed a program."""
    member_id = caller.customer().member_id
    with transaction() as db:
        authorizations.disconnect(db, member_id=member_id, family=family, now=clock.now())
    return redirect("/connected-apps", HTTPStatus.SEE_OTHER)


def _server(db: Session) -> Server:
    known = settings()
    return Server(db, issuer=known.site_url, key=known.secret_key, now=clock.now())


def _asked() -> Request:
    """Return an authorization request; all of it stands in the address, also for the decision."""
    uri = settings().site_url + AUTHORIZE
    return Request("GET", uri, MultiDict(request.args), request.headers)


def _sent() -> Request:
    """Return a request for a token or its end; all of it stands in the form."""
    return Request("POST", settings().site_url + request.path, request.form, request.headers)


def _refused(answer: Response | str) -> Response | tuple[str, int]:
    """Send the program an answer, or show the person a sentence."""
    if isinstance(answer, Response):
        return answer
    return render_template(
        "authorization/refused.html", sentence=languages.known(answer)
    ), HTTPStatus.BAD_REQUEST
