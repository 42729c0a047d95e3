"""What building an export needs besides the database: who issues receipts, and the key's key."""

from dataclasses import dataclass, field

from server.services.receipt_documents import Issuer
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Means:
    """This deployment as the issuer of receipts, and what opens its signing key."""

    issuer: Issuer
    sealing_key: str = field(repr=False)


def of(settings: Settings) -> Means:
    """Return what the settings say."""
    issuer = Issuer(settings.site_url, settings.jurisdiction, settings.secret_key)
    return Means(issuer, settings.sealing_key)
