"""Everything that a process of a crowd or a victim needs, imported once before it is forked."""

from tests.server.kills import operations
from tests.server.races import deeds, players

__all__ = ["deeds", "operations", "players"]
