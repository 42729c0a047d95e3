"""Why a visit or an order counts for somebody, or does not, as the person reads it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rewards.decision import Reason
from rewards.integrity import WATCH_DAYS, Standing
from server.services import hold_words
from server.services.attribution import Unattributed
from server.services.sentences import Sentence, say
from server.store.findings import FindingOutcome
from server.store.visits import VisitOutcome

VISITS: Mapping[str | None, Sentence] = {
    None: say("Whether it counts is being decided."),
    VisitOutcome.COUNTED: say("It counts."),
    VisitOutcome.REPEATED: say("It does not count: the visitor had counted before."),
    VisitOutcome.OTHER_LINK_FIRST: say(
        "It does not count: another link had brought the visitor first."
    ),
    VisitOutcome.OWN_VISIT: say(
        "It does not count: it was by the owner of the link, or by whoever brought the owner."
    ),
    VisitOutcome.SHARE_WITHDRAWN: say("It does not count: the link had been withdrawn."),
    VisitOutcome.OFFER_ENDED: say("It does not count: the offer had ended."),
    VisitOutcome.FORGOTTEN: say("It counted until the visitor asked to be forgotten."),
    VisitOutcome.DENIED: say("It does not count: a person decided so after a review."),
}
"""What became of a visit, by outcome; None where nothing has been decided."""

NOT_VERIFIED = say("It does not count: nobody looked at the page long enough.")
REACH_ALONE = say("It counts for what your shares reach, not in money: the budget was used up.")

ORDERS: Mapping[str | None, Sentence] = {
    Unattributed.NO_EVIDENCE: say("It counts for nobody: it named no visit and no code."),
    Unattributed.UNKNOWN_VISIT: say("It counts for nobody: the visit that it named is unknown."),
    Unattributed.UNKNOWN_CODE: say("It counts for nobody: the code that it named is unknown."),
    Unattributed.NOT_REFERRED: say("It counts for nobody: nobody had brought the buyer."),
    Unattributed.OUTSIDE_WINDOW: say("It counts for nobody: it came too long after the visit."),
    Unattributed.SHARE_WITHDRAWN: say("It counts for nobody: the link had been withdrawn."),
    Unattributed.OFFER_ENDED: say("It counts for nobody: the offer had ended before the visit."),
    Unattributed.OWN_ORDER: say(
        "It counts for nobody: the buyer is the owner of the link, or somebody who brought the"
        " owner."
    ),
    Unattributed.TOO_FAST: say("It counts for nobody: it came within seconds of the visit."),
    Unattributed.DENIED: say("It counts for nobody: a person decided so after a review."),
}
"""Why an order counts for nobody, by reason."""

OWN_ORDER = say(
    "It does not count: by its account, customer number, payment or address the buyer is you, or"
    " somebody who brought you. If that is wrong, write to {brand}.",
    brand="",
)
"""The same as the owner of the link reads it."""

LIMITED: Mapping[str | None, Sentence] = {
    Reason.BUDGET_PARTLY: say("{amount} of it count for you; the budget had no more room."),
    Reason.BUDGET_SPENT: say("It does not count in money: the budget was used up."),
}
"""Why an order counts only in part."""

HELD = say("A case holds it until a person has decided.")
A_VISITOR = say("A visitor who was forgotten")
NOBODY_NAMED = say("somebody who shows no name")

_FOUND: Mapping[str | None, Sentence] = {
    None: say("It waits until {day} at the latest, unless a person decides otherwise."),
    FindingOutcome.RELEASED: say("A person released it on {day}."),
    FindingOutcome.LAPSED: say("It was released on {day}: the time for a decision was over."),
    FindingOutcome.CHECKED: say("It was checked on {day}, and goes on."),
    FindingOutcome.DENIED: say("A person denied it; it was taken back on {day}."),
}
"""What became of a hold, by outcome; None while it stands."""


def found(values: Mapping[str, Any]) -> tuple[Sentence, Sentence, tuple[Sentence, ...]]:
    """Return what a nightly check found, what becomes of it, and why."""
    period = {
        "offer": values["offer"],
        "brand": values["brand"],
        "first": values["covers_from"],
        "last": values["covers_until"] - timedelta(days=1),
    }
    if values["standing"] == Standing.WATCH:
        what = say(
            "A check noticed your link for {offer} by {brand}, from {first} to {last}.", **period
        )
        outcome = say("What came then is yours to take {days} days later.", days=WATCH_DAYS)
    else:
        what = say(
            "We look at what came through your link for {offer} by {brand} from {first} to {last}.",
            **period,
        )
        outcome = Sentence(
            _FOUND[values["outcome"]].words, {"day": values["ended_at"] or values["ends_at"]}
        )
    return what, outcome, hold_words.reasons(values["anomalies"])
