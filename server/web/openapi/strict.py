"""What is asked of every request to an API before its view is reached.

First who asks, then what: somebody without the right token learns nothing about shapes.  Query
strings are as strict as bodies, and a body that says it is not JSON is not read as JSON.
"""

from flask import Flask, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from server.web import caller, problems
from server.web.openapi import operations


def init_app(app: Flask) -> None:
    """Look at every request to an operation that is documented."""
    app.before_request(_look)


def _look() -> Response | None:
    if not request.path.startswith("/api/") or request.method == "OPTIONS":
        return None
    asked = operations.of_endpoint(request.endpoint, request.method)
    if asked is None:
        return None
    if asked.who == "partner":
        caller.partner(*asked.scopes)
    else:
        caller.app_user(*asked.scopes)
    if asked.has_body:
        _refuse_other_media()
    return _refuse_unknown_parameters(asked.queries) or _refuse_no_object(asked)


def _refuse_other_media() -> None:
    """Refuse a body that is not JSON by its own word; none at all is refused by its shape."""
    is_sent = bool(request.content_type or request.content_length)
    if is_sent and not request.is_json:
        raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")


def _refuse_no_object(asked: operations.Operation) -> Response | None:
    """Refuse what is no JSON object, in words that say so."""
    if not asked.has_body or isinstance(request.get_json(silent=True), dict):
        return None
    return problems.problem(
        problems.INVALID_BODY,
        "The body is not a JSON object.",
        errors=[{"pointer": "", "detail": "Send one JSON object, in UTF-8."}],
    )


def _refuse_unknown_parameters(known: frozenset[str]) -> Response | None:
    wrong = [
        {"pointer": f"/{name}", "detail": why}
        for name, values in request.args.lists()
        for why in ([] if name in known else ["There is no such parameter."])
        + (["A parameter stands in an address once."] if len(values) > 1 else [])
    ]
    if not wrong:
        return None
    return problems.problem(
        problems.INVALID_BODY, "Some parameters of the address are not valid.", errors=wrong
    )
