"""Errors as RFC 9457 problem documents or pages; the only place where an error meets a status."""

from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from flask import Flask, Response, jsonify, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from server import errors
from server.web import languages, request_ids
from server.web.database import settings

log = structlog.get_logger()


class Kind(NamedTuple):
    """The constant part of a problem: its slug, status and title."""

    slug: str
    status: int
    title: str


_SAID_IN_HEADERS = {"Allow", "Content-Range", "Retry-After"}

KINDS: dict[type[Exception], Kind] = {
    errors.NotFound: Kind("not-found", 404, "Not found"),
    errors.NotSignedIn: Kind("not-signed-in", 401, "Sign in first"),
    errors.NotAllowed: Kind("not-allowed", 403, "Not allowed"),
    errors.ContentLocked: Kind("content-locked", 403, "Not unlocked yet"),
    errors.Invalid: Kind("invalid", 422, "A value is not valid"),
    errors.CursorInvalid: Kind("cursor-invalid", 422, "The cursor is not valid"),
    errors.FieldInvalid: Kind("field-invalid", 422, "A field is not valid"),
    errors.ReplayInvalid: Kind("replay-invalid", 422, "The cascade file is not valid"),
    errors.TimesInvalid: Kind("times-invalid", 422, "A moment is not possible"),
    errors.ConsentMissing: Kind("consent-missing", 403, "There is no consent for this"),
    errors.Conflict: Kind("conflict", 409, "Conflict"),
    errors.EventTaken: Kind("event-taken", 409, "Event id already used"),
    errors.OrderRefTaken: Kind("order-ref-taken", 409, "Order reference already used"),
    errors.ReversalRefTaken: Kind("reversal-ref-taken", 409, "Reversal reference already used"),
    errors.RollbackRefTaken: Kind("rollback-ref-taken", 409, "Rollback reference already used"),
    errors.RedemptionEnded: Kind("redemption-ended", 409, "This use was rolled back"),
    errors.AlreadyReferred: Kind("already-referred", 409, "Somebody else was first"),
    errors.OfferNotEditable: Kind("offer-not-editable", 409, "A published offer is frozen"),
    errors.QuestionNotEditable: Kind("question-not-editable", 409, "A question is frozen"),
    errors.BrandTaken: Kind("brand-taken", 409, "Name or domain already used"),
    errors.IdempotencyKeyReused: Kind(
        "idempotency-key-reused", 409, "Idempotency-Key used for another request"
    ),
    errors.CodeRefused: Kind("code-refused", 422, "The code cannot be used"),
    errors.GrantRefused: Kind("grant-refused", 422, "No code can be given"),
    errors.ClaimRefused: Kind("claim-refused", 422, "The claim does not hold"),
    errors.Gone: Kind("gone", 410, "Taken back"),
    errors.Unavailable: Kind("unavailable", 503, "Try again later"),
}
BY_STATUS: dict[int, Kind] = {
    400: Kind("bad-request", 400, "The request cannot be read"),
    404: KINDS[errors.NotFound],
    405: Kind("method-not-allowed", 405, "Not with this method"),
    413: Kind("too-large", 413, "The request is too large"),
    415: Kind("unsupported-media-type", 415, "Send JSON"),
    429: Kind("rate-limited", 429, "Too many requests"),
}
"""What HTTP itself defines, as far as a client can run into it."""
RATE_LIMITED = BY_STATUS[429]
INVALID_BODY = Kind("invalid-body", 422, "The request is not valid")
BEACON_REFUSED = Kind("beacon-refused", 422, "The beacon does not count")
"""Answered by the click process, which writes its own problems."""
HTTP = "http"
OTHER = Kind(HTTP, 0, "Something that HTTP defines")
"""The rest of it; each such problem carries the status and the title of its own."""
NO_DATABASE = "The database does not answer. Nothing was changed; please try again in a minute."
NOTED = "We have noted it. Nothing was changed; please try again."
CONTENT_TYPE = "application/problem+json"
INTERNAL = Kind("internal", 500, "Something went wrong on our side")


