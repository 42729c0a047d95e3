"""What is held about a person: to see, take back, correct, and take along."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from server import clock
from server.errors import Invalid
from server.services import (
    attribution_log,
    clients,
    data_exports,
    export_files,
    my_data,
    own_records,
    share_names,
    withdrawals,
)
from server.web import caller, languages
from server.web.customer import log_places
from server.web.database import reading, settings, transaction

bp = Blueprint("my_data", __name__)


@bp.get("/my-data")
def show() -> str:
    """Show everything that is held about a person, a purpose at a time."""
    member_id = caller.customer().member_id
    with reading() as db:
        held = my_data.of_member(db, member_id=member_id, now=clock.now())
    return render_template("customer/my_data.html", held=held, scopes=clients.APP_SCOPES)


@bp.get("/my-data.json")
def as_json() -> Response:
    """Give the same as a program reads it: what the export's JSON holds."""
    member_id = caller.customer().member_id
    with reading() as db:
        records = own_records.everything(db, member_id=member_id)
    words = export_files.as_json(records, made_at=clock.now())
    answer = Response(words, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/my-data/consents/<public_id>/withdrawal")
def withdraw(public_id: str) -> Answer:
    """Take one consent back; what stands on it stops at once."""
    member_id = caller.customer().member_id
    with transaction() as db:
        withdrawals.withdraw(db, member_id=member_id, consent_public_id=public_id, now=clock.now())
    flash(gettext("Withdrawn. What you had agreed to has ended."), "good")
    return redirect(url_for("my_data.show"), 303)


@bp.post("/my-data/shares/<code>/name")
def correct_name(code: str) -> Answer:
    """Let friends see another name, or none."""
    member_id = caller.customer().member_id
    shown_as = request.form.get("shown_as", "")
    try:
        with transaction() as db:
            share_names.correct(db, member_id=member_id, code=code, shown_as=shown_as)
    except Invalid as error:
        flash(languages.told(error), "bad")
    else:
        flash(gettext("Friends who open the link see it from now on."), "good")
    return redirect(url_for("my_data.show", _anchor="sharing"), 303)


@bp.get("/my-data/attribution")
def attribution() -> str:
    """Show each visit, order and referral that touched a person, a page at a time."""
    member_id = caller.customer().member_id
    behind = request.args.get("behind", "")
    with reading() as db:
        page = attribution_log.of_member(
            db,
            member_id=member_id,
            behind=log_places.read(behind, member_id) if behind else None,
            key=settings().secret_key,
            now=clock.now(),
        )
    return render_template(
        "customer/my_data_attribution.html",
        page=page,
        is_later=bool(behind),
        older=log_places.write(page.behind, member_id) if page.behind else "",
    )


@bp.get("/my-data/export")
def export() -> str:
    """Show how far a person's file is, and where to fetch it."""
    member_id = caller.customer().member_id
    with reading() as db:
        exports = data_exports.of_member(db, member_id=member_id)
    return render_template("customer/my_data_export.html", exports=exports)


@bp.post("/my-data/export")
def ask_for_export() -> Answer:
    """Let the worker make a file of everything; a repetition asks for the same one."""
    member_id = caller.customer().member_id
    with transaction() as db:
        data_exports.ask(db, member_id=member_id, language=languages.current(), now=clock.now())
    return redirect(url_for("my_data.export"), 303)


@bp.get("/my-data/export/<public_id>.zip")
def download(public_id: str) -> Response:
    """Hand a person their own file."""
    member_id = caller.customer().member_id
    with reading() as db:
        found = data_exports.fetch(db, member_id=member_id, public_id=public_id, now=clock.now())
    answer = Response(found.archive, mimetype="application/zip")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer
