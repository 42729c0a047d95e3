"""Signing in with an identity provider, and signing out."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from server import clock, errors
from server.gateways.providers import Provider
from server.services import sign_ins
from server.settings import Settings
from server.web import languages, paths, problems, sessions
from server.web.database import transaction

WAITS_SECONDS = 3600
"""How long somebody may take at the provider before they have to begin again."""
WAITING_AT_MOST = 8

_PROVIDERS = "fanfare-providers"
_WAITING = "sign_in:"

bp = Blueprint("login", __name__)


class Visitor(UserMixin):  # type: ignore[misc]
    """A signed-in member, as Flask-Login and templates see them."""

    def __init__(self, member_id: int) -> None:
        """Stand for this member; the session's row is the proof that they exist."""
        self.member_id = member_id
        self.id = str(member_id)


def init_app(app: Flask, config: Settings) -> None:
    """Add sessions, sign-in and sign-out."""
    sessions.init_app(app, config)
    manager = LoginManager(app)
    manager.session_protection = None  # it would keep a hash of people's address and browser
    manager.user_loader(lambda member_id: Visitor(int(member_id)))
    app.extensions[_PROVIDERS] = {
        provider.name: Provider(provider, f"{config.site_url}/sign-in/{provider.name}/callback")
        for provider in config.identity_providers
    }
    app.register_blueprint(bp)
    app.register_error_handler(errors.NotSignedIn, _lead_to_sign_in)


def safe_next(target: str | None) -> str:
    """Return ``target`` if somebody who signed in may be led there, and the start page if not."""
    if target is None or not paths.is_own(target) or target.startswith(("/sign-in", "/sign-out")):
        return "/"
    return target


@bp.get("/sign-in")
def choose() -> str | Response:
    """Say what signing in keeps, and offer the providers."""
    goes_to = safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(goes_to, 303)
    return render_template(
        "login/choose.html", providers=_providers().values(), goes_to=quote(goes_to, safe="")
    )


@bp.get("/sign-in/<name>")
def begin(name: str) -> Response | tuple[str, int]:
    """Send the person to a provider."""
    provider = _provider(name)
    goes_to = safe_next(request.args.get("next"))
    try:
        departure = provider.begin()
    except errors.ProductError as error:
        return _failed(error, goes_to)
    _forget_waiting()
    session[_WAITING + departure.state] = {
        "provider": name,
        "nonce": departure.nonce,
        "verifier": departure.verifier,
        "goes_to": goes_to,
        "since": clock.now().timestamp(),
    }
    return redirect(departure.url, 303)


@bp.get("/sign-in/<name>/callback")
def finish(name: str) -> Response | tuple[str, int]:
    """Sign the person in who comes back from a provider."""
    provider = _provider(name)
    waiting = _take_waiting(request.args.get("state", ""), name)
    goes_to = safe_next(waiting["goes_to"]) if waiting else "/"
    try:
        member_id = _member(provider, waiting)
    except errors.ProductError as error:
        return _failed(error, goes_to)
    session.clear()  # nothing that was put there before belongs to this person
    login_user(Visitor(member_id))
    session.pop("_id")  # Flask-Login's hash of the person's address and browser
    return redirect(goes_to, 303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Forget who uses this browser."""
    logout_user()
    session.clear()
    return redirect("/", 303)


def _providers() -> dict[str, Provider]:
    found: dict[str, Provider] = current_app.extensions[_PROVIDERS]
    return found


def _provider(name: str) -> Provider:
    provider = _providers().get(name)
    if provider is None:
        raise errors.NotFound("There is no such way to sign in.")
    return provider


def _member(provider: Provider, waiting: dict[str, Any] | None) -> int:
    """Return the member who came back from a provider.

    Raises:
        NotAllowed: this browser did not ask, or the provider or the person said no.
        Unavailable: the provider does not answer.
        Invalid: the provider's subject cannot be kept.

    """
    if waiting is None:
        raise errors.NotAllowed(
            "This sign-in was not started in this browser, was started too long ago, or is over."
        )
    if "error" in request.args:
        if request.args["error"] == "access_denied":
            raise errors.NotAllowed("You were not signed in, because you or the provider said no.")
        raise errors.NotAllowed(
            "You were not let in by {provider}. Please start again.", provider=provider.title
        )
    identity = provider.finish(
        code=request.args.get("code", ""),
        nonce=waiting["nonce"],
        verifier=waiting["verifier"],
        issuer=request.args.get("iss"),
    )
    with transaction() as db:
        return sign_ins.sign_in(
            db, issuer=identity.issuer, subject=identity.subject, now=clock.now()
        ).member_id


def _take_waiting(state: str, name: str) -> dict[str, Any] | None:
    """Return what was remembered under ``state`` for this provider; it can be taken once."""
    waiting: dict[str, Any] | None = session.pop(_WAITING + state, None)
    if waiting is None or waiting["provider"] != name:
        return None
    return waiting if clock.now().timestamp() - waiting["since"] <= WAITS_SECONDS else None


def _forget_waiting() -> None:
    """Make room for one more sign-in that is under way."""
    keys = sorted(
        (key for key in session if key.startswith(_WAITING)),
        key=lambda key: float(session[key]["since"]),
    )
    for key in keys[: max(0, len(keys) - WAITING_AT_MOST + 1)]:
        session.pop(key)


def _failed(error: errors.ProductError, goes_to: str) -> tuple[str, int]:
    page = render_template(
        "login/failed.html", sentence=languages.told(error), goes_to=quote(goes_to, safe="")
    )
    return page, problems.KINDS[type(error)].status


def _lead_to_sign_in(error: errors.NotSignedIn) -> Response:
    """Lead a person to the sign-in page and back; tell a program that it needs a token."""
    if request.path.startswith("/api/"):
        answer = problems.problem(problems.KINDS[errors.NotSignedIn], str(error))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="fanfare"'
        return answer
    if request.method not in {"GET", "HEAD"}:
        return redirect("/sign-in", 303)
    return redirect(f"/sign-in?next={quote(safe_next(paths.here()), safe='')}", 303)
