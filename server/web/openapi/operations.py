"""Every operation of the APIs with what its view says: who may call it, and what can go wrong.

A view names its scopes where it asks for its caller, and its services name their errors under
``Raises:``.  Both are read from there, so that the description cannot differ from the code.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any, Literal, cast

from flask import current_app
from flask_openapi3 import OpenAPI

from server import errors
from server.services.clients import APP_SCOPES, PARTNER_SCOPES

Who = Literal["partner", "person"]

_PARAMETER = re.compile(r"<(?:[^<:>]+:)?([^<>]+)>")
_RAISED = re.compile(r"^ +([A-Z]\w+):", re.MULTILINE)
_KEY = "fanfare-operations"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    id: str
    endpoint: str
    path: str
    method: str
    who: Who
    scopes: tuple[str, ...]
    raises: tuple[type[errors.ProductError], ...]
    queries: frozenset[str]
    has_body: bool


def by_endpoint(app: OpenAPI) -> dict[tuple[str, str], Operation]:
    """Return every operation of an app by its endpoint and method; looked up once."""
    if _KEY not in app.extensions:
        app.extensions[_KEY] = {(one.endpoint, one.method): one for one in _found(app)}
    return cast("dict[tuple[str, str], Operation]", app.extensions[_KEY])


def of_endpoint(endpoint: str | None, method: str) -> Operation | None:
    """Return the operation that answers a request to the running app."""
    known = by_endpoint(cast("OpenAPI", current_app))
    return known.get((endpoint or "", "get" if method == "HEAD" else method.lower()))


def _found(app: OpenAPI) -> Iterator[Operation]:
    paths = app.api_doc["paths"]
    for rule in app.url_map.iter_rules():
        path = _PARAMETER.sub(r"{\1}", rule.rule)
        for method, said in paths.get(path, {}).items():
            if method.upper() in (rule.methods or ()):
                view = inspect.unwrap(app.view_functions[rule.endpoint])
                yield _operation(rule.endpoint, path, method, said, view)


def _operation(
    endpoint: str, path: str, method: str, said: dict[str, Any], view: Callable[..., Any]
) -> Operation:
    who: Who = "person" if "app_user" in view.__code__.co_names else "partner"
    return Operation(
        id=endpoint.removeprefix("partner_").replace(".", "_"),
        endpoint=endpoint,
        path=path,
        method=method,
        who=who,
        scopes=_scopes(view, APP_SCOPES if who == "person" else PARTNER_SCOPES),
        raises=_raises(view),
        queries=frozenset(p["name"] for p in said.get("parameters", ()) if p["in"] == "query"),
        has_body="requestBody" in said,
    )


def _scopes(view: Callable[..., Any], known: dict[str, str]) -> tuple[str, ...]:
    """Return the scopes that a view names, any one of which lets a caller in."""
    code: CodeType = view.__code__
    if "PARTNER_SCOPES" in code.co_names:
        return tuple(known)
    named = tuple(text for text in code.co_consts if isinstance(text, str) and text in known)
    assert named, f"{view.__module__}.{view.__name__} names no scope"
    return named


def _raises(view: Callable[..., Any]) -> tuple[type[errors.ProductError], ...]:
    """Return what the services that a view calls say they raise, in their order."""
    found: dict[type[errors.ProductError], None] = {}
    for names in _names(view.__code__):
        modules = [view.__globals__.get(name) for name in names]
        for service in _services(modules, names):
            _, _, said = (inspect.getdoc(service) or "").partition("Raises:")
            for name in _RAISED.findall(said):
                found[getattr(errors, name)] = None
    return tuple(found)


def _services(modules: list[Any], names: tuple[str, ...]) -> Iterator[Callable[..., Any]]:
    """Return the services among the names that a piece of a view uses."""
    for module in modules:
        if isinstance(module, ModuleType) and module.__name__.startswith("server.services."):
            for name in names:
                service = getattr(module, name, None)
                if inspect.isfunction(service) and service.__module__ == module.__name__:
                    yield service


def _names(code: CodeType) -> Iterator[tuple[str, ...]]:
    """Return the names that a function and the functions inside it use."""
    yield code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
