"""Bodies and queries in brackets: ``promotion[coupon]=x``, ``expand[]=y``, ``expand[0]=y``."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_server.refusals import Refused

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode(text: str) -> dict[str, Any]:
    """Return the tree of a form; lists are members named by their numbers."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        found = KEY.match(key)
        if found is None:
            raise Refused(f"Invalid parameter name: {key}", param=key)
        names = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name or _next(node), {})
            if not isinstance(node, dict):
                raise Refused(f"Invalid object: {key}", param=key)
        last = names[-1] or _next(node)
        if last in node:
            raise Refused(f"Duplicate parameter: {key}", param=key)
        node[last] = value
    return tree


def _next(node: dict[str, Any]) -> str:
    return str(len(node))
