"""A shop's words for its buyer become keyed hashes here, and the words themselves are not kept."""

from sqlmodel import Session

from server import clock, tokens
from server.services import identities
from server.services.identities import Identity, Said
from server.web.database import settings


def hash_of(brand_id: int, buyer_ref: str | None) -> str | None:
    """Return the hash to which a personal code is bound; the same number elsewhere has another."""
    if buyer_ref is None:
        return None
    return tokens.keyed(settings().secret_key, "buyer", str(brand_id), buyer_ref)


def known_by(db: Session, brand_id: int, said: Said) -> tuple[Identity, ...]:
    """Return the hashes by which a brand's buyer is known; first of all in a transaction."""
    return identities.told(
        db, brand_id=brand_id, said=said, sealing_key=settings().sealing_key, now=clock.now()
    )
