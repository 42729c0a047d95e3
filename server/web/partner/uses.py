"""What every request about the use of a code says: the code, and the order it is for."""

from rewards.money import Money
from server import tokens
from server.services.validations import Use
from server.web.caller import Partner
from server.web.database import settings
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
            buyer_hash=buyer_hash(partner.brand_id, self.buyer_ref),
        )


class CodeUseIn(OrderIn):
    """The code to hold or to use up, and the order that it is for."""

    code: Line
    order_ref: Line


def buyer_hash(brand_id: int, buyer_ref: str | None) -> str | None:
    """Return the keyed hash of a shop's number for a buyer; the number itself is not kept."""
    if buyer_ref is None:
        return None
    return tokens.keyed(settings().secret_key, "buyer", str(brand_id), buyer_ref)
