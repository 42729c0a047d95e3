"""Answering a partner's request once, however often it comes.

With an ``Idempotency-Key`` the effect and its answer are written in one transaction; a repeated
request gets the first answer, refusals included, with the header ``Idempotent-Replayed``.
"""

import json
from collections.abc import Callable
from typing import Annotated

from flask import Response, jsonify, request
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from server import clock, sealing, tokens
from server.errors import ProductError
from server.services import requests
from server.web import problems
from server.web.caller import Partner
from server.web.database import glance, settings, transaction
from server.web.shapes import Header

_SEALED = "sealed"


class OnceHeader(Header):
    """The header that makes a request safe to repeat: 1 to 255 visible characters, like a UUID."""

    idempotency_key: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")] | None = (
        Field(None, alias="Idempotency-Key")
    )


def answer(
    partner: Partner,
    header: OnceHeader,
    act: Callable[[Session], tuple[BaseModel, int]],
    *,
    asks_once: bool = False,
    holds_a_secret: bool = False,
) -> Response:
    """Run ``act`` in a transaction and answer with what it returns.

    What ``asks_once`` asks the database one thing, changes nothing and waits for no writer, unless
    its answer must be kept under a key.  An answer that ``holds_a_secret`` is kept sealed.
    """
    key = header.idempotency_key
    if key is None:
        with glance() if asks_once else transaction() as db:
            out, status = act(db)
        return _response(requests.Answer(status, out.model_dump(mode="json")))
    with transaction() as db:
        first = requests.begin(
            db, client_id=partner.id, key=key, fingerprint=_fingerprint(), now=clock.now()
        )
        if first is not None:
            response = _response(_unsealed(first))
            response.headers["Idempotent-Replayed"] = "true"
            return response
        given = _act(db, act)
        kept = _sealed(given) if holds_a_secret else given
        requests.finish(db, client_id=partner.id, key=key, answer=kept)
    return _response(given)


def _act(db: Session, act: Callable[[Session], tuple[BaseModel, int]]) -> requests.Answer:
    try:
        with db.begin_nested():
            out, status = act(db)
    except ProductError as error:
        if problems.status_of(error) >= 500:  # noqa: PLR2004 - trying again may work
            raise
        return requests.Answer(problems.status_of(error), problems.document_of(error))
    return requests.Answer(status, out.model_dump(mode="json"))


def _fingerprint() -> str:
    """Return what two requests must share to be one: method, address and the members of the body.

    Their order and white space are the client's library's, not the client's.  The hash is keyed,
    because what a body says of a buyer could be guessed.
    """
    members = json.dumps(request.get_json(), sort_keys=True) if request.get_data() else ""
    said = f"{request.method}\n{request.full_path}\n{members}"
    return tokens.keyed(settings().secret_key, "request", said)


def _sealed(given: requests.Answer) -> requests.Answer:
    words = sealing.seal(settings().sealing_key, json.dumps(given.body))
    return requests.Answer(given.status, {_SEALED: words})


def _unsealed(kept: requests.Answer) -> requests.Answer:
    if _SEALED not in kept.body:
        return kept
    words = sealing.unseal(settings().sealing_key, kept.body[_SEALED])
    return requests.Answer(kept.status, json.loads(words))


def _response(given: requests.Answer) -> Response:
    response = jsonify(given.body)
    response.status_code = given.status
    response.cache_control.no_store = True  # it may hold a secret, or the code of somebody
    if given.status >= 400:  # noqa: PLR2004 - a refusal
        response.content_type = problems.CONTENT_TYPE
    return response
