"""What a customer earned, why, and turning it into codes."""

from dataclasses import dataclass

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from server import clock
from server.errors import CodeRefused, EventTaken, GrantRefused, Invalid, NotFound
from server.services import asks, codes, wallets
from server.web import buyers, caller, forms, languages
from server.web.customer import answers
from server.web.database import reading, transaction
from server.web.pictures import rules
from server.web.presentation import money

bp = Blueprint("wallet", __name__)

HOLDER_REF_MAX = 100
"""As long as a partner may send it."""


@bp.get("/wallet")
def show() -> str:
    """Show what a customer can take, what is pending, and why."""
    member_id = caller.customer().member_id
    return _page(member_id, card=answers.card(member_id))


@bp.post("/wallet/<offer_public_id>/codes")
def take(offer_public_id: str) -> tuple[str, int] | Response:
    """Turn payable money into a code; a form that is sent twice gets the first code again."""
    member_id = caller.customer().member_id
    typed = request.form.get("amount", "").strip()
    holder_ref = request.form.get("holder_ref", "").strip()
    try:
        brand_id, currency = _brand(member_id, offer_public_id)
        with transaction() as db:
            code = codes.take(
                db,
                member_id=member_id,
                offer_public_id=offer_public_id,
                event_id=forms.event_id(),
                value_minor=forms.amount(typed, currency) if typed else None,
                holder_hash=_holder(brand_id, holder_ref),
                now=clock.now(),
            )
    except (Invalid, GrantRefused, EventTaken) as error:
        told = _Told(offer_public_id, typed, holder_ref, languages.told(error))
        return _page(member_id, told), 422

    worth = money(code.value_minor, code.currency)
    flash(gettext("Your code is worth %(worth)s.", worth=worth), "good")
    return redirect(url_for("wallet.show", _anchor=f"code-{code.code}"), 303)


@bp.post("/wallet/codes/<code>/return")
def give_back(code: str) -> Response:
    """Put an unused code back, so that its value can be taken again."""
    member_id = caller.customer().member_id
    try:
        with transaction() as db:
            back = codes.give_back(db, member_id=member_id, code=code, now=clock.now())
    except CodeRefused as refusal:
        flash(languages.told(refusal), "bad")
        return redirect(url_for("wallet.show"), 303)

    worth = money(back.left_minor, back.currency)
    flash(gettext("%(worth)s are yours to take again.", worth=worth), "good")
    return redirect(url_for("wallet.show"), 303)


@dataclass(frozen=True, slots=True)
class _Told:
    """A form that failed: of which offer, what was typed, and what is wrong."""

    refused: str = ""
    typed: str = ""
    holder_ref: str = ""
    error: str = ""


NOTHING_TOLD = _Told()


def _page(member_id: int, told: _Told = NOTHING_TOLD, *, card: asks.Card | None = None) -> str:
    with reading() as db:
        wallet = wallets.of_member(db, member_id=member_id)
    return render_template(
        "customer/wallet.html",
        wallet=wallet,
        card=card,
        refused=told.refused,
        typed=told.typed,
        holder_ref=told.holder_ref,
        error=told.error,
        new_event_id=forms.new_event_id,
        qr=qr,
        rule_of=rules.lay_out,
    )


def qr(words: str) -> Markup:
    """Draw a QR code as inline SVG, so that it needs neither an address nor a hole in the CSP."""
    drawn = segno.make(words, error="m", micro=False).svg_inline(
        scale=4, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # noqa: S704 - segno draws squares; the words do not occur in them


def _holder(brand_id: int, holder_ref: str) -> str | None:
    """Return the hash of a customer number, or None if the code is for whoever has it."""
    if not holder_ref:
        return None
    if len(holder_ref) > HOLDER_REF_MAX or not holder_ref.isprintable():
        raise Invalid(
            "A customer number has at most {most} visible characters.", most=HOLDER_REF_MAX
        )
    return buyers.hash_of(brand_id, holder_ref)


def _brand(member_id: int, offer_public_id: str) -> tuple[int, str]:
    with reading() as db:
        wallet = wallets.of_member(db, member_id=member_id)
    for place in wallet.places:
        if place.offer_public_id == offer_public_id:
            return place.brand_id, place.currency
    raise NotFound("You take no part in such an offer.")
