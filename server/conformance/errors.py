"""Promises about what is said when something is wrong, and about strict bodies."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from server.conformance.answers import Answer, promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.operations import REDEEM, REDEMPTION, RESERVE, VALIDATE, address
from server.conformance.shop import Shop

ERRORS = Group("Errors and bodies")
UNKNOWN_CODE = "0000-0000-0000"
UNKNOWN_ID = "1" * 12
PROBLEM = "application/problem+json"
MEMBERS = ("type", "title", "status", "detail", "instance", "request_id")
REQUEST_ID = "X-Request-Id"
WRONG: tuple[dict[str, object], ...] = (
    {"order_total_minor": "100"},
    {"order_total_minor": 0},
    {"order_total_minor": -1},
    {"order_total_minor": 1.5},
    {"order_total_minor": True},
    {"order_total_minor": 10**30},
    {"order_total_minor": None},
    {"currency": "eur"},
    {"currency": "EURO"},
    {"order_ref": ""},
    {"order_ref": "two\nlines"},
    {"order_ref": 7},
    {"code": None},
)
"""Members of a use that are no amounts, currencies, references or codes."""


@ERRORS.promises(
    "Every error is a problem document (RFC 9457)", VALIDATE, REDEMPTION, RESERVE, REDEEM
)
def problems(shop: Shop) -> None:
    """Make one mistake of each kind."""
    for said in _mistakes(shop):
        kind = said.header("Content-Type")
        promise(kind == PROBLEM, f"{said.asked} answered {said.status} as {kind}.")
        missing = [member for member in MEMBERS if member not in said.content]
        promise(not missing, f"{said.asked} answered {said.status} without {', '.join(missing)}.")
        promise(
            said["status"] == said.status, f"{said.asked}: {said['status']} is not {said.status}."
        )


@ERRORS.promises("Every type of problem is a page about it", VALIDATE, REDEMPTION, RESERVE, REDEEM)
def pages(shop: Shop) -> None:
    """Open the page of each mistake."""
    for address_ in dict.fromkeys(str(said["type"]) for said in _mistakes(shop)):
        promise(bool(urlsplit(address_).scheme), f"{address_} is no address.")
        page = shop.api.send("GET", address_, token=None).expect(200)
        kind = page.header("Content-Type")
        promise(kind.startswith("text/html"), f"{address_} is {kind} and no page.")


@ERRORS.promises("Every answer has a request id, the caller's if there was one", VALIDATE)
def request_ids(shop: Shop) -> None:
    """Send a request with and without a name."""
    method, path = address(VALIDATE, UNKNOWN_CODE)
    ours = name("request")
    body = shop.order()
    said = shop.api.send(method, path, json=body, headers={REQUEST_ID: ours})
    promise(said.header(REQUEST_ID) == ours, f"Ours became {said.header(REQUEST_ID)}.")
    promise(said["request_id"] == ours, "The problem has another one than the header.")
    first = shop.api.send(method, path, json=body).header(REQUEST_ID)
    second = shop.api.send(method, path, json=body).header(REQUEST_ID)
    promise(first != second, "Two requests have the same one.")


@ERRORS.promises("An unknown member is refused and pointed to", RESERVE)
def unknown_members(shop: Shop) -> None:
    """Send a member that no operation knows."""
    said = shop.reserve(UNKNOWN_CODE, surprise=1).expect_problem(422, "invalid-body")
    pointers = [wrong.get("pointer") for wrong in said["errors"]]
    promise("/surprise" in pointers, f"It points to {pointers}.")


@ERRORS.promises("A value of another kind is refused and never converted", REDEEM)
def wrong_values(shop: Shop) -> None:
    """Send one wrong value after the other."""
    for wrong in WRONG:
        use = {"code": UNKNOWN_CODE, "order_ref": name("order")} | shop.order() | wrong
        said = shop.ask(REDEEM, body=use)
        (member,) = wrong
        promise(
            said.status == HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{wrong} was answered with {said.status}.",
        )
        said.expect_problem(422, "invalid-body")
        pointers = [one.get("pointer") for one in said["errors"]]
        promise(f"/{member}" in pointers, f"For {wrong} it points to {pointers}.")


@ERRORS.promises("A body that says that it is no JSON is refused", REDEEM)
def other_media(shop: Shop) -> None:
    """Send a form."""
    _form(shop).expect_problem(415, "unsupported-media-type")


@ERRORS.promises("A body that cannot be read is refused", REDEEM)
def unreadable(shop: Shop) -> None:
    """Send half a body, and values that are no object."""
    method, path = address(REDEEM)
    for text in ("", "{", '{"code":', "[]", "7", "null", '"text"', "\ufeff{}"):
        sent = {"Content-Type": "application/json"}
        said = shop.api.send(method, path, data=text.encode(), headers=sent)
        promise(said.status in {400, 422}, f"{text!r} was answered with {said.status}.")


def _mistakes(shop: Shop) -> Iterator[Answer]:
    """Make one mistake of each kind that a program makes."""
    method, path = address(RESERVE)
    yield shop.api.send(method, path, token=None, json={}).expect(401)
    yield shop.look_up(UNKNOWN_ID).expect(404)
    yield shop.api.send("PUT", path, json={}).expect(405)
    yield _form(shop).expect(415)
    yield shop.ask(RESERVE, body={}).expect(422)
    yield shop.validate(UNKNOWN_CODE).expect(422)


def _form(shop: Shop) -> Answer:
    method, path = address(REDEEM)
    return shop.api.send(method, path, data={"code": UNKNOWN_CODE})
