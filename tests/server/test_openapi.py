"""The document of the APIs: valid, complete, and true of the code."""

import re
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from server import clock
from server.services import events
from server.services.clients import APP_SCOPES, PARTNER_SCOPES
from server.store import brands
from server.web import advice
from server.web.openapi import operations
from tests import make
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer

ALWAYS = {"401", "403", "422", "429", "500", "503"}


@pytest.fixture(scope="module")
def scopes() -> dict[str, set[str]]:
    """Return the scope of every operation whose scope partners already rely on."""
    return {
        "codes_validate": {"codes:validate"},
        "reservations_create": {"codes:redeem"},
        "reservations_delete": {"codes:redeem"},
        "redemptions_create": {"codes:redeem"},
        "redemptions_index": {"codes:redeem"},
        "redemptions_show": {"codes:redeem"},
        "redemptions_roll_back": {"codes:redeem"},
        "conversions_create": {"conversions:write"},
        "conversions_reverse": {"conversions:write"},
        "offers_index": set(PARTNER_SCOPES),
        "extension_offers_index": {"offers:read"},
        "extension_shares_create": {"shares:write"},
        "extension_shares_withdraw": {"shares:write"},
        "extension_shares_qr": {"shares:write"},
        "extension_referrals_create": {"referrals:write"},
        "extension_wallet_show": {"wallet:read"},
        "extension_wallet_code_qr": {"wallet:read"},
    }


