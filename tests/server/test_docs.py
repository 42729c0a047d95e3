"""The APIs as people read them."""

import re

import pytest

from server.errors import RefusalKey
from server.services.clients import PARTNER_SCOPES
from server.web import advice
from server.web.openapi.words import MEANINGS


@pytest.fixture
def docs(client) -> str:
    answer = client.get("/docs")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def doc(client):
    return client.get("/openapi.json").json


def operations(doc):
    return [operation for item in doc["paths"].values() for operation in item.values()]


class TestDocs:
    def test_have_every_operation(self, docs, doc):
        for operation in operations(doc):
            assert f'id="{operation["operationId"]}"' in docs
            assert f'href="#{operation["operationId"]}"' in docs

    def test_lead_somewhere_with_every_link(self, docs, client):
        inside = set(re.findall(r'href="#([^"]+)"', docs))
        assert inside <= set(re.findall(r'id="([^"]+)"', docs))
        outside = set(re.findall(r'href="(/[^"]*)"', docs))
        assert len(outside) > 20
        for path in outside:
            with client.get(path) as answer:
                assert answer.status_code in {200, 303}, path

    def test_name_scopes_refusals_and_the_limits_of_this_site(self, docs):
        text = docs.replace("<wbr>", "")
        for name in [*PARTNER_SCOPES, *RefusalKey]:
            assert f"<code>{name}</code>" in text
        assert "1200 requests a minute" in text

    def test_show_requests_that_can_be_pasted(self, docs):
        assert "curl http://127.0.0.1:8000/api/partner/v1/redemptions" in docs
        assert "curl -X DELETE http://127.0.0.1:8000/api/partner/v1/reservations/Vn6" in docs

    def test_are_found_from_every_page_and_by_programs(self, client):
        assert 'href="/docs"' in client.get("/").text
        metadata = client.get("/.well-known/oauth-authorization-server").json
        assert metadata["service_documentation"].endswith("/docs")

    def test_have_nothing_inline(self, docs):
        assert " style=" not in docs
        assert "<style" not in docs
        assert "<script" not in docs


class TestProblems:
    def test_are_listed_with_a_link_each(self, client):
        page = client.get("/problems").text
        for slug in advice.ADVICE:
            assert f'href="/problems/{slug}"' in page

    def test_write_names_of_programs_as_such(self, client):
        assert "<code>key</code>" in client.get("/problems/code-refused").text


def test_everything_that_can_be_sent_has_words(doc):
    """What is missing gets a line in server/web/openapi/words.py."""
    shapes = doc["components"]["schemas"]
    for operation in operations(doc):
        for parameter in operation["parameters"]:
            assert parameter.get("description"), (operation["operationId"], parameter["name"])
        content = operation.get("requestBody", {}).get("content", {})
        for body in content.values():
            shape = shapes[body["schema"]["$ref"].rsplit("/", 1)[1]]
            for name, member in shape["properties"].items():
                assert member.get("description"), (operation["operationId"], name)


def test_words_are_of_members_that_exist(doc):
    shapes = doc["components"]["schemas"].values()
    named = {name for shape in shapes for name in shape.get("properties", {})}
    named |= {p["name"] for operation in operations(doc) for p in operation["parameters"]}
    assert set(MEANINGS) <= named
