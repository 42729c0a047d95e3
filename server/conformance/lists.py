"""Promises about lists."""

from server.conformance.answers import Answer, promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.operations import OFFERS, REDEEM, REDEMPTIONS, ROLL_BACK, address
from server.conformance.shop import Shop

LISTS = Group("Lists")
USES = 3


@LISTS.promises(
    "A list comes in pages, newest first, and Link leads through them",
    REDEMPTIONS,
    REDEEM,
    ROLL_BACK,
    codes=1,
)
def pages(shop: Shop) -> None:
    """Use one code three times, and read its uses one by one."""
    code, used = shop.code(), []
    for _ in range(USES):
        redemption = str(shop.redeem(code).expect(201)["redemption_id"])
        shop.roll_back(redemption).expect(201)
        used.append(redemption)
    page = _list(shop, REDEMPTIONS, code=code, limit="1")
    found = [page]
    while "next" in page.response.links and len(found) <= USES:
        page = shop.api.send("GET", page.response.links["next"]["url"]).expect(200)
        found.append(page)
    listed = [one["redemption_id"] for page in found for one in page["items"]]
    promise(listed == used[::-1], f"{USES} uses are listed as {len(listed)}, in another order.")
    promise(page["next_cursor"] is None, "The last page leads on.")


@LISTS.promises("A list can be narrowed to one order", REDEMPTIONS, REDEEM, codes=1)
def narrowed(shop: Shop) -> None:
    """Use a code and ask for its order."""
    order = name("order")
    used = shop.redeem(shop.code(), order).expect(201)["redemption_id"]
    listed = [one["redemption_id"] for one in _list(shop, REDEMPTIONS, order_ref=order)["items"]]
    promise(listed == [used], f"The list of one order has {len(listed)} uses.")


@LISTS.promises("A cursor that was made up is refused", REDEMPTIONS)
def cursors(shop: Shop) -> None:
    """Go on from nowhere."""
    method, path = address(REDEMPTIONS)
    said = shop.api.send(method, path, params={"cursor": "nowhere"})
    said.expect_problem(422, "cursor-invalid")


@LISTS.promises("An unknown parameter is refused", REDEMPTIONS)
def parameters(shop: Shop) -> None:
    """Ask for an order of the list."""
    method, path = address(REDEMPTIONS)
    said = shop.api.send(method, path, params={"surprise": "1"})
    said.expect_problem(422, "invalid-body")


@LISTS.promises("A page that has not changed is not sent again", REDEMPTIONS)
def unchanged(shop: Shop) -> None:
    """Ask twice with the ETag."""
    method, path = address(REDEMPTIONS)
    narrow = {"order_ref": name("order")}
    tag = _list(shop, REDEMPTIONS, **narrow).header("ETag")
    again = shop.api.send(method, path, params=narrow, headers={"If-None-Match": tag})
    again.expect(304)


@LISTS.promises("The brand's offers are listed with what is left of their budget", OFFERS)
def offers(shop: Shop) -> None:
    """Read the offers."""
    for offer in _list(shop, OFFERS)["items"]:
        is_whole = {"offer_id", "currency", "budget_minor", "remaining_minor"} <= offer.keys()
        promise(is_whole, f"An offer has only {', '.join(offer)}.")


def _list(shop: Shop, operation: str, **query: str) -> Answer:
    method, path = address(operation)
    said = shop.api.send(method, path, params=query).expect(200)
    promise(isinstance(said["items"], list), "items is no list.")
    return said