def type_of(kind: Kind) -> str:
    """Return the address that identifies a kind of problem."""
    return f"{settings().site_url}/problems/{kind.slug}"


def document(kind: Kind, detail: str, **extension: object) -> dict[str, Any]:
    """Return the members of a problem document; ``extension`` adds members of its own."""
    return {
        "type": type_of(kind),
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.path,
        "request_id": request_ids.current(),
        **extension,
    }


def problem(kind: Kind, detail: str, **extension: object) -> Response:
    """Answer with a problem document."""
    response = jsonify(document(kind, detail, **extension))
    response.status_code = kind.status
    response.content_type = CONTENT_TYPE
    return response


def status_of(error: errors.ProductError) -> int:
    """Return the status with which an error is answered."""
    return KINDS[type(error)].status


def document_of(error: errors.ProductError) -> dict[str, Any]:
    """Return the problem document of an error."""
    return document(KINDS[type(error)], str(error), **_members(error))


def invalid_body(error: ValidationError) -> Response:
    """Answer a body, query or path that does not have the documented shape."""
    found = [
        {"pointer": "/" + "/".join(map(str, e["loc"])), "detail": e["msg"]}
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return problem(INVALID_BODY, "Some members of the request are not valid.", errors=found)


def init_app(app: Flask) -> None:
    """Answer every error under /api/ with a problem, and with a page elsewhere."""

    @app.errorhandler(errors.ProductError)
    def on_product_error(error: errors.ProductError) -> Response | tuple[str, int]:
        kind = KINDS[type(error)]
        if _wants_page():
            return _page(kind, languages.told(error))
        response = problem(kind, str(error), **_members(error))
        if kind.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="fanfare"'
        return response

    @app.errorhandler(ValidationError)
    def on_invalid(error: ValidationError) -> Response:
        return invalid_body(error)

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        kind = BY_STATUS.get(error.code) or Kind(HTTP, error.code, error.name)
        detail = error.description or error.name
        said = _page(kind, languages.known(detail)) if _wants_page() else problem(kind, detail)
        answer = app.make_response(said)
        answer.headers.extend((k, v) for k, v in error.get_headers() if k in _SAID_IN_HEADERS)
        return answer

    @app.errorhandler(OperationalError)
    def on_no_database(error: OperationalError) -> Response | tuple[str, int]:
        log.error("database_unavailable", **_request(), error=type(error.orig).__name__)
        kind = KINDS[errors.Unavailable]
        return (
            _page(kind, languages.said(NO_DATABASE))
            if _wants_page()
            else problem(kind, NO_DATABASE)
        )

    @app.errorhandler(Exception)
    def on_bug(error: Exception) -> Response | tuple[str, int]:
        log.error("unexpected", **_request(), exc_info=error)
        return _page(INTERNAL, languages.said(NOTED)) if _wants_page() else problem(INTERNAL, NOTED)


def _request() -> dict[str, str]:
    """Say which request failed, without anything that its sender wrote."""
    rule = request.url_rule
    return {"method": request.method, "route": rule.rule} if rule else {"method": request.method}


def _members(error: errors.ProductError) -> dict[str, Any]:
    """Return the stable key of an error that has one, for programs, and its words by language."""
    if isinstance(error, errors.CodeRefused):
        return {"key": error.key, "texts": error.sentences}
    if isinstance(error, errors.FieldInvalid):
        return {"field": error.field}
    if isinstance(error, errors.GrantRefused | errors.ClaimRefused):
        return {"key": error.reason}
    return {}


def _wants_page() -> bool:
    return not request.path.startswith(("/api/", "/hooks/", "/oauth/token", "/oauth/revoke"))


def _page(kind: Kind, detail: str) -> tuple[str, int]:
    """Answer with a page; without a detail it says what this kind of problem means."""
    shown = kind if languages.known(kind.title) else OTHER
    page = render_template("problem.html", kind=shown, status=kind.status, detail=detail)
    return page, kind.status
