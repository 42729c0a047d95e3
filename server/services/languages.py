"""Which of our languages somebody reads, by what their browser says."""

import re

from rewards.explain import Language

_ACCEPTED = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=(0(?:\.\d+)?|1(?:\.0+)?))?\s*"
)


def accepted(header: str) -> Language:
    """Return the first language of an Accept-Language that there is, whatever its country.

    What cannot be read is left out; English is for everybody else.
    """
    wanted: list[tuple[float, Language]] = []
    for part in header[:1000].split(","):
        match = _ACCEPTED.fullmatch(part)
        if match is None or match[1].lower() not in set(Language):
            continue
        weight = float(match[2] or 1)
        if weight > 0:
            wanted.append((weight, Language(match[1].lower())))
    return max(wanted, key=lambda one: one[0], default=(0, Language.ENGLISH))[1]
