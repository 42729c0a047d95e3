"""Which answer leads to which next request (OpenAPI links), found by the ids in both.

An operation whose address needs ``{redemption_id}`` follows every one that answers with a
``redemption_id``.  What only people know, that a held code is then used up, stands in ``CHAINS``.
"""

from typing import Any

CHAINS: dict[str, dict[str, dict[str, Any]]] = {
    "reservations_create": {
        "redeem": {
            "operationId": "redemptions_create",
            "description": "Use the held code up.",
            "requestBody": {
                "code": "$response.body#/code",
                "order_ref": "$response.body#/order_ref",
                "order_total_minor": "$request.body#/order_total_minor",
                "currency": "$request.body#/currency",
                "reservation_id": "$response.body#/reservation_id",
            },
        }
    },
    "codes_validate": {
        "reserve": {
            "operationId": "reservations_create",
            "description": "Hold the code for the order.",
            "requestBody": {
                "code": "$response.body#/code",
                "order_ref": "A-1001",
                "order_total_minor": "$request.body#/order_total_minor",
                "currency": "$request.body#/currency",
            },
        }
    },
}


def add(doc: dict[str, Any]) -> None:
    """Add links to every answer of a document that tells something."""
    paths = {o["operationId"]: path for path, item in doc["paths"].items() for o in item.values()}
    shapes = doc["components"]["schemas"]
    for path, item in doc["paths"].items():
        for operation in item.values():
            own = operation["operationId"]
            for status, response in operation["responses"].items():
                if status.startswith("2") and "content" in response:
                    given = _given(path, response, shapes)
                    links = _by_ids(own, given, paths) | CHAINS.get(own, {})
                    if links:
                        response["links"] = links


def _given(path: str, response: dict[str, Any], shapes: dict[str, Any]) -> dict[str, str]:
    """Return where ids stand: in the address, in a list's first item, in the answer itself."""
    schema = response["content"].get("application/json", {}).get("schema", {})
    shape = _members(schema, shapes)
    item = _members(shape.get("items", {}).get("items", {}), shapes)
    return (
        {name: f"$request.path.{name}" for name in _parameters(path)}
        | {name: f"$response.body#/items/0/{name}" for name in item if _is_id(name)}
        | {name: f"$response.body#/{name}" for name in shape if _is_id(name)}
    )


def _members(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    known = shapes.get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
    members: dict[str, Any] = known.get("properties", {})
    return members


def _is_id(name: str) -> bool:
    return name == "code" or name.endswith("_id")


def _parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _by_ids(own: str, given: dict[str, str], paths: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return links to the operations of the same API whose address needs only what is given."""
    links = {}
    told = {name for name, place in given.items() if place.startswith("$response")}
    for operation_id, path in paths.items():
        needed = set(_parameters(path))
        is_same_api = path.split("/")[2] == paths[own].split("/")[2]
        if needed & told and needed <= set(given) and is_same_api and operation_id != own:
            links[operation_id] = {
                "operationId": operation_id,
                "parameters": {f"path.{name}": given[name] for name in sorted(needed)},
            }
    return links
