"""What a buyer does on the checkout page: type a code, pay, pay later, or fail to."""

from tests.stripe_server import checkout, payments, promotion_codes
from tests.stripe_server.account_shape import ADDRESS, nothing
from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Thing, World


def complete(
    world: World,
    account: Account,
    session: Thing,
    *,
    paid: bool,
    code: str | None,
    email: str,
    card: str | None,
) -> Thing:
    """Complete a session; one that is not paid at once waits for its bank."""
    if session["status"] != "open":
        raise Refused(f"This session is {session['status']}.")
    if code is not None:
        _type(world, account, session, code)
    _redeem(world, account, session)
    email = session["customer_email"] or email
    session.update(status="complete", url=None, customer_details=_details(email), _card=card)
    if session["amount_total"] == 0:
        session["payment_status"] = "no_payment_required"
    else:
        _pay(world, account, session, paid=paid, email=email)
    world.emit(account, "checkout.session.completed", session)
    return session


def _type(world: World, account: Account, session: Thing, typed: str) -> None:
    if not session["allow_promotion_codes"]:
        raise Refused("This session takes no promotion codes.")
    code = promotion_codes.redeemable(account, typed, now=world.now)
    if code is None:
        raise Refused("This code is invalid.")
    checkout.apply_code(account, session, code)


def _redeem(world: World, account: Account, session: Thing) -> None:
    """Count the use of the coupon and its code, unless somebody else was faster."""
    promotion_codes.grow_old(account, world.now)
    for discount in session["discounts"] or []:
        coupon = account.coupon(session["_coupon"])
        code = account.all("promotion_code").get(discount["promotion_code"])
        if not (coupon["valid"] if code is None else code["active"]):
            raise Refused("This code is no longer valid.")
        coupon["times_redeemed"] += 1
        if code is not None:
            code["times_redeemed"] += 1
    promotion_codes.grow_old(account, world.now)


def _pay(world: World, account: Account, session: Thing, *, paid: bool, email: str) -> None:
    intent = payments.intend(
        world,
        account,
        amount=session["amount_total"],
        currency=session["currency"],
        metadata=dict(session["_intent_metadata"]),
        status="processing",
    )
    world.emit(account, "payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    if paid:
        payments.succeed(world, account, intent, email=email, card=session["_card"])
        session["payment_status"] = "paid"


def settle(world: World, account: Account, session: Thing, *, succeeded: bool) -> Thing:
    """Let the bank answer for a session that was completed and not paid."""
    if session["status"] != "complete" or session["payment_status"] != "unpaid":
        raise Refused("Only a session that waits for its payment can be settled.")
    intent = account.all("payment_intent")[session["payment_intent"]]
    if intent["status"] != "processing":
        raise Refused("This payment has failed already.")
    if not succeeded:
        payments.fail(world, account, intent)
        world.emit(account, "checkout.session.async_payment_failed", session)
        return session
    email = session["customer_details"]["email"]
    payments.succeed(world, account, intent, email=email, card=session["_card"])
    session["payment_status"] = "paid"
    world.emit(account, "checkout.session.async_payment_succeeded", session)
    return session


def _details(email: str) -> Thing:
    return {
        **nothing("business_name", "individual_name", "name", "phone"),
        "address": nothing(*ADDRESS),
        "email": email,
        "tax_exempt": "none",
        "tax_ids": [],
    }
