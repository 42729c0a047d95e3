"""The events that a brand's endpoints are sent: what comes the other way (OpenAPI 3.1 webhooks)."""

from typing import Any

from pydantic import TypeAdapter

from server.services import events
from server.web.openapi import examples

HEARD = "Heard. Anything else is told again, for three days."
HEADERS = {
    "webhook-id": ("The event; the same for every attempt to tell it.", "evt_5rYx8KdLq2Wm"),
    "webhook-timestamp": ("When this attempt was made, in seconds since 1970.", "1795521600"),
    "webhook-signature": (
        "Signatures over id, timestamp and body by Standard Webhooks, one for each live secret.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}


def all_of(shapes: dict[str, Any]) -> dict[str, Any]:
    """Return every event by its type, and add the shapes of what they say to ``shapes``."""
    found = {}
    for type_, kind in events.ALL.items():
        name = kind.__name__
        shapes[name] = _shape(kind)
        found[type_] = {"post": _request(type_, name, shapes)}
    return found


def _shape(kind: type[events.Event]) -> dict[str, Any]:
    shape = TypeAdapter(kind).json_schema(mode="serialization")
    for member in shape["properties"].values():
        member.pop("title", None)
    return {key: value for key, value in shape.items() if key != "title"} | {
        "description": (kind.__doc__ or "").replace("``", "`")
    }


def _request(type_: str, name: str, shapes: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened.",
            },
            "data": {"$ref": f"#/components/schemas/{name}"},
        },
    }
    example = {
        "type": type_,
        "timestamp": "2026-11-24T12:00:00+00:00",
        "data": examples.of({"$ref": f"#/components/schemas/{name}"}, shapes),
    }
    return {
        "operationId": f"event_{type_.replace('.', '_')}",
        "summary": shapes[name]["description"].split("\n")[0],
        "tags": ["events"],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": meaning,
                "example": value,
                "schema": {"type": "string"},
            }
            for header, (meaning, value) in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        },
        "responses": {
            "2XX": {"description": "Heard. Anything else is told again, for three days."}
        },
    }
