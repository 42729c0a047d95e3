"""The friend's page: who sent the link, what they earn, and taking oneself back; no account.

Whoever has a visit's token is the friend.  Forms carry a proof that we wrote them for this token,
so that a page of somebody else who learned it cannot send them.
"""

import re

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from server import clock
from server.errors import NotFound
from server.services import channels, disclosures, forgetting, friends, mutes, people
from server.services.friends import Card
from server.services.mutes import Wish
from server.web import languages, security
from server.web.database import reading, settings, transaction

bp = Blueprint("friends", __name__, url_prefix="/f")

Page = str | tuple[str, int] | Answer

_CODE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{10}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,32}")
_FORGET, _MUTE = "forget", "mute"


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """Let nobody keep or learn an address that says who somebody is; let the beacon through."""
    response.headers["Content-Security-Policy"] = security.policy(
        settings(), also=settings().link_url
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/<token>")
def show(token: str) -> Page:
    """Show a friend who sent the link by which they came."""
    asks_privacy = people.wants_no_key(request.headers)
    try:
        with reading() as db:
            card = friends.of_visit(db, visit_token=_checked(token), hand_on=not asks_privacy)
    except NotFound:
        return _unknown()
    return _page(card, token=token, asks_privacy=asks_privacy)


@bp.get("/share/<code>")
def show_without_visit(code: str) -> Page:
    """Show the same to a friend of whose coming nothing was kept."""
    try:
        with reading() as db:
            card = friends.of_link(db, code=_checked(code, _CODE))
    except NotFound:
        return _unknown()
    return _page(card, token="", asks_privacy=people.wants_no_key(request.headers))


@bp.post("/<token>/forget")
def forget(token: str) -> Page:
    """Erase what leads to the friend; a second time finds nothing."""
    _check_form(_FORGET, token)
    with transaction() as db:
        done = forgetting.forget(db, visit_token=token, now=clock.now())
    return render_template(
        "customer/friend_forgotten.html", done=done, link_url=settings().link_url
    )


@bp.post("/<token>/mute")
def mute(token: str) -> Page:
    """Erase the visit, and let this browser remember not to count for the sharer again."""
    _check_form(_MUTE, token)
    try:
        with transaction() as db:
            card = friends.of_visit(db, visit_token=_checked(token), hand_on=False)
            forgetting.forget(db, visit_token=token, now=clock.now())
    except NotFound:
        return _unknown()
    key = settings().secret_key
    return _to_browser(Wish.MUTE, mutes.name_of(key, card.sharer_id))


@bp.get("/muted/<signed>")
def muted(signed: str) -> Page:
    """Confirm a choice that this browser was asked to remember."""
    choice = _choice(signed)
    page = render_template(
        "customer/friend_muted.html",
        choice=choice,
        signed=signed,
        proof=_proof(Wish.UNMUTE, signed),
        link_url=settings().link_url,
    )
    return page if choice else (page, 404)


@bp.post("/muted/<signed>")
def unmute(signed: str) -> Page:
    """Let this browser forget that it muted a sharer."""
    _check_form(Wish.UNMUTE, signed)
    choice = _choice(signed)
    if choice is None:
        return muted(signed)
    return _to_browser(Wish.UNMUTE, choice.sharer)


def _page(card: Card, *, token: str, asks_privacy: bool) -> str:
    language = languages.current()
    if not card.is_over and people.not_human(request.method, request.headers) is None:
        with transaction() as db:
            disclosures.note(
                db,
                share_id=card.share_id,
                surface="card",
                language=language,
                words=disclosures.card_words(language, card.shown_as),
                now=clock.now(),
            )
    return render_template(
        "customer/friend.html",
        card=card,
        token=token,
        disclosure=disclosures.card(language, card.shown_as),
        channels=channels.CHANNELS,
        asks_privacy=asks_privacy,
        script=_script(card, asks_privacy=asks_privacy),
        forget_proof=_proof(_FORGET, token),
        mute_proof=_proof(_MUTE, token),
    )


def _script(card: Card, *, asks_privacy: bool) -> str:
    """Return the script by which this page may find that the visit is real, if it may."""
    if not card.has_card or card.opened_at is None or card.is_over or asks_privacy:
        return ""
    return f"{settings().link_url}/fanfare.js"


def _unknown() -> tuple[str, int]:
    asks_privacy = people.wants_no_key(request.headers)
    return render_template("customer/friend_unknown.html", asks_privacy=asks_privacy), 404


def _checked(words: str, form: re.Pattern[str] = _TOKEN) -> str:
    if not form.fullmatch(words):
        raise NotFound("We know nothing about this visit.")
    return words


def _choice(signed: str) -> mutes.Choice | None:
    key = settings().secret_key
    return mutes.read(key, signed, now=clock.now(), good_for=mutes.SHOWN_FOR)


def _to_browser(wish: Wish, sharer: str) -> Answer:
    """Lead to the click process, which alone sets the cookie that it reads."""
    signed = mutes.sign(settings().secret_key, wish, sharer=sharer, now=clock.now())
    return redirect(f"{settings().link_url}/m/{signed}", 303)


def _proof(what: str, words: str) -> str:
    return mutes.proof(settings().secret_key, f"{what} {words}")


def _check_form(what: str, words: str) -> None:
    given = request.form.get("csrf_token", "")
    if not mutes.is_proof(settings().secret_key, f"{what} {words}", given):
        abort(400, "This form is incomplete; please send the one on this page.")