@pytest.fixture
def doc(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def every(doc: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every operation with its path and method."""
    return [
        (path, method, operation)
        for path, item in doc["paths"].items()
        for method, operation in item.items()
    ]


def whole(doc: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that can be used alone."""
    return {**schema, "components": doc["components"]}


class TestDocument:
    def test_is_openapi_3_1(self, doc: dict[str, Any]):
        assert doc["openapi"].startswith("3.1")
        OPENAPI_31_VALIDATOR.validate(doc)
        for schema in doc["components"]["schemas"].values():
            jsonschema_rs.meta.validate(schema)

    def test_has_every_route_and_no_other(self, app: Flask, doc: dict[str, Any]):
        routes = {
            (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/api/")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert {(path, method) for path, method, _ in every(doc)} == routes
        assert len(routes) >= 13

    def test_leads_nowhere_in_vain(self, doc: dict[str, Any]):
        """Every reference and every link leads to something that is there."""
        written = str(doc)
        for kind, name in re.findall(r"#/components/(\w+)/([\w.-]+)", written):
            assert name in doc["components"][kind], name
        named = {operation["operationId"] for _, _, operation in every(doc)}
        assert len(named) == len(every(doc)), "every name is used once"
        linked = [
            link["operationId"]
            for _, _, operation in every(doc)
            for answer in operation["responses"].values()
            for link in answer.get("links", {}).values()
        ]
        assert set(linked) <= named
        assert {
            "redemptions_create",
            "redemptions_roll_back",
            "reservations_delete",
            "conversions_reverse",
        } <= set(linked)

    def test_is_made_for_the_address_of_settings(self, client: FlaskClient):
        doc = client.get("/openapi.json", headers={"Host": "evil.example"}).json
        assert doc["servers"] == [{"url": "http://127.0.0.1:8000"}]
        assert "evil.example" not in str(doc)

    def test_is_not_sent_again_when_nothing_changed(self, client: FlaskClient):
        first = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
        assert first.headers["Content-Encoding"] == "gzip"
        again = client.get(
            "/openapi.json",
            headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]},
        )
        assert again.status_code == 304


class TestEvents:
    def test_are_all_described(self, doc: dict[str, Any]):
        assert set(doc["webhooks"]) == set(events.ALL)
        for type_, item in doc["webhooks"].items():
            content = item["post"]["requestBody"]["content"]["application/json"]
            assert content["example"]["type"] == type_
            jsonschema_rs.validate(whole(doc, content["schema"]), content["example"])
            assert item["post"]["summary"].endswith(".")


class TestOperations:
    def test_name_their_scopes(self, doc: dict[str, Any], scopes: dict[str, set[str]]):
        flows = {"partner": set(PARTNER_SCOPES), "person": set(APP_SCOPES)}
        for path, _, operation in every(doc):
            who = "partner" if path.startswith("/api/partner/") else "person"
            asked = {scope for need in operation["security"] for scope in need[who]}
            assert asked <= flows[who]
            assert asked == scopes.get(operation["operationId"], asked)
        assert set(scopes) <= {operation["operationId"] for _, _, operation in every(doc)}

    def test_name_every_answer_that_can_come(self, doc: dict[str, Any]):
        for path, method, operation in every(doc):
            statuses = set(operation["responses"])
            assert statuses >= ALWAYS, (method, path)
            if "requestBody" in operation:
                assert statuses >= {"413", "415"}, (method, path)
            if any(p["name"] == "Idempotency-Key" for p in operation["parameters"]):
                assert "409" in statuses, (method, path)
            assert [s for s in statuses if s < "300"], (method, path)

    def test_answer_errors_with_problems_alone(self, doc: dict[str, Any]):
        known = advice.by_slug()
        for path, method, operation in every(doc):
            for status, answer in operation["responses"].items():
                if status < "400":
                    continue
                assert set(answer["content"]) == {"application/problem+json"}, (method, path)
                for slug, shown in answer["content"]["application/problem+json"][
                    "examples"
                ].items():
                    assert shown["value"]["status"] == int(status) == known[slug].status
                    assert shown["value"]["type"].endswith(f"/problems/{slug}")

    def test_say_what_their_services_raise(self, doc: dict[str, Any]):
        """Errors are read from ``Raises:`` of the services that a view calls."""
        shown = {
            slug
            for answer in doc["paths"]["/api/partner/v1/conversions/{conversion_id}/reversals"][
                "post"
            ]["responses"].values()
            for content in answer.get("content", {}).values()
            for slug in content.get("examples", {})
        }
        assert {"not-found", "reversal-ref-taken", "conflict", "invalid"} <= shown

    def test_have_examples_that_fit(self, doc: dict[str, Any]):
        looked_at = 0
        for path, method, operation in every(doc):
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            for body in [*bodies, *operation["responses"].values()]:
                for media, content in body.get("content", {}).items():
                    examples = [e["value"] for e in content.get("examples", {}).values()]
                    examples += [content["example"]] if "example" in content else []
                    assert examples or media == "image/svg+xml", (method, path)
                    for example in examples:
                        jsonschema_rs.validate(whole(doc, content["schema"]), example)
                        looked_at += 1
            for parameter in operation["parameters"]:
                if "example" in parameter:
                    jsonschema_rs.validate(parameter["schema"], parameter["example"])
                elif parameter["in"] == "path":
                    pytest.fail(f"{path}: give {parameter['name']} an example in examples.MEMBERS")
        assert looked_at > 50

    def test_describe_themselves(self, doc: dict[str, Any]):
        for path, method, operation in every(doc):
            assert operation["summary"].endswith("."), (method, path)
            assert operation["tags"], (method, path)


def send(app: Flask, path: str, method: str, operation: dict[str, Any], token: str, **body: object):
    """Send the documented example, with changes."""
    content = operation.get("requestBody", {}).get("content", {})
    return app.test_client().open(
        path,
        method=method.upper(),
        json=content["application/json"]["example"] | body if content else None,
        headers=bearer(token) if token else {},
    )


class TestAccess:
    """Every operation is walked by those who may not."""

    @pytest.fixture
    def ask(self, app: Flask, doc: dict[str, Any]):
        """Ask at every operation with the documented example as ``who``; return the statuses."""

        def walk(token_for) -> dict[str, int]:
            statuses = {}
            for path, method, operation in every(doc):
                token = token_for(operation)
                if token is None:
                    continue
                values = {p["name"]: p.get("example", "") for p in operation["parameters"]}
                answer = send(app, path.format(**values), method, operation, token)
                statuses[operation["operationId"]] = answer.status_code
            return statuses

        return walk

    @pytest.fixture
    def brand(self, database) -> int:
        with database.transaction() as db:
            return make.brand(db)

    @pytest.fixture
    def ada(self, database) -> int:
        with database.transaction() as db:
            return make.member(db)

    def test_without_a_token_is_401(self, ask):
        assert set(ask(lambda _: "").values()) == {401}
        assert set(ask(lambda _: "no-token-that-we-ever-gave-away").values()) == {401}

    def test_with_every_scope_but_the_right_ones_is_403(
        self, ask, brand: int, ada: int, partner_token: Tokens, app_token: Tokens
    ):
        def wrong(operation) -> str | None:
            ((who, _),) = operation["security"][0].items()
            right = {scope for need in operation["security"] for scope in need[who]}
            known = PARTNER_SCOPES if who == "partner" else APP_SCOPES
            rest = " ".join(sorted(set(known) - right))
            if not rest:
                return None
            return partner_token(brand, rest) if who == "partner" else app_token(ada, rest)

        walked = ask(wrong)
        assert set(walked.values()) == {403}
        assert len(walked) >= 12

    def test_with_one_right_scope_opens_the_door(
        self, ask, brand: int, ada: int, partner_token: Tokens, app_token: Tokens
    ):
        def right(operation) -> str:
            ((who, (scope,)),) = operation["security"][-1].items()
            return partner_token(brand, scope) if who == "partner" else app_token(ada, scope)

        refused = {name for name, status in ask(right).items() if status in {401, 403, 500}}
        assert refused == {"extension_shares_create"} & refused, "no consent to these words"

    def test_with_the_token_of_a_person_is_403_at_partners_and_the_other_way_round(
        self, ask, brand: int, ada: int, partner_token: Tokens, app_token: Tokens
    ):
        both = " ".join([*PARTNER_SCOPES, *APP_SCOPES])

        def the_others(operation) -> str:
            is_partners = "partner" in operation["security"][0]
            return app_token(ada, both) if is_partners else partner_token(brand, both)

        assert set(ask(the_others).values()) == {403}


class TestOtherBrands:
    """What a brand's partner makes does not exist for another brand's."""

    @pytest.fixture
    def made(self, app: Flask, doc: dict[str, Any], database, partner_token: Tokens):
        """Let Berta's shop make one of everything; return its token, and all ids by name."""
        with database.transaction() as db:
            town = towns.found(db)
            town.now = clock.now() - timedelta(days=20)
            town.shares("Ada")
            town.orders("330.00", through="Ada")
            town.time_passes()
            make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
            now = clock.now()
            held, used = (
                make.code(db, town.people["Ada"], town.offer, value="8.00", now=now).code
                for _ in range(2)
            )
        token, ids = partner_token(town.brand_id), {}
        for path, method, operation in every(doc):
            if method == "post" and path.startswith("/api/partner/") and "{" not in path:
                body = {"code": held if "reservation" in path else used}
                body |= {"reservation_id": None} if "redemption" in path else {}
                example = operation["requestBody"]["content"]["application/json"]["example"]
                wanted = {name: value for name, value in body.items() if name in example}
                answer = send(app, path, method, operation, token, **wanted)
                if answer.status_code == 201:
                    ids |= {k: v for k, v in answer.json.items() if k.endswith("_id") and v}
        return token, ids

    def test_ids_are_unknown_to_others_and_known_to_their_own(
        self, app: Flask, doc: dict[str, Any], made, database, partner_token: Tokens
    ):
        bertas, ids = made
        with database.reading() as db:
            toms = partner_token(brands.find_by_slug(db, "toms-tea").id)
        walked = set()
        for path, method, operation in sorted(every(doc), key=lambda one: one[1] == "delete"):
            names = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            if not path.startswith("/api/partner/") or not names or not names <= set(ids):
                continue
            asked = path.format(**ids)
            assert send(app, asked, method, operation, toms).status_code == 404, asked
            assert send(app, asked, method, operation, bertas).status_code != 404, asked
            walked.add(operation["operationId"])
        assert walked >= {
            "conversions_reverse",
            "reservations_delete",
            "redemptions_show",
            "redemptions_roll_back",
        }


def test_operations_know_their_scopes_from_their_views(app: Flask):
    for one in operations.by_endpoint(app).values():
        assert one.scopes, one.id
