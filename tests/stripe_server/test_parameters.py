"""What Stripe would refuse is refused, with Stripe's words, code and parameter."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe as package
from stripe import InvalidRequestError, StripeClient, params
from stripe.params import checkout

from tests.stripe_server import StripeServer, forms, parameters, routes
from tests.stripe_server.refusals import Refused

Thing = dict[str, Any]


def refused(form: str, shape: type) -> Thing:
    with pytest.raises(Refused) as refusal:
        parameters.check(forms.decode(form), shape)
    assert refusal.value.status == 400
    assert refusal.value.error["type"] == "invalid_request_error"
    return refusal.value.error


COUPON, CODE = params.CouponCreateParams, params.PromotionCodeCreateParams
SESSION, EVENTS = checkout.SessionCreateParams, params.EventListParams
ENDPOINT = params.WebhookEndpointCreateParams
BOOTS = {"currency": "eur", "unit_amount": 60_00, "product_data": {"name": "Boots"}}


class TestAForm:
    def test_is_a_tree_in_brackets(self):
        tree = forms.decode("a[b][c]=1&a[b][d]=2&l[0]=x&l[1]=y&e[]=p&e[]=q&n[0][m]=z&s=")
        assert tree == {
            "a": {"b": {"c": "1", "d": "2"}},
            "l": {"0": "x", "1": "y"},
            "e": {"0": "p", "1": "q"},
            "n": {"0": {"m": "z"}},
            "s": "",
        }

    @pytest.mark.parametrize("form", ["a=1&a=2", "a=1&a[b]=2", "[a]=1", "a[=1", "a[b]c=1"])
    def test_is_refused_when_it_is_none(self, form: str):
        with pytest.raises(Refused):
            forms.decode(form)


class TestParameters:
    def test_get_their_types(self):
        given = parameters.check(
            forms.decode(
                "mode=payment&allow_promotion_codes=true&expand[]=payment_intent"
                "&line_items[0][quantity]=2&line_items[0][price_data][currency]=eur"
                "&line_items[0][price_data][unit_amount_decimal]=12.5&metadata[a b]=c"
            ),
            SESSION,
        )
        assert given == {
            "mode": "payment",
            "allow_promotion_codes": True,
            "expand": ["payment_intent"],
            "metadata": {"a b": "c"},
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {"currency": "eur", "unit_amount_decimal": Decimal("12.5")},
                }
            ],
        }
        assert parameters.check(forms.decode("percent_off=12.5"), COUPON) == {"percent_off": 12.5}

    @pytest.mark.parametrize(
        ("form", "shape", "param"),
        [
            ("worth=1", COUPON, "worth"),
            ("promotion[type]=coupon&coupon=x", CODE, "coupon"),
            ("promotion[type]=coupon&promotion[id]=x", CODE, "promotion[id]"),
            ("line_items[0][price_data][currency]=eur&line_items[0][price_data][cost]=1",
             SESSION, "line_items[0][price_data][cost]"),
            ("idempotency_key=x", COUPON, "idempotency_key"),
        ],
    )  # fmt: skip
    def test_that_nobody_knows_are_refused(self, form: str, shape: type, param: str):
        error = refused(form, shape)
        assert (error["code"], error["param"]) == ("parameter_unknown", param)
        assert error["message"] == f"Received unknown parameter: {param}"

    def test_that_nobody_knows_are_all_named(self):
        assert refused("a=1&b=2", COUPON)["message"] == "Received unknown parameters: a, b"

    @pytest.mark.parametrize(
        ("form", "shape", "param"),
        [
            ("code=ADA5", CODE, "promotion"),
            ("promotion[coupon]=x", CODE, "promotion[type]"),
            ("url=https://x.example", ENDPOINT, "enabled_events"),
            ("line_items[0][price_data][unit_amount]=1", SESSION,
             "line_items[0][price_data][currency]"),
        ],
    )  # fmt: skip
    def test_that_are_missing_are_asked_for(self, form: str, shape: type, param: str):
        error = refused(form, shape)
        assert (error["code"], error["param"]) == ("parameter_missing", param)

    @pytest.mark.parametrize(
        ("form", "shape", "message"),
        [
            ("amount_off=5.5", COUPON, "Invalid integer: 5.5"),
            ("amount_off=five", COUPON, "Invalid integer: five"),
            ("percent_off=half", COUPON, "Invalid decimal: half"),
            ("percent_off=NaN", COUPON, "Invalid decimal: NaN"),
            ("allow_promotion_codes=1", SESSION, "Invalid boolean: 1"),
            ("duration=now", COUPON,
             "Invalid duration: must be one of forever, once, or repeating"),
            ("mode=gift", SESSION, "Invalid mode: must be one of payment, setup, or subscription"),
            ("promotion[type]=gift", CODE, "Invalid promotion[type]: must be one of coupon"),
            ("promotion=x", CODE, "Invalid object"),
            ("line_items=x", SESSION, "Invalid array"),
            ("line_items[1][quantity]=1", SESSION, "Invalid array"),
            ("expand=x", COUPON, "Invalid array"),
            ("expand[a]=x", COUPON, "Invalid array"),
            ("name[a]=x", COUPON, "Invalid string: {'a': 'x'}"),
            ("metadata=x", COUPON, "Invalid object"),
            ("metadata[a][b]=x", COUPON, "Metadata values must be strings"),
            ("created[gt]=soon", EVENTS, "Invalid integer: soon"),
            ("enabled_events[0]=boots.worn&url=x", ENDPOINT, "Invalid enabled_events[0]"),
        ],
    )  # fmt: skip
    def test_of_a_wrong_type_are_refused(self, form: str, shape: type, message: str):
        assert refused(form, shape)["message"].startswith(message)

    def test_that_are_empty_are_refused_unless_they_can_be_unset(self):
        error = refused("name=", COUPON)
        assert (error["code"], error["param"]) == ("parameter_invalid_empty", "name")
        assert parameters.check({"metadata": ""}, COUPON) == {"metadata": ""}
        assert refused("metadata=", SESSION)["code"] == "parameter_invalid_empty"

    def test_have_metadata_of_a_limited_size(self):
        many = "&".join(f"metadata[k{n}]=v" for n in range(51))
        assert "up to 50 keys" in refused(many, COUPON)["message"]
        assert "up to 40 characters" in refused(f"metadata[{'k' * 41}]=v", COUPON)["message"]
        assert "up to 500 characters" in refused(f"metadata[k]={'v' * 501}", COUPON)["message"]
        most = {f"{n:040}": "v" * 500 for n in range(50)}
        assert parameters.check({"metadata": most}, COUPON) == {"metadata": most}

    def test_can_be_a_number_or_a_range(self):
        assert parameters.check({"created": "5"}, EVENTS) == {"created": 5}
        assert parameters.check({"created": {"gt": "5"}}, EVENTS) == {"created": {"gt": 5}}


class TestThroughThePackage:
    def test_a_refusal_is_the_packages_error(self, client: StripeClient):
        with pytest.raises(InvalidRequestError) as refusal:
            client.v1.promotion_codes.create({"coupon": "x", "promotion": {"type": "coupon"}})
        error = refusal.value
        assert (error.http_status, error.code, error.param) == (400, "parameter_unknown", "coupon")
        assert error.request_id.startswith("req_")
        assert error.error.type == "invalid_request_error"
        assert error.error.doc_url.endswith("/error-codes/parameter-unknown")

    def test_an_unknown_thing_is_404(self, client: StripeClient):
        with pytest.raises(InvalidRequestError, match="No such coupon: 'x'") as refusal:
            client.v1.coupons.retrieve("x")
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")

    def test_an_unknown_address_is_404(self, stripe: StripeServer, boots: str):
        answer = requests.get(
            f"{stripe.address}/v1/boots",
            headers={"Authorization": f"Bearer {stripe.key(boots)}"},
            timeout=5,
        )
        assert answer.status_code == 404
        assert answer.json()["error"]["message"].startswith(
            "Unrecognized request URL (GET: /v1/boots)."
        )

    @pytest.mark.parametrize(
        ("more", "named"),
        [
            ({"locale": "de"}, "locale"),
            ({"payment_intent_data": {"description": "Boots"}}, "payment_intent_data.description"),
            ({"line_items": [{"price_data": BOOTS, "tax_rates": ["x"]}]}, "tax_rates"),
        ],
    )
    def test_what_stripe_would_do_and_this_server_would_not_is_said_aloud(
        self, client: StripeClient, more: Thing, named: str
    ):
        wanted = {
            "mode": "payment",
            "success_url": "https://boots.example",
            "line_items": [{"price_data": BOOTS}],
        }
        assert client.v1.checkout.sessions.create(wanted).amount_total == 60_00
        with pytest.raises(package.APIError, match=f"does not do anything with .*{named}"):
            client.v1.checkout.sessions.create(wanted | more)


class TestTheRoutes:
    def test_are_those_of_the_package_with_its_parameters(self):
        """The package's services say which address takes which parameters."""
        ours = {(r.method, _nameless(r.path), r.shape.__name__) for r in routes.ROUTES}
        assert ours <= _published(), "a route of ours is none of Stripe's"

    def test_are_each_found_at_their_address(self):
        for route in routes.ROUTES:
            found, parts = routes.find(route.method, route.path.replace("{id}", "x-1"))
            assert found is route
            assert parts == ({"id": "x-1"} if "{id}" in route.path else {})


def _nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _published() -> set[tuple[str, str, str]]:
    """Return method, address and parameter type of every call in the package."""
    root = Path(package.__file__).parent
    files = [*root.glob("_*_service.py"), *root.glob("checkout/_*_service.py")]
    return {call for file in files for call in _calls(ast.parse(file.read_text()))}


def _calls(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        words = [n.value for n in ast.walk(function) if isinstance(n, ast.Constant)]
        paths = [w for w in words if isinstance(w, str) and w.startswith("/v1/")]
        verbs = [w for w in words if w in {"get", "post", "delete"}]
        shapes = [w for w in words if isinstance(w, str) and w.endswith("Params")]
        if paths and verbs and shapes:
            yield verbs[0].upper(), _nameless(paths[0]), shapes[0]
