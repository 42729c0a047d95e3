"""Promises about undoing the use of a code."""

from server.conformance.answers import promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.operations import REDEEM, REDEMPTION, ROLL_BACK
from server.conformance.shop import Shop

ROLLBACKS = Group("Rollbacks")


@ROLLBACKS.promises(
    "A code whose use was rolled back can be used again", REDEEM, ROLL_BACK, codes=1
)
def whole(shop: Shop) -> None:
    """Use a code, undo that, and use it for another order."""
    code = shop.code()
    used = shop.redeem(code).expect(201)
    undone = shop.roll_back(str(used["redemption_id"])).expect(201)
    promise(undone["code_state"] == "issued", f"The code is {undone['code_state']}.")
    promise(
        undone["amount_minor"] == used["discount_minor"],
        f"{undone['amount_minor']} of {used['discount_minor']} came back.",
    )
    shop.redeem(code).expect(201)


@ROLLBACKS.promises("A part that is rolled back leaves the rest used", REDEEM, ROLL_BACK, codes=1)
def part(shop: Shop) -> None:
    """Use a code and undo the smallest part."""
    code = shop.code()
    used = shop.redeem(code).expect(201)
    undone = shop.roll_back(str(used["redemption_id"]), amount_minor=1).expect(201)
    promise(undone["amount_minor"] == 1, f"{undone['amount_minor']} came back instead of 1.")
    promise(undone["code_state"] == "redeemed", f"The code is {undone['code_state']}.")
    left = undone["redemption"]
    promise(left.get("rolled_back_minor") == 1, f"The use says {left}.")


@ROLLBACKS.promises("A repeated rollback gets the first answer", REDEEM, ROLL_BACK, codes=1)
def repeated(shop: Shop) -> None:
    """Undo the same part twice under the same reference."""
    used, ref = str(shop.redeem(shop.code()).expect(201)["redemption_id"]), name("rollback")
    first = shop.roll_back(used, ref, 1).expect(201)
    shop.roll_back(used, ref, 1).expect(200).expect_same(first)


@ROLLBACKS.promises("The same reference with another amount is refused", REDEEM, ROLL_BACK, codes=1)
def other_amount(shop: Shop) -> None:
    """Undo another part under the same reference."""
    used, ref = str(shop.redeem(shop.code()).expect(201)["redemption_id"]), name("rollback")
    shop.roll_back(used, ref, 1).expect(201)
    shop.roll_back(used, ref, 2).expect_problem(409, "rollback-ref-taken")


@ROLLBACKS.promises(
    "More than is left is refused and changes nothing", REDEEM, REDEMPTION, ROLL_BACK, codes=1
)
def too_much(shop: Shop) -> None:
    """Undo more than was given, and everything twice."""
    used = shop.redeem(shop.code()).expect(201)
    redemption_id, given = str(used["redemption_id"]), int(used["discount_minor"])
    shop.roll_back(redemption_id, amount_minor=given + 1).expect_problem(422, "invalid")
    before = shop.look_up(redemption_id).expect(200)
    promise(before["rolled_back_minor"] == 0, f"{before['rolled_back_minor']} came back.")
    shop.roll_back(redemption_id).expect(201)
    shop.roll_back(redemption_id).expect_problem(409, "conflict")


@ROLLBACKS.promises(
    "A late repeat of a use that was rolled back uses nothing", REDEEM, ROLL_BACK, codes=1
)
def late_repeat(shop: Shop) -> None:
    """Send the first request again after it was undone."""
    code, order = shop.code(), name("order")
    used = str(shop.redeem(code, order).expect(201)["redemption_id"])
    shop.roll_back(used).expect(201)
    shop.redeem(code, order).expect_problem(409, "redemption-ended")
