"""Promises about asking whether a code can be used, and about refusals."""

from server.conformance.answers import promise
from server.conformance.contract import Check, Group
from server.conformance.errors import UNKNOWN_CODE
from server.conformance.operations import REDEEM, RESERVE, VALIDATE
from server.conformance.shop import Shop

CODES = Group("Codes")
LANGUAGES = ("en", "de", "fr")


@CODES.promises("Asking about a code says what it gives, and changes nothing", VALIDATE, codes=1)
def asking(shop: Shop) -> None:
    """Ask again and again."""
    code = shop.code()
    first = shop.validate(code).expect(200)
    promise(
        0 < first["discount_minor"] <= shop.total_minor,
        f"It gives {first['discount_minor']} off an order of {shop.total_minor}.",
    )
    for _ in range(3):
        shop.validate(code).expect(200).expect_same(first)


@CODES.promises("A code is read however it was typed", VALIDATE, codes=1)
def typed(shop: Shop) -> None:
    """Type it in small letters and without its dashes."""
    code = shop.code()
    first = shop.validate(code).expect(200)
    for written in (code.lower(), code.replace("-", ""), code.replace("-", " ")):
        shop.validate(written).expect(200).expect_same(first)


@CODES.promises("A code that does not exist is refused as unknown", VALIDATE, RESERVE, REDEEM)
def unknown(shop: Shop) -> None:
    """Try a code that nobody was given."""
    for said in (
        shop.validate(UNKNOWN_CODE),
        shop.reserve(UNKNOWN_CODE),
        shop.redeem(UNKNOWN_CODE),
    ):
        said.expect_refusal("unknown")


@CODES.promises("An order that is too small is refused as minimum_not_met", VALIDATE, codes=1)
def minimum(shop: Shop) -> None:
    """Buy for one cent."""
    shop.validate(shop.code(), order_total_minor=1).expect_refusal("minimum_not_met")


@CODES.promises("An order in another currency is refused as currency_mismatch", VALIDATE, codes=1)
def currency(shop: Shop) -> None:
    """Buy in another country."""
    other = "CHF" if shop.currency != "CHF" else "EUR"
    shop.validate(shop.code(), currency=other).expect_refusal("currency_mismatch")


@CODES.promises("A refusal says why in English, German and French", VALIDATE)
def texts(shop: Shop) -> None:
    """Read why."""
    said = shop.validate(UNKNOWN_CODE).expect_problem(422, "code-refused")["texts"]
    missing = [language for language in LANGUAGES if not said.get(language)]
    promise(not missing, f"It says nothing in {', '.join(missing)}.")


def refused(key: str) -> Check:
    """Return the check that a code of the operator's is refused for its reason everywhere."""

    def act(shop: Shop) -> None:
        code = shop.refused[key]
        for said in (shop.validate(code), shop.reserve(code), shop.redeem(code)):
            said.expect_refusal(key)

    sentence = f"A code that is to be refused as {key} is refused so"
    return Check(CODES.name, sentence, 0, (VALIDATE, RESERVE, REDEEM), act)
