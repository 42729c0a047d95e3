"""Questions of a brand: written, shown as customers see them, published, ended."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from server import clock
from server.errors import FieldInvalid, QuestionNotEditable
from server.services import asks, offers, question_figures, question_topics, questions
from server.services.question_words import QuestionDraft
from server.services.questions import QuestionView
from server.web.admin import desk
from server.web.admin.question_form import QuestionForm
from server.web.database import reading, transaction
from server.web.languages import NAMES

bp = Blueprint("questions", __name__, url_prefix="/brands/<slug>/questions")

Page = str | tuple[str, int] | Response


@bp.get("")
def show_all(slug: str) -> str:
    """List a brand's questions, and what each kind costs."""
    at = desk.sit_down("questions:read", slug)
    with reading() as db:
        mine = questions.of_brand(db, brand_id=at.brand.brand_id)
    return render_template("admin/questions.html", at=at, questions=mine, guide=questions.guide())


@bp.get("/new")
def new(slug: str) -> str:
    """Show the form of a new question."""
    at = desk.sit_down("questions:write", slug)
    return _form_page(at, QuestionForm())


@bp.post("")
def create(slug: str) -> Page:
    """Save a new draft."""
    return _receive(desk.sit_down("questions:write", slug), None)


@bp.get("/<question_id>")
def show(slug: str, question_id: str) -> str:
    """Show a question with the card that customers see, its topics, and what was answered."""
    return _question_page(desk.sit_down("questions:read", slug), question_id)


@bp.get("/<question_id>/edit")
def edit(slug: str, question_id: str) -> str:
    """Show the form of a draft, or of the next version."""
    at = desk.sit_down("questions:write", slug)
    question = _newest(at, question_id)
    return _form_page(at, QuestionForm.of(question), question)


@bp.post("/<question_id>/edit")
def save(slug: str, question_id: str) -> Page:
    """Save a changed draft, or begin the next version."""
    at = desk.sit_down("questions:write", slug)
    return _receive(at, _newest(at, question_id))


@bp.post("/<question_id>/topics")
def set_topics(slug: str, question_id: str) -> Page:
    """Say which offers each answer brings to the front."""
    at = desk.sit_down("questions:write", slug)
    chosen = [one.partition(":") for one in request.form.getlist("topic")]
    version = request.form.get("version", "")
    try:
        with transaction() as db:
            question_topics.change(
                db,
                brand_id=at.brand.brand_id,
                public_id=question_id,
                version=_number(version) or _newest_of(db, at, question_id).version,
                actor=at.actor,
                topics=[(offer, _number(choice)) for choice, _, offer in chosen],
                now=clock.now(),
            )
    except FieldInvalid as error:
        return _question_page(at, question_id, error=str(error)), 422
    flash("Saved. Whoever gave an answer now sees these offers first.", "good")
    return _to_question(at, question_id)


@bp.get("/<question_id>/publication")
def before_publishing(slug: str, question_id: str) -> str:
    """Say what becomes of the version before when the draft is published."""
    at = desk.sit_down("questions:write", slug)
    question = _newest(at, question_id)
    if question.state != questions.DRAFT:
        raise QuestionNotEditable("There is no draft of this question to publish.")
    return render_template("admin/question_publish.html", at=at, question=question)


@bp.post("/<question_id>/publication")
def publish(slug: str, question_id: str) -> Response:
    """Publish the draft."""
    at = desk.sit_down("questions:write", slug)
    with transaction() as db:
        questions.publish(
            db, brand_id=at.brand.brand_id, public_id=question_id, actor=at.actor, now=clock.now()
        )
    flash("The question is live. Customers are asked when it is their time.", "good")
    return _to_question(at, question_id)


@bp.get("/<question_id>/ending")
def before_ending(slug: str, question_id: str) -> str:
    """Say what goes when the question ends."""
    at = desk.sit_down("questions:write", slug)
    return render_template("admin/question_end.html", at=at, question=_newest(at, question_id))


@bp.post("/<question_id>/ending")
def end(slug: str, question_id: str) -> Response:
    """End the question."""
    at = desk.sit_down("questions:write", slug)
    with transaction() as db:
        questions.end(
            db, brand_id=at.brand.brand_id, public_id=question_id, actor=at.actor, now=clock.now()
        )
    flash("The question has ended, and every answer to it is deleted.", "good")
    return _to_question(at, question_id)


def _newest(at: desk.Desk, question_id: str) -> QuestionView:
    with reading() as db:
        return _newest_of(db, at, question_id)


def _newest_of(db: Session, at: desk.Desk, question_id: str) -> QuestionView:
    return questions.versions(db, brand_id=at.brand.brand_id, public_id=question_id)[0]


def _number(typed: str) -> int:
    """Return a typed number of one or two digits, or -1 for anything else; 0 for nothing."""
    if not typed:
        return 0
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len("100") else -1


def _to_question(at: desk.Desk, question_id: str) -> Response:
    return redirect(url_for("questions.show", slug=at.brand.slug, question_id=question_id), 303)


def _question_page(at: desk.Desk, question_id: str, *, error: str = "") -> str:
    now, brand_id = clock.now(), at.brand.brand_id
    with reading() as db:
        newest, *others = questions.versions(db, brand_id=brand_id, public_id=question_id)
        asked = next((one for one in (newest, *others) if one.state == questions.LIVE), newest)
        cards = [
            asks.preview(
                db,
                brand_id=brand_id,
                public_id=question_id,
                version=newest.version,
                language=code,
                now=now,
            )
            for code in newest.words
        ]
        sums = question_figures.of_version(
            db, brand_id=brand_id, public_id=question_id, version=asked.version, now=now
        )
        mine = offers.of_brand(db, brand_id=brand_id)
    return render_template(
        "admin/question.html",
        at=at,
        question=newest,
        live=asked if asked.state == questions.LIVE else None,
        cards=cards,
        figures=sums,
        offers=mine,
        error=error,
    )


def _receive(at: desk.Desk, question: QuestionView | None) -> Page:
    """Read the sent form; keep it as a draft, or show it again with what is wrong."""
    form = QuestionForm()
    wanted = form.wanted()
    if wanted is None:
        return _form_page(at, form, question), 422
    try:
        with transaction() as db:
            kept = _keep(db, at, question, wanted)
    except FieldInvalid as error:
        form.note(error.field, str(error))
        return _form_page(at, form, question), 422

    flash("The draft is saved. Nobody is asked until you publish it.", "good")
    return _to_question(at, kept.public_id)


def _keep(
    db: Session, at: desk.Desk, question: QuestionView | None, wanted: QuestionDraft
) -> QuestionView:
    now, brand_id = clock.now(), at.brand.brand_id
    if question is None:
        return questions.draft(db, brand_id=brand_id, actor=at.actor, wanted=wanted, now=now)
    public_id = question.public_id
    return questions.edit(
        db, brand_id=brand_id, public_id=public_id, actor=at.actor, wanted=wanted, now=now
    )


def _form_page(at: desk.Desk, form: QuestionForm, question: QuestionView | None = None) -> str:
    return render_template(
        "admin/question_form.html",
        at=at,
        form=form,
        question=question,
        guide=questions.guide(),
        languages=NAMES,
    )
