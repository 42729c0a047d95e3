"""A partner's till in the town, and codes that Ada takes for it."""

from dataclasses import dataclass

from rewards.money import Money
from server.services import codes, redemptions, reservations, rollbacks, validations
from server.services.codes import CodeView
from server.services.redemptions import RedemptionView
from server.services.reservations import ReservationView
from server.services.rollbacks import RollbackView
from server.services.validations import Use, Validity
from server.store import oauth_clients
from tests import make
from tests.server.town import Town

HUNDRED = Money(100_00, "EUR")


def take(
    town: Town, value_minor: int | None = None, event_id: str = "e-1", **more: object
) -> CodeView:
    """Let Ada take a code, over everything that she can take if no value is said."""
    return codes.take(
        town.db,
        member_id=town.member("Ada"),
        offer_public_id=town.offer.public_id,
        event_id=event_id,
        value_minor=value_minor,
        now=town.now,
        **more,
    )


@dataclass
class Till:
    """One client of a partner, which uses codes for orders of 100.00 if nothing else is said."""

    town: Town
    client_id: int
    brand_id: int

    @classmethod
    def of(cls, town: Town, brand_id: int | None = None) -> "Till":
        """Return a new till of the town's brand, or of another."""
        made = make.partner(town.db, brand_id or town.brand_id, now=town.now)
        client = oauth_clients.find(town.db, made.client_id)
        return cls(town, client.id, brand_id or town.brand_id)

    def use(self, total: Money = HUNDRED, buyer: str | None = None) -> Use:
        return Use(self.brand_id, total, buyer)

    def check(self, code: str, total: Money = HUNDRED, buyer: str | None = None) -> Validity:
        return validations.check(
            self.town.db, code=code, use=self.use(total, buyer), now=self.town.now
        )

    def reserve(self, code: str, order_ref: str = "A-1", **use: object) -> ReservationView:
        return reservations.reserve(
            self.town.db,
            client_id=self.client_id,
            code=code,
            order_ref=order_ref,
            use=self.use(**use),
            now=self.town.now,
        )

    def release(self, held: ReservationView) -> None:
        reservations.release(
            self.town.db, client_id=self.client_id, public_id=held.public_id, now=self.town.now
        )

    def redeem(
        self, code: str, order_ref: str = "A-1", reservation_id: str | None = None, **use: object
    ) -> RedemptionView:
        return redemptions.redeem(
            self.town.db,
            client_id=self.client_id,
            code=code,
            order_ref=order_ref,
            use=self.use(**use),
            reservation_id=reservation_id,
            now=self.town.now,
        )

    def roll_back(
        self, used: RedemptionView, amount_minor: int | None = None, rollback_ref: str = "R-1"
    ) -> RollbackView:
        return rollbacks.roll_back(
            self.town.db,
            brand_id=self.brand_id,
            redemption_public_id=used.public_id,
            rollback_ref=rollback_ref,
            amount_minor=amount_minor,
            now=self.town.now,
        )
