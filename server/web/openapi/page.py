"""The document as people read it at ``/docs``: operations in the order of a shop's work."""

import json
from dataclasses import dataclass
from typing import Any

from server.web.openapi.document import JSON
from server.web.problems import CONTENT_TYPE

APIS = {"/api/partner/v1": "Partner API", "/api/extension/v1": "Extension API"}
ORDER = ("offers", "codes", "reservations", "redemptions", "conversions", "webhooks")
"""Groups of operations in the order in which a shop needs them; others follow."""


KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
}
"""What JSON's types are called."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body, or one parameter."""

    name: str
    kind: str
    where: str
    is_required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is no problem, or several that say the same."""

    title: str
    example: str
    members: list[Member]


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    more: str
    scopes: list[str]
    sent: list[Member]
    request: str
    answers: list[Answer]
    problems: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations about one thing."""

    title: str
    operations: list[Shown]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event that endpoints are sent."""

    type: str
    meaning: str
    example: str


def apis(doc: dict[str, Any]) -> dict[str, list[Group]]:
    """Return every operation of a document, by its API and what it is about."""
    found: dict[tuple[str, str], list[Shown]] = {}
    for path, item in doc["paths"].items():
        api = next(title for prefix, title in APIS.items() if path.startswith(prefix))
        for method, said in item.items():
            shown = _shown(doc, path, method, said)
            found.setdefault((api, said["tags"][0]), []).append(shown)
    ordered = sorted(found.items(), key=lambda one: _place(*one[0]))
    return {
        title: [Group(tag, operations) for (api, tag), operations in ordered if api == title]
        for title in APIS.values()
    }


def events(doc: dict[str, Any]) -> list[Event]:
    """Return every event with an example."""
    found = []
    for type_, item in doc["webhooks"].items():
        content = item["post"]["requestBody"]["content"][JSON]
        example = json.dumps(content["example"], indent=2, ensure_ascii=False)
        found.append(Event(type_, item["post"]["summary"], example))
    return found


def _place(api: str, title: str) -> tuple[int, int, str]:
    known = ORDER.index(title) if title in ORDER else len(ORDER)
    return list(APIS.values()).index(api), known, title


def _shown(doc: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Shown:
    schema, example = _body(said.get("requestBody", {}))
    ((who, _),) = said["security"][0].items()
    return Shown(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        more=said.get("description", "").replace("<br/>", " ").strip(),
        scopes=[scope for need in said["security"] for scope in need[who]],
        sent=[_parameter(one) for one in said["parameters"]]
        + _members(_resolved(doc, schema), "body"),
        request=_curl(doc, path, method, said, example),
        answers=_answers(doc, said["responses"]),
        problems=[
            (status, slug, shown["summary"])
            for status, answer in said["responses"].items()
            for slug, shown in answer.get("content", {})
            .get(CONTENT_TYPE, {})
            .get("examples", {})
            .items()
        ],
    )


def _answers(doc: dict[str, Any], responses: dict[str, Any]) -> list[Answer]:
    """Return the answers that are no problems; those with the same body as one."""
    titles: dict[str, list[str]] = {}
    bodies: dict[str, tuple[dict[str, Any], Any]] = {}
    for status, answer in responses.items():
        if status < "400":
            body = _body(answer)
            key = json.dumps(body) if body[0] else status
            titles.setdefault(key, []).append(f"{status} {answer['description']}")
            bodies[key] = body
    return [
        Answer(
            title=" or ".join(titles[key]),
            example="" if example is None else json.dumps(example, indent=2, ensure_ascii=False),
            members=_members(_resolved(doc, schema), ""),
        )
        for key, (schema, example) in bodies.items()
    ]


def _body(said: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    content = said.get("content", {}).get(JSON, {})
    return content.get("schema", {}), content.get("example")


def _resolved(doc: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    shape: dict[str, Any] = doc["components"]["schemas"].get(name, schema)
    return shape


def _parameter(said: dict[str, Any]) -> Member:
    return Member(
        said["name"],
        _kind(said["schema"]),
        {"path": "address", "query": "query", "header": "header"}[said["in"]],
        said["required"],
        said.get("description", ""),
    )


def _members(shape: dict[str, Any], where: str) -> list[Member]:
    required = shape.get("required", []) if where else []
    return [
        Member(name, _kind(schema), where, name in required, schema.get("description", ""))
        for name, schema in shape.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """Say in a word or two what a value is."""
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in schema:
        return "object"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "moment"
    said = str(schema.get("type", "any"))
    return KINDS.get(said, said)


def _curl(
    doc: dict[str, Any],
    path: str,
    method: str,
    said: dict[str, Any],
    example: dict[str, Any] | None,
) -> str:
    """Write a request that can be pasted into a shell."""
    values = {p["name"]: p.get("example") for p in said["parameters"] if p["in"] == "path"}
    lines = [f"curl {doc['servers'][0]['url']}{path.format(**values)}"]
    if method not in {"get", "post"} or (method == "post" and example is None):
        lines[0] = lines[0].replace("curl", f"curl -X {method.upper()}", 1)
    lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [
        f'-H "{p["name"]}: {p["example"]}"'
        for p in said["parameters"]
        if p["in"] == "header" and "example" in p
    ]
    if example is not None:
        sent = json.dumps(example, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines += ['-H "Content-Type: application/json"', f"-d '{sent}'"]
    return " \\\n  ".join(lines)
