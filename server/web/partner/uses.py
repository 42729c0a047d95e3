"""What every request about the use of a code says: the code, and the order it is for."""

from rewards.money import Money
from server.services.validations import Use
from server.web import buyers
from server.web.caller import Partner
from server.web.shapes import Currency, In, Line, Minor


class OrderIn(In):
    """The order that a code is for; ``buyer_ref`` is your number for the buyer.

    The number is compared with the one that a personal code was bound to, as a keyed hash.
    """

    order_total_minor: Minor
    currency: Currency
    buyer_ref: Line | None = None

    def use(self, partner: Partner) -> Use:
        """Return the use as the services know it."""
        return Use(
            brand_id=partner.brand_id,
            order_total=Money(self.order_total_minor, self.currency),
            buyer_hash=buyers.hash_of(partner.brand_id, self.buyer_ref),
        )


class CodeUseIn(OrderIn):
    """The code to hold or to use up, and the order that it is for."""

    code: Line
    order_ref: Line
