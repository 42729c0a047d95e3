"""Promises about the deployment's own description, and about limits."""

import re
from typing import Any

from server.conformance.answers import Broken, promise
from server.conformance.api import Api
from server.conformance.contract import Group
from server.conformance.errors import UNKNOWN_CODE
from server.conformance.operations import CORE, VALIDATE, same
from server.conformance.shop import Shop

DOCUMENT = Group("Description and limits")
ADDRESS = "/openapi.json"
LEFT = re.compile(r'"requests";r=(\d+)')


def read(api: Api) -> dict[str, Any] | None:
    """Return the deployment's description, or None if it has none that can be read."""
    try:
        found = api.send("GET", ADDRESS, token=None).expect(200).content
    except Broken:
        return None
    return found if isinstance(found, dict) else None


def offers(document: dict[str, Any] | None, operation: str) -> bool:
    """Tell whether a deployment offers an operation; without a description, it may."""
    return document is None or same(operation) in _named(document)


@DOCUMENT.promises("The description is OpenAPI 3.1 and names every operation of the contract")
def described(shop: Shop) -> None:
    """Read the description."""
    said = shop.api.send("GET", ADDRESS, token=None).expect(200)
    promise(str(said["openapi"]).startswith("3.1"), f"It is OpenAPI {said['openapi']}.")
    named = _named(said.content)
    missing = [operation for operation in CORE if same(operation) not in named]
    promise(not missing, f"It does not name {', '.join(missing)}.")


@DOCUMENT.promises("A description that has not changed is not sent again")
def unchanged(shop: Shop) -> None:
    """Ask twice with the ETag."""
    tag = shop.api.send("GET", ADDRESS, token=None).expect(200).header("ETag")
    shop.api.send("GET", ADDRESS, token=None, headers={"If-None-Match": tag}).expect(304)


@DOCUMENT.promises("Every answer says what the limits are and what is left of them", VALIDATE)
def limits(shop: Shop) -> None:
    """Ask twice and see what is left become less, unless a new window began."""
    left = []
    for _ in range(3):
        said = shop.validate(UNKNOWN_CODE)
        policy = said.header("RateLimit-Policy")
        promise('"requests";q=' in policy, f"RateLimit-Policy is {policy}.")
        found = LEFT.search(said.header("RateLimit"))
        promise(found is not None, f"RateLimit is {said.header('RateLimit')}.")
        left.append(int(found[1]) if found else 0)
    promise(left[1] < left[0] or left[2] < left[1], f"Three requests left {left}.")


def _named(document: dict[str, Any]) -> set[str]:
    return {
        same(f"{method.upper()} {path}")
        for path, methods in document.get("paths", {}).items()
        for method in methods
    }
