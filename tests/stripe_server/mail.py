"""Mail: the part of the server that sends webhooks when a test says so."""

from tests.stripe_server import webhooks
from tests.stripe_server.insides import Insides
from tests.stripe_server.webhooks import Delivery, Order
from tests.stripe_server.world import Happening, Thing, public


class Mail(Insides):
    """Events, and their delivery."""

    @property
    def events(self) -> list[Thing]:
        """Everything that happened, oldest first."""
        with self._world.lock:
            return [public(happening.event) for happening in self._world.happenings]

    def send_webhooks(
        self,
        url: str | None = None,
        secret: str | tuple[str, ...] = (),
        *,
        order: Order = "made",
        account: str | None = None,
        types: set[str] | None = None,
        connect: bool | None = None,
        again: bool = False,
        signed_at: int | None = None,
    ) -> list[Delivery]:
        """Send what was not yet delivered to this address, or to the registered endpoints.

        Args:
            url: where to; without it, to the endpoints that were registered through the API.
            secret: what the events are signed with; several while a secret is rolled.
            order: ``made``, ``reversed``, ``repeated`` (each twice) or ``dropped`` (never sent).
            account: only what happened in this account.
            types: only these; the others wait.
            connect: whether events name their account; by default when it was connected.
            again: also what was delivered before.
            signed_at: a time for the signature other than the real one.
        """
        with self._world.lock:
            targets = (
                webhooks.registered(self._world)
                if url is None
                else [webhooks.Target.of(url, secret, connect)]
            )
            letters = [
                (happening, target)
                for target in targets
                for happening in webhooks.arrange(
                    [
                        happening
                        for happening in self._world.happenings
                        if (again or target.name not in happening.delivered)
                        and account in {None, happening.account_id}
                        and (types is None or happening.event["type"] in types)
                        and target.is_meant(happening)
                    ],
                    order,
                    target.name,
                )
            ]
        return [self._deliver(letter, to, signed_at=signed_at) for letter, to in letters]

    def _deliver(
        self,
        happening: Happening,
        target: webhooks.Target,
        *,
        signed_at: int | None,
    ) -> Delivery:
        connect = bool(happening.platforms) if target.connect is None else target.connect
        event = webhooks.body_of(happening, connect=connect)
        delivery = webhooks.post(event, target.url, *target.keys, at=signed_at)
        if 200 <= delivery.status < 300:
            happening.delivered.add(target.name)
        return delivery
