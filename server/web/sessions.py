"""What the site remembers of a browser, on our side; the cookie is only a random name for it.

The cookie changes whenever the signed-in member changes, so a name that somebody planted or saw
before is worth nothing afterwards.  A visitor of whom nothing needs to be remembered gets no
cookie and no row.
"""

import copy
import re
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError

from server import clock, tokens
from server.errors import Unavailable
from server.settings import Settings
from server.store import members
from server.store import sessions as store
from server.web import database

SIGNED_IN_LIFE = timedelta(days=14)
PASSING_LIFE = timedelta(days=1)
WRITTEN_AT_MOST_EVERY = timedelta(hours=1)
MEMBER = "_user_id"
"""Where Flask-Login keeps the member's id, as text."""

_WITHOUT_SESSION = ("/api/", "/static/", "/oauth/token", "/oauth/revoke", "/healthz", "/readyz")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class BrowserSession(dict[str, Any], SessionMixin):
    """The content of one browser's session during one request."""

    def __init__(
        self,
        row: store.BrowserSession | None = None,
        token: str = "",
        *,
        is_closed: bool = False,
        is_lost: bool = False,
    ) -> None:
        """Begin with what is kept in ``row``; a closed session must stay empty.

        A lost one could not be read, so nothing of it is written.
        """
        super().__init__(row.content if row else {})
        self.token = token
        self.ends_at = row.expires_at if row else None
        self.is_closed = is_closed
        self.is_lost = is_lost
        self._before = copy.deepcopy(dict(self))

    @property
    def is_other_member(self) -> bool:
        """Whether somebody signed in or out since the session was opened."""
        return self.get(MEMBER) != self._before.get(MEMBER)

    def changes(self) -> dict[str, Any]:
        """Return what was set since the session was opened."""
        return {key: value for key, value in self.items() if self._before.get(key) != value}

    def removals(self) -> set[str]:
        """Return what was taken out since the session was opened."""
        return set(self._before) - set(self)


class BrowserSessions(SessionInterface):
    """Keeps sessions in the table ``browser_session``."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002
        """Return what is known of the browser that asks."""
        if request.path.startswith(_WITHOUT_SESSION):
            return BrowserSession(is_closed=True)
        token = request.cookies.get(_cookie_name(database.settings()), "")
        if not _TOKEN.fullmatch(token):
            return BrowserSession()
        try:
            with database.reading() as db:
                row = store.find(db, tokens.kept(token))
        except OperationalError:  # the page says so itself, to somebody whom it cannot know
            return BrowserSession(is_lost=True)
        if row is None or row.expires_at <= clock.now():
            return BrowserSession()
        return BrowserSession(row, token)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep what changed, if anything."""
        assert isinstance(session, BrowserSession)
        if session.is_lost:
            return
        if session.is_closed:
            assert not session, "these addresses work without a cookie"
            return
        if session.accessed:
            response.vary.add("Cookie")
        now = clock.now()
        if not session.token:
            if session:
                _begin(session, response, now=now)
        elif not session:
            _end(session, response)
        elif session.is_other_member:
            _begin(session, response, now=now)
        elif session.changes() or session.removals() or _is_due(session, now):
            _update(session, response, now=now)


def of_the_day(now: datetime) -> str:
    """Return what stands for this sign-in on this day, without saying which sign-in it is.

    A browser may stay signed in for years; a day of it is what people call a session.
    """
    token = session.token if isinstance(session, BrowserSession) else ""
    return tokens.kept(f"{token}:{now.date().isoformat()}")


def name_kept() -> str:
    """Return under which hash this browser's session is kept."""
    return tokens.kept(session.token if isinstance(session, BrowserSession) else "")


def init_app(app: Flask, settings: Settings) -> None:
    """Keep sessions in the database."""
    app.config["SESSION_COOKIE_NAME"] = _cookie_name(settings)
    app.session_interface = BrowserSessions()
    app.before_request(_say_if_lost)


def _say_if_lost() -> None:
    """Refuse to go on as if nobody were signed in when we only cannot know."""
    if isinstance(session, BrowserSession) and session.is_lost:
        raise Unavailable("The database does not answer; please try again in a minute.")


def _cookie_name(settings: Settings) -> str:
    return "__Host-fanfare_session" if settings.is_secure else "fanfare_session"


def _life(session: BrowserSession) -> timedelta:
    return SIGNED_IN_LIFE if MEMBER in session else PASSING_LIFE


def _is_due(session: BrowserSession, now: datetime) -> bool:
    assert session.ends_at is not None
    return session.ends_at <= now + _life(session) - WRITTEN_AT_MOST_EVERY


def _begin(session: BrowserSession, response: Response, *, now: datetime) -> None:
    """Write the session under a new name; the old name is forgotten.

    Somebody who was erased while they signed in gets none.
    """
    token = tokens.secret()
    member = session.get(MEMBER)
    with database.transaction() as db:
        if member and not members.lock_living(db, int(member)):
            return
        if session.token:
            store.remove(db, tokens.kept(session.token))
        db.add(
            store.BrowserSession(
                token_hash=tokens.kept(token),
                member_id=int(member) if member else None,
                content=dict(session),
                created_at=now,
                expires_at=now + _life(session),
            )
        )
    _set_cookie(response, token, _life(session))


def _update(session: BrowserSession, response: Response, *, now: datetime) -> None:
    """Bring this request's changes into the row, beside those of requests that ran meanwhile."""
    with database.transaction() as db:
        row = store.lock(db, tokens.kept(session.token))
        if row is None:  # signed out meanwhile: nothing may bring the session back
            return
        kept = {k: v for k, v in row.content.items() if k not in session.removals()}
        row.content = kept | session.changes()
        row.expires_at = now + _life(session)
    _set_cookie(response, session.token, _life(session))


def _end(session: BrowserSession, response: Response) -> None:
    with database.transaction() as db:
        store.remove(db, tokens.kept(session.token))
    settings = database.settings()
    response.delete_cookie(
        _cookie_name(settings), secure=settings.is_secure, httponly=True, samesite="Lax"
    )


def _set_cookie(response: Response, token: str, life: timedelta) -> None:
    settings = database.settings()
    response.set_cookie(
        _cookie_name(settings),
        token,
        max_age=int(life.total_seconds()),
        secure=settings.is_secure,
        httponly=True,
        samesite="Lax",
    )
