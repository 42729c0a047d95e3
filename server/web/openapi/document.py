"""The document itself: what flask-openapi3 found, completed by what all operations have in common.

Every answer that can really come is in it, problems with their kinds and examples; every operation
has a name, its scopes, its headers, an example for what is sent and what is answered, and links.
"""

import copy
from typing import Any

from flask_openapi3 import OpenAPI

from server import errors
from server.services.clients import APP_SCOPES, PARTNER_SCOPES
from server.web import problems
from server.web.openapi import examples, headers, links, operations, webhooks
from server.web.openapi.operations import Operation
from server.web.openapi.words import MEANINGS
from server.web.problems import BY_STATUS, INTERNAL, INVALID_BODY, KINDS, Kind
from server.web.shapes import ProblemOut

JSON = "application/json"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
INTRODUCTION = """\
What a brand's back ends (partner API) and the browser extension (extension API) speak with.

Bodies are JSON, moments ISO 8601 in UTC, amounts whole minor units beside a currency. Unknown
members and parameters are refused. Every error is a problem by RFC 9457 whose `type` has a page.
"""

_KEY = "fanfare-openapi"


def of(app: OpenAPI, site_url: str) -> dict[str, Any]:
    """Return the document of an app; made once."""
    if _KEY not in app.extensions:
        app.extensions[_KEY] = _made(app, site_url)
    doc: dict[str, Any] = app.extensions[_KEY]
    return doc


def _made(app: OpenAPI, site_url: str) -> dict[str, Any]:
    doc = copy.deepcopy(app.api_doc)
    doc["info"] |= {
        "description": INTRODUCTION,
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    doc["servers"] = [{"url": site_url}]
    doc["externalDocs"] = {"url": f"{site_url}/docs", "description": "The same for people"}
    components = doc["components"]
    components["schemas"] = _schemas(components["schemas"])
    components["securitySchemes"] = _security(site_url)
    components["headers"] = headers.COMPONENTS
    for one in operations.by_endpoint(app).values():
        _complete(doc["paths"][one.path][one.method], one, components["schemas"], site_url)
    links.add(doc)
    doc["webhooks"] = webhooks.all_of(components["schemas"])
    doc["tags"] = [{"name": name} for name in sorted(_tags(doc))]
    return doc


def _tags(doc: dict[str, Any]) -> set[str]:
    items = [*doc["paths"].values(), *doc["webhooks"].values()]
    return {tag for item in items for operation in item.values() for tag in operation["tags"]}


def _security(site_url: str) -> dict[str, Any]:
    token = f"{site_url}/oauth/token"
    return {
        "partner": {
            "type": "oauth2",
            "description": "A key from the brand's page Partners. Tokens last 15 minutes.",
            "flows": {"clientCredentials": {"tokenUrl": token, "scopes": PARTNER_SCOPES}},
        },
        "person": {
            "type": "oauth2",
            "description": "A person allows the extension; with PKCE (S256).",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{site_url}/oauth/authorize",
                    "tokenUrl": token,
                    "refreshUrl": token,
                    "scopes": APP_SCOPES,
                }
            },
        },
    }


def _schemas(found: dict[str, Any]) -> dict[str, Any]:
    """Return the shapes without what pydantic says of itself, and with the one of problems."""
    found = {
        name: shape
        for name, shape in found.items()
        if name not in {"ProblemOut", "WrongOut", "ValidationErrorModel"}
    }
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    found |= {"WrongOut": problem.pop("$defs")["WrongOut"], "Problem": problem}
    return {name: _with_words(_plain(shape)) for name, shape in sorted(found.items())}


def _with_words(shape: dict[str, Any]) -> dict[str, Any]:
    """Say of every member what it means, where its shape does not."""
    if "description" in shape:
        shape["description"] = shape["description"].replace("``", "`")
    for name, member in shape.get("properties", {}).items():
        if name in MEANINGS and "$ref" not in member:
            member.setdefault("description", MEANINGS[name])
    return shape


def _plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop the titles that only repeat names, and definitions that are components anyway."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k != "$defs" and not _repeats(k, v)}
    return {
        key: {name: _plain(one) for name, one in value.items()}
        if key == "properties"
        else _plain(value)
        for key, value in kept.items()
    }


