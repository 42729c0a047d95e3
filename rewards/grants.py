"""From payable money to discount codes, and from reach to exclusive content."""

from rewards.decision import Reason
from rewards.forest import Participant, payable_minor
from rewards.terms import Terms


def refusal(terms: Terms, participant: Participant, value_minor: int) -> Reason | None:
    """Return why a code of this value cannot be granted, or None if it can (docs/ENGINE.md §5)."""
    if value_minor < terms.min_grant_minor:
        return Reason.BELOW_MINIMUM_GRANT
    if value_minor > payable_minor(terms, participant):
        return Reason.MORE_THAN_PAYABLE
    return None


def largest_grant_minor(terms: Terms, participant: Participant) -> int:
    """Return the largest code that would be granted now, or 0 if none."""
    payable = max(0, payable_minor(terms, participant))
    return 0 if refusal(terms, participant, payable) else payable


def redeemable_minor(participant: Participant) -> int:
    """Return the value of the participant's codes that are out and not redeemed."""
    return participant.granted_minor - participant.redeemed_minor


def is_unlocked(participant: Participant, threshold_visits: int, *, opened: bool) -> bool:
    """Tell whether content with a threshold on reach is open (docs/ENGINE.md §6).

    A visit that is removed later can lock content again only before it was opened.
    """
    return opened or participant.reach >= threshold_visits
