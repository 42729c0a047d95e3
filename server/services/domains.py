"""Which names somebody can own: not those under which everybody gets a name of their own.

The list is Mozilla's Public Suffix List as the package publicsuffixlist brings it, with the part
for private names (``github.io``), because there, too, everybody below is somebody else.
"""

import ipaddress
from functools import cache

from publicsuffixlist import PublicSuffixList

LOOPBACK = "localhost"


def is_shared(host: str) -> bool:
    """Tell whether everybody can have a name below this one, such as ``co.uk`` or ``github.io``.

    ``host`` is in small letters and ASCII, and may have a port.
    """
    name = host.partition(":")[0]
    if name == LOOPBACK or _is_number(name):
        return False
    return _suffixes().is_public(name)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list, which is read once, when it is needed first."""
    return PublicSuffixList()
