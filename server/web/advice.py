"""What each kind of problem means and what to do next: the words of ``/problems/<slug>``.

A page that reports a problem shows ``next`` too.  The table is held complete by a test.
"""

from typing import NamedTuple

from server.web.problems import (
    BEACON_REFUSED,
    BY_STATUS,
    INTERNAL,
    INVALID_BODY,
    KINDS,
    OTHER,
    Kind,
)


class Advice(NamedTuple):
    """What happened, and what the person or program may do now."""

    meaning: str
    next: str


ADVICE: dict[str, Advice] = {
    "not-found": Advice(
        "There is nothing at this address, or nothing that you may see.",
        "Check the address. If somebody gave it to you, ask them whether it is still there and"
        " whether your sign-in may see it.",
    ),
    "not-signed-in": Advice(
        "We do not know who is asking: nobody is signed in, or the sign-in or token has ended.",
        "Sign in and try again. A program gets a new token with its refresh token or its client"
        " credentials.",
    ),
    "not-allowed": Advice(
        "We know who is asking, and this person or program may not do this.",
        "Ask an owner of the brand to give you a role that may. A program needs a token with the"
        " scope that the documentation names for this request.",
    ),
    "content-locked": Advice(
        "This content is for people whose links brought enough real visits, their own and those of"
        " the people they brought. Nobody can buy it, and no order is needed.",
        "Share the offer, and look at your wallet: it says how many visits are missing.",
    ),
    "invalid": Advice(
        "A value has the right shape but breaks a rule, such as a page on a domain that the brand"
        " did not prove to own.",
        "Read the sentence: it names the rule. Change the value and send the request again.",
    ),
    "field-invalid": Advice(
        "One field of a form breaks a rule; the sentence says which rule.",
        "Change that field and send the form again. Everything else that was typed is kept.",
    ),
    "replay-invalid": Advice(
        "The file of cascades has a line that cannot be read. Nothing was recorded.",
        "Correct the line that the sentence names, and replay the file again.",
    ),
    "times-invalid": Advice(
        "A moment lies where it cannot be, such as an order from the future.",
        "Check the clock of the program that sends it, and that times carry their zone.",
    ),
    "cursor-invalid": Advice(
        "The cursor of a list is not one that this list gave you, or it was changed on the way.",
        "Begin again without a cursor, and take each next one from `next_cursor` or from the header"
        " Link as it stands.",
    ),
    "consent-missing": Advice(
        "The person has not agreed to this, agreed to another text, or took it back.",
        "Show the current text, ask, and send the hash of what was shown. Without a yes, nothing"
        " may be recorded.",
    ),
    "conflict": Advice(
        "The request contradicts what is already recorded.",
        "Load the current state, then decide whether the request is still wanted.",
    ),
    "event-taken": Advice(
        "The device used this event id before, for something else. One id is one event.",
        "Make a new random UUID for each event, and repeat an event only with its own id.",
    ),
    "order-ref-taken": Advice(
        "An order was already reported under this reference, with other values.",
        "Use a new reference for a new order, and a reversal for a refund.",
    ),
    "reversal-ref-taken": Advice(
        "A refund was already reported under this reference, with another amount.",
        "Use a new reference for each refund.",
    ),
    "rollback-ref-taken": Advice(
        "A rollback of this redemption was already asked for under this reference, with another"
        " amount.",
        "Use a new reference for each rollback.",
    ),
    "redemption-ended": Advice(
        "The code was used for this order, and that use was rolled back. A repeated request must"
        " not use the code a second time.",
        "If the buyer really uses the code again, send a new order reference.",
    ),
    "already-referred": Advice(
        "Somebody brought this person to the offer before. The first referral stays.",
        "Nothing is to be done. The person can share the offer themselves.",
    ),
    "offer-not-editable": Advice(
        "What an offer pays is frozen when it is published, because people rely on it.",
        "Raise its budget, or end it and publish a successor with the new terms.",
    ),
    "question-not-editable": Advice(
        "What customers are asked is frozen when a question is published, "
        "because they answered these words.",
        "Change the question: that begins its next version, which asks again.",
    ),
    "brand-taken": Advice(
        "Another brand already uses this name in addresses, or this domain.",
        "Choose another name. If the domain is yours, tell whoever runs this server.",
    ),
    "idempotency-key-reused": Advice(
        "The Idempotency-Key belongs to an earlier request with another body or address.",
        "Use a new key for each new request. Keep the old one only to repeat the same request.",
    ),
    "code-refused": Advice(
        "The code cannot be used for this order; the member `key` says why and never changes its"
        " meaning.",
        "Tell the customer the sentence. Nothing was used up, so another code or order may work.",
    ),
    "grant-refused": Advice(
        "A discount code cannot be given now, most often because less is payable than the smallest"
        " code is worth.",
        "Look at the wallet: it says what is payable now, what is pending, and until when.",
    ),
    "claim-refused": Advice(
        "This visit does not make anybody your referrer: it may be your own link, a link of"
        " somebody you brought, or too long ago.",
        "Nothing is lost: you can still buy, and share the offer yourself.",
    ),
    "gone": Advice(
        "It was here, and whoever owned it took it back.",
        "Nothing is to be done. Ask the person who shared it whether there is a new link.",
    ),
    "unavailable": Advice(
        "A service that we rely on does not answer.",
        "Wait a minute and send the same request again; it is safe to repeat.",
    ),
    INVALID_BODY.slug: Advice(
        "The request does not have the documented shape; `errors` points to each member.",
        "Compare the request with the documentation. Unknown members are refused on purpose.",
    ),
    "bad-request": Advice(
        "The request could not be read as HTTP, or a form came without the token of its page.",
        "Go back, reload the page, and send the form again: forms stop working when you sign in or"
        " out in another tab. A program looks at what it sends byte by byte.",
    ),
    "method-not-allowed": Advice(
        "There is something at this address, but not for this method.",
        "Open the page with a link or a form of this site. A program uses one of the methods that"
        " the header Allow names.",
    ),
    "too-large": Advice(
        "The request is larger than anything that is meant to be sent here.",
        "Send less at once.",
    ),
    "unsupported-media-type": Advice(
        "The body of the request says that it is something other than JSON.",
        "Send JSON with the header Content-Type: application/json.",
    ),
    "rate-limited": Advice(
        "More requests came than one caller may send in a minute, or too many codes were tried that"
        " do not exist. `violated-policies` names the limit, `Retry-After` the seconds to wait.",
        "Wait as long as the header Retry-After says, then send the same request again: nothing was"
        " changed. The header RateLimit of every answer says what is left, so that a program can"
        " slow down before.",
    ),
    OTHER.slug: Advice(
        "The address, the method or the request itself was wrong in a way that HTTP defines.",
        "Read the sentence, and begin again at the start page. A program compares its request with"
        " the documentation.",
    ),
    BEACON_REFUSED.slug: Advice(
        "The script on a brand's page reported a visit in a way that does not count; the key says"
        " why: another page's script, a nonce used twice, too soon, or nobody looking.",
        "Nothing needs to be done: the visit itself is kept. Brands check that the page lies on a"
        " domain which they registered, and that the script comes from the links' own address.",
    ),
    INTERNAL.slug: Advice(
        "We made a mistake. It was noted, and nothing was changed.",
        "Try again in a few minutes. If it stays, tell us the address of the page and the time.",
    ),
}


MET_BY_PEOPLE = {
    *("not-found", "not-signed-in", "not-allowed", "invalid", "field-invalid", "times-invalid"),
    *(
        "consent-missing",
        "content-locked",
        "conflict",
        "event-taken",
        "already-referred",
        "code-refused",
    ),
    *("grant-refused", "claim-refused", "gone", "unavailable"),
    *("bad-request", "method-not-allowed", "too-large", "rate-limited", INTERNAL.slug, OTHER.slug),
}
"""Problems that a customer or a friend can meet, so that their words come in every language.

The others are met by programs and by brands, in English.
"""


def advice_for(kind: Kind) -> Advice:
    """Return the words for a kind of problem."""
    return ADVICE[kind.slug]


def by_slug() -> dict[str, Kind]:
    """Return every kind of problem that has a page, by its name in addresses."""
    kinds = [*KINDS.values(), INVALID_BODY, *BY_STATUS.values(), BEACON_REFUSED, INTERNAL, OTHER]
    return {kind.slug: kind for kind in kinds}
