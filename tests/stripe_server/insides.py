"""What every part of the server in a test's hands has to do with."""

from tests.stripe_server.api import Api
from tests.stripe_server.world import Account, Thing, World


class Insides:
    """The server's memory and its API."""

    _world: World
    _api: Api

    def _find(self, kind: str, id_: str) -> tuple[Account, Thing]:
        for account in self._world.accounts.values():
            if id_ in account.all(kind):
                return account, account.all(kind)[id_]
        raise LookupError(f"no {kind} has the id {id_}")
