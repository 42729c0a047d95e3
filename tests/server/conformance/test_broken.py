"""Servers that break one promise: the kit says exactly which, and nothing else."""

from collections.abc import Callable

import pytest

from server.conformance.contract import Verdict
from server.conformance.run import GROUPS
from tests.server.conformance.conftest import Deployment, hold, sentences
from tests.server.middleman import Given, Middleman, Sent

Spoil = Callable[[Middleman], None]
CODE = "1" * 12


def answers(spoil: Callable[[Sent, Given], None]) -> Spoil:
    """Return a break of what is answered."""

    def into(middleman: Middleman) -> None:
        middleman.spoil_answer = spoil

    return into


def requests(spoil: Callable[[Sent], None]) -> Spoil:
    """Return a break of what is asked, as a server that does not read it well."""

    def into(middleman: Middleman) -> None:
        middleman.spoil_request = spoil

    return into


def instead_of(slug: str, status: int, path: str, method: str = "POST", **members: object) -> Spoil:
    """Return a break that accepts what should be refused with a problem."""

    def accept(sent: Sent, given: Given) -> None:
        here = sent.path.endswith(path) and sent.method == method
        if here and given.is_problem(slug) and given.json.get("key", "") != "unknown":
            given.status, given.json = status, members

    return answers(accept)


def without(header: str) -> Spoil:
    """Return a break that leaves a header out."""

    def leave_out(_sent: Sent, given: Given) -> None:
        given.headers.pop(header, None)

    return answers(leave_out)


