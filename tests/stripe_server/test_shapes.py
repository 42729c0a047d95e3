"""Objects look like Stripe's: as the package types them, and as Stripe's examples show them."""

import json
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeClient, StripeObject

from tests.stripe_server import StripeServer, shapes

Thing = dict[str, Any]


@pytest.fixture
def seen(stripe: StripeServer, boots: str, client: StripeClient) -> list[Thing]:
    """One of everything, each as the API and each as an event shows it."""
    coupon = client.v1.coupons.create({"amount_off": 5_00, "currency": "eur"})
    half = client.v1.coupons.create({"percent_off": 50.5, "name": "Half"})
    code = client.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": coupon.id},
            "code": "ADA5",
            "restrictions": {"minimum_amount": 20_00, "minimum_amount_currency": "eur"},
        }
    )
    waiting = stripe.checkout(boots, 60_00, "eur")
    stripe.complete(waiting, "unpaid")
    stripe.settle(waiting, succeeded=False)
    stripe.expire(stripe.checkout(boots, 60_00, "eur"))
    session = stripe.checkout(boots, 120_00, "eur")
    paid = stripe.complete(session, code="ADA5")
    refund = client.v1.refunds.create({"payment_intent": paid["payment_intent"], "amount": 10_00})
    dispute = stripe.dispute(session)
    stripe.close_dispute(dispute["id"], "won")
    whole = ["total_details.breakdown", "line_items", "payment_intent.latest_charge"]
    made: list[StripeObject] = [
        client.v1.accounts.retrieve_current(),
        client.v1.coupons.retrieve(coupon.id),
        half,
        client.v1.promotion_codes.retrieve(code.id, {"expand": ["promotion.coupon"]}),
        client.v1.checkout.sessions.retrieve(session, {"expand": whole}),
        client.v1.checkout.sessions.retrieve(waiting, {"expand": ["payment_intent"]}),
        client.v1.payment_intents.retrieve(paid["payment_intent"]),
        client.v1.charges.retrieve(refund.charge, {"expand": ["refunds"]}),
        client.v1.refunds.retrieve(refund.id, {"expand": ["charge", "payment_intent"]}),
        client.v1.disputes.retrieve(dispute["id"], {"expand": ["charge"]}),
        client.v1.webhook_endpoints.create({"url": "https://x.example", "enabled_events": ["*"]}),
        *client.v1.events.list({"limit": 100}).data,
    ]
    things = [json.loads(str(thing)) for thing in made]
    return [*things, *(thing["data"]["object"] for thing in things if thing["object"] == "event")]


def test_every_member_is_one_that_the_package_knows_in_its_type(seen: list[Thing]):
    assert {thing["object"] for thing in seen} >= shapes.CLASSES.keys() - {"item", "discount"}
    assert [
        told
        for thing in seen
        for told in shapes.wrong(thing, shapes.CLASSES[thing["object"]], thing["object"])
    ] == []


def test_the_check_sees_what_is_wrong(seen: list[Thing]):
    coupon = next(thing for thing in seen if thing["object"] == "coupon")
    del coupon["valid"]
    coupon |= {"percent_off": "5", "duration": "now", "object": None, "worth": 1}
    assert shapes.wrong(coupon, shapes.CLASSES["coupon"], "coupon") == [
        "coupon: has no valid",
        "coupon: the package knows no worth",
        "coupon.duration: 'now' is not a known word",
        "coupon.object: None is not a known word",
        "coupon.percent_off: '5' is not <class 'float'>",
    ]


def test_every_object_has_what_stripes_own_example_has(shared: Path, seen: list[Thing]):
    examples = json.loads((shared / "stripe" / "fixtures3.json").read_text())["resources"]
    told = [
        told
        for thing in seen
        for told in shapes.lacking(thing, _example(thing, examples), thing["object"])
    ]
    assert told == []
    assert any("refunds" in thing for thing in seen), "of charges, one was asked for them"
    _sees_what_is_lacking(seen[0], examples)


def _example(thing: Thing, examples: Thing) -> Thing:
    """Return Stripe's example, without what this API version only shows when it is asked for.

    Of an event only the envelope is compared: its object has an example of its own.
    """
    example = dict(examples[thing["object"]])
    if thing["object"] == "event":
        example["data"] = {"object": {}}
    if thing["object"] == "charge" and "refunds" not in thing:
        del example["refunds"]
    return example


def _sees_what_is_lacking(account: Thing, examples: Thing) -> None:
    del account["settings"]["payouts"]
    account["country"] = 1
    assert len(shapes.lacking(account, examples["account"], "account")) == 2
