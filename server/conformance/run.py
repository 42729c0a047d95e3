"""Running the contract: every check in order, whatever became of the ones before it."""

import time
from collections.abc import Iterator

from server.conformance import (
    access,
    codes,
    conversions,
    document,
    errors,
    listening,
    lists,
    once,
    races,
    redemptions,
    reservations,
    rollbacks,
    webhooks,
)
from server.conformance.answers import Broken, Missing
from server.conformance.contract import Check, Group, Result, Verdict
from server.conformance.shop import Shop

GROUPS: tuple[Group, ...] = (
    access.ACCESS,
    document.DOCUMENT,
    errors.ERRORS,
    codes.CODES,
    reservations.RESERVATIONS,
    redemptions.REDEMPTIONS,
    rollbacks.ROLLBACKS,
    once.ONCE,
    conversions.CONVERSIONS,
    lists.LISTS,
    webhooks.WEBHOOKS,
    races.RACES,
)
CODES_NEEDED = sum(check.codes for group in GROUPS for check in group.checks)


def checks(shop: Shop) -> list[Check]:
    """Return every check for a shop, and those that it alone makes possible."""
    found = []
    for group in GROUPS:
        found += group.checks
        if group is codes.CODES:
            found += [codes.refused(key) for key in shop.refused]
        if group is webhooks.WEBHOOKS and shop.hook is not None:
            found += listening.LISTENING.checks
    return found


def run(shop: Shop) -> Iterator[Result]:
    """Run every check and give what became of it."""
    shop.document = document.read(shop.api)
    for check in checks(shop):
        yield _one(shop, check)


def _one(shop: Shop, check: Check) -> Result:
    for operation in check.operations:
        if not document.offers(shop.document, operation):
            said = f"The description does not name {operation}."
            return Result(check, Verdict.NOT_OFFERED, 0.0, said)
    if len(shop.codes) < check.codes:
        said = f"There is no code left for it; all checks together need {CODES_NEEDED}."
        return Result(check, Verdict.NOT_CHECKED, 0.0, said)
    kept = shop.codes[check.codes :]
    began = time.perf_counter()
    verdict, said = Verdict.KEPT, ""
    try:
        check.act(shop)
    except Broken as broken:
        verdict, said = Verdict.BROKEN, str(broken)
    except Missing as missing:
        verdict, said = Verdict.NOT_CHECKED, str(missing)
    shop.codes = kept
    return Result(check, verdict, time.perf_counter() - began, said)