def _repeats(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)


def _complete(said: dict[str, Any], one: Operation, shapes: dict[str, Any], site_url: str) -> None:
    said["operationId"] = one.id
    said["security"] = [{one.who: [scope]} for scope in one.scopes]
    parameters = [_parameter(parameter, one) for parameter in said.get("parameters", ())]
    said["parameters"] = sorted(parameters, key=lambda parameter: parameter["in"] != "path")
    if one.has_body:
        body = said["requestBody"]["content"][JSON]
        body["example"] = examples.of(body["schema"], shapes)
    answers = {
        status: _answer(status, response, said, shapes)
        for status, response in said["responses"].items()
        if status < "400"
    }
    for status, kinds in sorted(_problems(one, said).items()):
        answers[str(status)] = _problem(status, kinds, one, site_url)
    said["responses"] = answers


def _parameter(parameter: dict[str, Any], one: Operation) -> dict[str, Any]:
    """Write a parameter as it stands in an address or a header, where null cannot stand."""
    schema = dict(parameter["schema"])
    if "anyOf" in schema:
        (real,) = (one for one in schema.pop("anyOf") if one.get("type") != "null")
        schema |= real
    described = schema.pop("description", None)
    schema = {k: v for k, v in _plain(schema).items() if not (k == "default" and v is None)}
    made = {"name": parameter["name"], "in": parameter["in"], "required": parameter["required"]}
    name = parameter["name"]
    described = described or headers.SENT.get(name) or MEANINGS.get(name)
    if described:
        made["description"] = described
    example = examples.MEMBERS.get(parameter["name"]) or headers.EXAMPLES.get(parameter["name"])
    if parameter["name"] == "code" and one.who == "person":
        example = examples.LINK_CODE
    if example is not None and parameter["in"] != "query":
        made["example"] = example
    return made | {"schema": schema}


def _answer(
    status: str, response: dict[str, Any], said: dict[str, Any], shapes: dict[str, Any]
) -> dict[str, Any]:
    """Return an answer that is no problem, with its example and headers."""
    for media, content in response.get("content", {}).items():
        if media == JSON:
            content["example"] = examples.of(content["schema"], shapes)
    return response | {"headers": headers.of_answer(status, said)}


def _problems(one: Operation, said: dict[str, Any]) -> dict[int, list[Kind]]:
    """Return every kind of problem that an operation can answer with, by status."""
    names = {parameter["name"] for parameter in said["parameters"]}
    kinds = [KINDS[errors.NotSignedIn], KINDS[errors.NotAllowed], INVALID_BODY]
    if "{" in one.path:
        kinds.append(KINDS[errors.NotFound])
    if one.has_body:
        kinds += [BY_STATUS[413], BY_STATUS[415]]
    if "cursor" in names:
        kinds.append(KINDS[errors.CursorInvalid])
    if "Idempotency-Key" in names:
        kinds.append(KINDS[errors.IdempotencyKeyReused])
    kinds += [KINDS[error] for error in one.raises]
    kinds += [problems.RATE_LIMITED, INTERNAL, KINDS[errors.Unavailable]]
    found: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys(kinds):
        found.setdefault(kind.status, []).append(kind)
    return found


def _problem(status: int, kinds: list[Kind], one: Operation, site_url: str) -> dict[str, Any]:
    shown = {kind.slug: _shown(kind, one, site_url) for kind in kinds}
    titles = "; ".join(f"{kind.title} (`{kind.slug}`)" for kind in kinds)
    return {
        "description": titles,
        "headers": headers.of_problem(status),
        "content": {problems.CONTENT_TYPE: {"schema": PROBLEM, "examples": shown}},
    }


def _shown(kind: Kind, one: Operation, site_url: str) -> dict[str, Any]:
    """Return one example of a kind of problem."""
    value: dict[str, Any] = {
        "type": f"{site_url}/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": examples.DETAILS.get(kind.slug, f"{kind.title}."),
        "instance": one.path.replace("{", "").replace("}", ""),
        "request_id": headers.EXAMPLES["X-Request-Id"],
    }
    return {"summary": kind.title, "value": value | examples.PROBLEM_MEMBERS.get(kind.slug, {})}
