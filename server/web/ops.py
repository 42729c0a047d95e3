"""Whether the site lives and can work, for whatever watches it."""

import structlog
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError

from server import clock
from server.services import health
from server.web.database import reading

bp = Blueprint("ops", __name__)
log = structlog.get_logger()


@bp.get("/healthz")
def live() -> Response:
    """Say that this process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether requests can be served now: 200, or 503 with what is wrong."""
    try:
        with reading() as db:
            found = health.checks(db, now=clock.now())
    except DBAPIError:
        log.exception("database_does_not_answer")
        found = [health.Check("database", is_well=False, sentence="The database does not answer.")]
    is_ready = all(check.is_well for check in found)
    body = jsonify(
        status="ok" if is_ready else "not ready",
        checks={check.name: {"ok": check.is_well, "detail": check.sentence} for check in found},
    )
    return body, 200 if is_ready else 503
