"""Terms to and from JSON, strictly: the stored form of an offer's frozen terms.

An unknown or a missing member is an error in both directions of time: old code must not read new
terms with a member left out, and new code must not fill in what old terms never promised.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields

from rewards.errors import TermsUnreadable
from rewards.terms import RULE_VERSION, Terms

_RULE = "rule_version"
_LISTS = ("thresholds_minor", "rates_basis_points")


def terms_to_json(terms: Terms) -> dict[str, object]:
    """Write terms as a JSON object, with the version of the rule they are meant for."""
    members: dict[str, object] = {_RULE: RULE_VERSION}
    for name, value in asdict(terms).items():
        members[name] = list(value) if name in _LISTS else value
    return members


def terms_from_json(members: Mapping[str, object]) -> Terms:
    """Read what ``terms_to_json`` wrote.

    Raises:
        TermsUnreadable: a member is missing, unknown or of another type, or the rule is another.
        TermsInvalid: the members are readable but the terms cannot work.
    """
    names = {field.name for field in fields(Terms)} | {_RULE}
    if wrong := sorted(names ^ set(members)):
        msg = f"Stored terms need exactly the known members; these differ: {', '.join(wrong)}."
        raise TermsUnreadable(msg)
    if members[_RULE] != RULE_VERSION:
        msg = f"Stored terms are for rule {members[_RULE]!r}; this code computes {RULE_VERSION!r}."
        raise TermsUnreadable(msg)
    values: dict[str, object] = {}
    for name, value in members.items():
        if name in _LISTS:
            if not isinstance(value, list):
                msg = f"Let {name} be a list of whole numbers."
                raise TermsUnreadable(msg)
            values[name] = tuple(value)
        elif name != _RULE:
            values[name] = value
    return Terms(**values)  # type: ignore[arg-type]  # Terms checks every type itself
