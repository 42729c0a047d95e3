"""Everything that a process of a crowd needs, imported once before it is forked."""

from tests.server.races import deeds, players

__all__ = ["deeds", "players"]
