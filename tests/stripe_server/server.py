"""The server as a test holds it: accounts and keys, buyers and banks, time, failures, webhooks."""

from datetime import datetime, timedelta
from typing import Self

from tests.stripe_server import accounts, connect
from tests.stripe_server.api import Api, Request
from tests.stripe_server.connect import Connect
from tests.stripe_server.hands import Hands
from tests.stripe_server.mail import Mail
from tests.stripe_server.routes import PERMISSIONS
from tests.stripe_server.trouble import Trouble
from tests.stripe_server.wire import Wire
from tests.stripe_server.world import World, new_id


class StripeServer(Hands, Trouble, Mail):
    """Stripe on a port of this machine; ``tests.stripe_server`` says how to use it."""

    def __init__(self) -> None:
        self._world = World()
        platform = accounts.open_account(self._world, name="Fanfare", country="DE", currency="eur")
        platform.itself["_client_id"] = new_id("ca_", 32)
        self.connect = Connect(platform, platform.itself["_client_id"])
        self._api = Api(self._world, self.connect)
        self._wire = Wire(self._api)

    def __enter__(self) -> Self:
        self._wire.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.stop()

    # Where, and who

    @property
    def address(self) -> str:
        """Where the server answers, for ``base_addresses``."""
        return self._wire.address

    @property
    def base_addresses(self) -> dict[str, str]:
        """What a ``StripeClient`` is given."""
        return {"api": self.address, "connect": self.address}

    @property
    def platform(self) -> str:
        """The account of the platform itself."""
        return self.connect.platform.id

    @property
    def connect_client_id(self) -> str:
        """The platform's application."""
        return self.connect.client_id

    @property
    def connect_secret(self) -> str:
        """The platform's key, which is also its OAuth client secret."""
        return self.key(self.platform)

    def account(
        self, name: str = "Berta's Boots", *, country: str = "DE", currency: str = "eur"
    ) -> str:
        """Open a merchant's account and return its id."""
        with self._world.lock:
            opened = accounts.open_account(
                self._world, name=name, country=country, currency=currency
            )
        return opened.id

    def key(self, account: str) -> str:
        """Return the secret key of an account, which may do everything."""
        return accounts.secret_of(self._world, account)

    def restricted_key(self, account: str, *permissions: str) -> str:
        """Make a key that has only these permissions, such as ``coupon_write``."""
        unknown = set(permissions) - PERMISSIONS
        if unknown:
            raise ValueError(f"{sorted(unknown)} are none of {sorted(PERMISSIONS)}")
        with self._world.lock:
            return accounts.give_key(
                self._world, self._world.accounts[account], permissions=frozenset(permissions)
            )

    def revoke_key(self, secret: str) -> None:
        """Let a key be worth nothing from now on."""
        with self._world.lock:
            del self._world.keys[secret]

    def connected(self, account: str) -> bool:
        """Say whether an account is connected to the platform."""
        return self.connect_client_id in self._world.accounts[account].platforms

    def let_connect(self, account: str) -> None:
        """Connect an account to the platform, as if its merchant had gone through OAuth."""
        with self._world.lock:
            self._world.accounts[account].platforms.add(self.connect_client_id)

    def deauthorize(self, account: str) -> None:
        """Let a merchant disconnect the platform in their dashboard."""
        with self._world.lock:
            connect.disconnect(self._world, self.connect, self._world.accounts[account])

    # The time

    @property
    def now(self) -> int:
        """Stripe's time, in seconds."""
        return self._world.now

    @now.setter
    def now(self, at: datetime | int) -> None:
        """Stop the clock at a time; codes and sessions expire as they would."""
        if isinstance(at, datetime) and at.tzinfo is None:
            raise ValueError("a time without a zone is no time")
        with self._world.lock:
            self._world.stop_clock(at.timestamp() if isinstance(at, datetime) else at)
            self._api.grow_old()

    def advance(self, time: timedelta) -> None:
        """Let time pass."""
        with self._world.lock:
            self._world.move_clock(time.total_seconds())
            self._api.grow_old()

    @property
    def requests(self) -> list[Request]:
        """What came, in its order."""
        return self._wire.requests
