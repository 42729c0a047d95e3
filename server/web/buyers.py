"""A shop's number for a buyer becomes a keyed hash here, and the number itself is not kept."""

from server import tokens
from server.web.database import settings


def hash_of(brand_id: int, buyer_ref: str | None) -> str | None:
    """Return the keyed hash of a number at a brand; the same number elsewhere has another."""
    if buyer_ref is None:
        return None
    return tokens.keyed(settings().secret_key, "buyer", str(brand_id), buyer_ref)
