"""Why something is held, in sentences for the page to say in its language."""

from collections.abc import Mapping, Sequence
from typing import Any

from rewards.anomalies import QUIET_HOURS, Look
from rewards.integrity import UNUSUAL
from server.services.sentences import Sentence, say

UNCHECKED = say("We could not check these visits yet; nothing is lost, and we try again.")
_LOOKS: Mapping[str, Sentence] = {
    Look.ENGAGEMENT: say(
        "{engaged} of {visits} visits stayed longer than 10 s; usual here is {usual} %."
    ),
    Look.TIMER: say("{visits} visits arrived about every {gap_s} s, like a timer."),
    Look.NETWORK: say("{same} of {visits} visits came from one small network."),
    Look.DEVICE: say("{same} of {visits} visits came from one exact browser version."),
    Look.QUIET_HOURS: say(
        "{quiet} of {visits} visits came in the {hours} quietest hours of the day; usual here is"
        " {usual} %."
    ),
    Look.HOLLOW_BURST: say(
        "{visits} visits came within 10 minutes, and {engaged} of them read the page."
    ),
}


def reasons(anomalies: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    """Return the reasons of a finding, the strongest first; the unremarkable ones stay out."""
    told = [one for index, one in enumerate(anomalies) if index == 0 or one["p"] < UNUSUAL]
    return tuple(_reason(one) for one in told) or (UNCHECKED,)


def _reason(anomaly: Mapping[str, Any]) -> Sentence:
    numbers = {"hours": QUIET_HOURS} | anomaly["numbers"]
    if "usual" in numbers:
        numbers["usual"] = round(numbers["usual"] * 100)
    return Sentence(_LOOKS[anomaly["look"]].words, numbers)