@answers
def uses_a_code_twice_under_load(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/redemptions") and sent.had_company and given.is_problem("code-refused"):
        given.status = 201


@answers
def replays_successes_alone(_sent: Sent, given: Given) -> None:
    if given.status >= 400:
        given.headers.pop("Idempotent-Replayed", None)


@answers
def says_something_else_the_second_time(_sent: Sent, given: Given) -> None:
    if "Idempotent-Replayed" in given.headers and given.status < 400:
        given.json = given.json | {"again": True}


@requests
def forgets_keys(sent: Sent) -> None:
    sent.headers.pop("Idempotency-Key", None)


@requests
def ignores_unknown_members(sent: Sent) -> None:
    if b'"surprise"' in sent.body:
        sent.json = {k: v for k, v in sent.json.items() if k != "surprise"}


@requests
def converts_texts_to_numbers(sent: Sent) -> None:
    if b'"order_total_minor": "' in sent.body:
        sent.json = sent.json | {"order_total_minor": int(sent.json["order_total_minor"])}


@requests
def reads_any_body_as_json(sent: Sent) -> None:
    sent.headers["Content-Type"] = "application/json"


@requests
def ignores_tags_of_lists(sent: Sent) -> None:
    if sent.path.endswith("/redemptions"):
        sent.headers.pop("If-None-Match", None)


@answers
def fails_to_release(sent: Sent, given: Given) -> None:
    if sent.method == "DELETE" and "/reservations/" in sent.path and given.status == 204:
        given.status, given.body = 500, b"oops"


@answers
def writes_plain_errors(_sent: Sent, given: Given) -> None:
    if given.status == 404:
        given.headers["Content-Type"] = "application/json"


@answers
def has_no_pages(sent: Sent, given: Given) -> None:
    if sent.path.startswith("/problems/"):
        given.status = 404


@answers
def knows_no_german(_sent: Sent, given: Given) -> None:
    if given.is_problem("code-refused"):
        given.json = given.json | {"texts": {"en": "No.", "fr": "Non."}}


@answers
def reads_small_letters_as_another_code(sent: Sent, given: Given) -> None:
    code = sent.path.removesuffix("/validation").rpartition("/")[2]
    if code != code.upper() and sent.path.endswith("/validation"):
        given.status = 422


@answers
def gives_less_than_it_promised(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/validation") and given.status == 200:
        given.json = given.json | {"discount_minor": given.json["discount_minor"] + 1}


@answers
def rolls_back_everything(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/rollback") and given.status < 400 and b"amount_minor" in sent.body:
        given.json = given.json | {"code_state": "issued"}


@answers
def shows_the_secret_again(sent: Sent, given: Given) -> None:
    if sent.method == "GET" and sent.path.endswith("/webhook-endpoints"):
        given.json = given.json | {"secret": "whsec_again"}


@answers
def sends_events_anywhere(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/webhook-endpoints") and b"169.254" in sent.body:
        given.status, given.json = 201, {"endpoint_id": CODE}


@answers
def names_another_token_endpoint(sent: Sent, given: Given) -> None:
    if sent.path.startswith("/.well-known/"):
        given.json = given.json | {"token_endpoint": "https://elsewhere.example/token"}


@answers
def gives_tokens_to_everybody(sent: Sent, given: Given) -> None:
    if sent.path == "/oauth/token" and given.status == 401:
        given.status, given.json = 200, {"access_token": "A" * 43, "token_type": "Bearer"}


@answers
def describes_an_older_dialect(sent: Sent, given: Given) -> None:
    if sent.path == "/openapi.json" and given.status == 200:
        given.json = given.json | {"openapi": "3.0.3"}


@answers
def writes_pages_for_programs(sent: Sent, given: Given) -> None:
    if sent.path.startswith("/.well-known/"):
        given.body = b"<p>Our metadata</p>"


@answers
def says_soon(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/reservations") and given.status < 400:
        given.json = given.json | {"expires_at": "soon"}


@answers
def takes_any_event(sent: Sent, given: Given) -> None:
    if sent.path.endswith("/webhook-endpoints") and b"surprise" in sent.body:
        given.status, given.json = 201, {"endpoint_id": CODE}


@answers
def names_mistakes_vaguely(_sent: Sent, given: Given) -> None:
    if given.is_problem("times-invalid"):
        given.json = given.json | {"type": "about:blank"}


BROKEN: dict[str, tuple[Spoil, set[str]]] = {
    "a used code can be used again": (
        instead_of("code-refused", 201, "/redemptions", redemption_id=CODE, discount_minor=1),
        {
            "A used code is refused for every other order",
            "A reservation holds a code for its order alone",
            "Many orders want one code at once: one gets it",
        },
    ),
    "a code is used twice under load": (
        uses_a_code_twice_under_load,
        {"Many orders want one code at once: one gets it"},
    ),
    "a code is held for two orders": (
        instead_of("code-refused", 201, "/reservations", reservation_id=CODE),
        {
            "A used code is refused for every other order",
            "A reservation holds a code for its order alone",
            "Many orders want to hold one code at once: one does",
        },
    ),
    "a use is rolled back twice": (
        instead_of("conflict", 201, "/rollback"),
        {
            "More than is left is refused and changes nothing",
            "Many rollbacks of one use at once: one has an effect",
        },
    ),
    "more is rolled back than was given": (
        instead_of("invalid", 201, "/rollback"),
        {"More than is left is refused and changes nothing"},
    ),
    "a part rolls back everything": (
        rolls_back_everything,
        {"A part that is rolled back leaves the rest used"},
    ),
    "a late repeat uses the code again": (
        instead_of("redemption-ended", 200, "/redemptions"),
        {"A late repeat of a use that was rolled back uses nothing"},
    ),
    "another total is taken for the same order": (
        instead_of("order-ref-taken", 200, "/redemptions"),
        {"The same order with another total is refused"},
    ),
    "another amount is taken for the same rollback": (
        instead_of("rollback-ref-taken", 200, "/rollback"),
        {"The same reference with another amount is refused"},
    ),
    "another amount is taken for the same refund": (
        instead_of("reversal-ref-taken", 200, "/reversals"),
        {"The same refund with another amount is refused"},
    ),
    "more is refunded than was paid": (
        instead_of("invalid", 201, "/reversals", amount_minor=1),
        {"More than is left of an order cannot be refunded"},
    ),
    "orders come from the future": (
        instead_of("times-invalid", 201, "/conversions"),
        {"An order from the future is refused"},
    ),
    "keys are forgotten": (
        forgets_keys,
        {
            "The same request under the same key gets the first answer, marked",
            "A refusal is repeated like any answer",
            "Another request under the same key is refused",
            "A key that is none is refused",
            "One Idempotency-Key comes many times at once: one effect, one answer",
        },
    ),
    "a key may be used for anything": (
        instead_of("idempotency-key-reused", 201, "/conversions"),
        {"Another request under the same key is refused"},
    ),
    "only successes are replayed": (
        replays_successes_alone,
        {"A refusal is repeated like any answer"},
    ),
    "a replay says something else": (
        says_something_else_the_second_time,
        {
            "The same request under the same key gets the first answer, marked",
            "One Idempotency-Key comes many times at once: one effect, one answer",
        },
    ),
    "requests have no names": (
        without("X-Request-Id"),
        {"Every answer has a request id, the caller's if there was one"},
    ),
    "limits are not told": (
        without("RateLimit"),
        {"Every answer says what the limits are and what is left of them"},
    ),
    "nobody says how to authenticate": (
        without("WWW-Authenticate"),
        {
            "Without a token every operation is refused, and says how to authenticate",
            "A token that was made up is refused",
        },
    ),
    "tokens may be stored": (
        without("Cache-Control"),
        {"A key gets a bearer token that says when it ends and may not be stored"},
    ),
    "pages lead nowhere": (
        without("Link"),
        {"A list comes in pages, newest first, and Link leads through them"},
    ),
    "any cursor will do": (
        instead_of("cursor-invalid", 200, "/redemptions", "GET", items=[]),
        {"A cursor that was made up is refused"},
    ),
    "lists are always sent": (
        ignores_tags_of_lists,
        {"A page that has not changed is not sent again"},
    ),
    "unknown members are ignored": (
        ignores_unknown_members,
        {"An unknown member is refused and pointed to"},
    ),
    "texts become numbers": (
        converts_texts_to_numbers,
        {"A value of another kind is refused and never converted"},
    ),
    "a hold cannot be released": (
        fails_to_release,
        {"A released code is free at once, and releasing it again changes nothing"},
    ),
    "errors are plain JSON": (
        writes_plain_errors,
        {"Every error is a problem document (RFC 9457)"},
    ),
    "types of problems have no pages": (
        has_no_pages,
        {"Every type of problem is a page about it"},
    ),
    "refusals are not in German": (
        knows_no_german,
        {"A refusal says why in English, German and French"},
    ),
    "small letters are another code": (
        reads_small_letters_as_another_code,
        {"A code is read however it was typed"},
    ),
    "less is given than was promised": (
        gives_less_than_it_promised,
        {"A code gives the discount that was promised"},
    ),
    "secrets are shown again": (
        shows_the_secret_again,
        {"An endpoint's secret is shown once"},
    ),
    "events go to private addresses": (
        sends_events_anywhere,
        {"A target that is not https or not public is refused"},
    ),
    "the metadata lead elsewhere": (
        names_another_token_endpoint,
        {"The metadata name this address and its token endpoint (RFC 8414)"},
    ),
    "metadata are a page": (
        writes_pages_for_programs,
        {"The metadata name this address and its token endpoint (RFC 8414)"},
    ),
    "a hold ends at no moment": (
        says_soon,
        {"A reservation says until when it holds"},
    ),
    "any event can be asked for": (
        takes_any_event,
        {"An event that does not exist is refused"},
    ),
    "problems have no types": (
        names_mistakes_vaguely,
        {"An order from the future is refused"},
    ),
    "any secret gets a token": (
        gives_tokens_to_everybody,
        {"A wrong secret gets no token"},
    ),
    "the description is of another dialect": (
        describes_an_older_dialect,
        {"The description is OpenAPI 3.1 and names every operation of the contract"},
    ),
}
"""How a server fails, and the promises that it breaks by that."""


@pytest.mark.parametrize("name", BROKEN)
def test_the_kit_says_which_promise_is_broken(workshop: Deployment, name: str):
    spoil, promises = BROKEN[name]
    spoil(workshop.middleman)
    try:
        results = hold(workshop.shop())
    finally:
        workshop.middleman.be_honest()

    assert sentences(results, Verdict.BROKEN) == promises
    assert all(result.said for result in results if result.verdict == Verdict.BROKEN)
    others = {result.verdict for result in results} - {Verdict.BROKEN}
    assert others == {Verdict.KEPT}


def test_every_group_can_fail():
    known = {check.sentence: group.name for group in GROUPS for check in group.checks}
    failing = {known[sentence] for _, promises in BROKEN.values() for sentence in promises}
    assert failing == {group.name for group in GROUPS}


def test_no_two_promises_have_the_same_sentence():
    every = [check.sentence for group in GROUPS for check in group.checks]
    assert len(set(every)) == len(every)
