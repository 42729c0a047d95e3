"""What is kept about sharing: links, who came by them, and the tree that grows of it."""

from datetime import timedelta

from server.store.data_map.held import (
    FIXED,
    RANDOM,
    About,
    Held,
    SeenBy,
    Sooner,
    because,
    blanked,
    erasure,
    money_fact,
    period,
    stays,
)
from server.store.visits import EVIDENCE

_FOREST = (
    *("pot_value", "pot_orders", "pot_visits", "pot_credit", "pot_branch_credit"),
    *("pot_children_reward", "vest_value", "vest_orders", "vest_visits", "vest_credit"),
    *("vest_branch_credit", "vest_children_reward"),
)

MAP = (
    Held(
        table="share",
        about=About.CUSTOMER,
        why="the person's own link, and what friends are told about who sent it",
        until=erasure("until the person erases it; then link and tree stay without the name"),
        seen_by=(SeenBy.PERSON, SeenBy.PARTNERS),
        on_erase=blanked(
            *("event_id", "code", "shown_as", "withdrawn_at"),
            why="visits and orders stand on it; the link ends",
        ),
        exported=True,
        fields={
            "id": "number of the row",
            "event_id": "random id that the device gave the share",
            "offer_id": "what was shared",
            "participant_id": "the person's place in the offer's tree",
            "member_id": "who shared",
            "consent_id": "the permission for it",
            "channel": "through which network, or in person",
            "shown_as": "the name that the person chose to show, if any",
            "code": "the random code of the link",
            "created_at": "when it was shared",
            "withdrawn_at": "when it was taken back",
        },
        personal=("event_id", "shown_as", "code"),
        harmless=because(FIXED, "channel"),
    ),
    Held(
        table="visit",
        about=About.FRIEND,
        why="to count each visitor of a link once, and to find the order that came of it",
        until=period(
            timedelta(days=90),
            "clicked_at",
            does="visits",
            sooner=Sooner(timedelta(days=28), EVIDENCE),
            words="90 days, or 30 days after the offer's attribution window where that is longer:"
            " then a visit that nobody verified is deleted, and the others keep their numbers, but"
            " no key, no nonce and a token that nobody was told; networks, device and engagement"
            " are emptied after 28 days: 14 of the nightly look and 14 of a hold",
        ),
        seen_by=(SeenBy.PERSON,),
        on_erase=blanked(
            *("token", "visitor_key", "nonce", "friend_id", *EVIDENCE),
            why="the sharer's count stands on the row",
        ),
        exported=True,
        fields={
            "id": "number of the row",
            "token": "the random token for the brand's checkout; of a forgotten visit, one that"
            " nobody was told",
            "share_id": "by whose link",
            "offer_id": "to which offer",
            "visitor_key": "keyed hash of address and browser with a random salt of the day; of a"
            " forgotten visit, none",
            "clicked_at": "when the link was opened",
            "nonce": "random number by which the page proves that it was seen",
            "nonce_at": "when the page asked for it",
            "verified_at": "when the page was seen",
            "friend_id": "who it was, if they signed in and said so",
            "outcome": "whether the visit counts, and why not",
            "credited": "whether it counts in money",
            "vests_at": "when it will be final",
            "vested_at": "when it became final",
            "network_even": "keyed hash of offer and network (/24, or /48 of IPv6) under the key of"
            " an even fortnight, to see that many visits came from one small network; shown to"
            " nobody",
            "network_odd": "the same under the key of an odd fortnight; shown to nobody",
            "device": "family and major version of the browser, and the operating system, to see"
            " that many visits came from one machine; shown to nobody",
            "engaged": "whether the page was in view for 10 seconds or touched; shown to nobody",
        },
        personal=("token", "visitor_key", "nonce", "network_even", "network_odd", "device"),
        harmless=because(FIXED, "outcome"),
    ),
    Held(
        table="visitor_salt",
        about=About.FRIEND,
        why="without it a visitor key means nothing; with it a visitor counts once a day",
        until=period(
            timedelta(hours=48),
            "day",
            words="48 hours from the beginning of its day; then it is overwritten",
        ),
        seen_by=(SeenBy.NOBODY,),
        on_erase=stays("it is about no single person"),
        exported="it is about no single person",
        fields={"day": "the UTC day", "salt": "16 random bytes"},
        harmless=because(RANDOM, "salt"),
    ),
    Held(
        table="network_key",
        about=About.FRIEND,
        why="with it visits of 14 days from one small network can be counted; without it the hash"
        " of a network means nothing",
        until=period(
            timedelta(days=28),
            "began",
            words="28 days from its first day; then it is overwritten",
        ),
        seen_by=(SeenBy.NOBODY,),
        on_erase=stays("it is about no single person"),
        exported="it is about no single person",
        fields={"began": "the first of its 28 days", "key": "16 random bytes"},
        harmless=because(RANDOM, "key"),
    ),
    Held(
        table="click_count",
        about=About.CUSTOMER,
        why="how many requests a link saw that left no visit, such as robots or Sec-GPC",
        until=period(timedelta(days=730), "day", words="2 years, for a look at last year's season"),
        seen_by=(SeenBy.TEAM,),
        on_erase=stays("numbers for a link that names nobody any more"),
        exported=True,
        fields={
            "share_id": "which link",
            "day": "the UTC day",
            "reason": "why they left no visit",
            "clicks": "how many",
        },
        harmless=because(FIXED, "reason"),
    ),
    Held(
        table="referral",
        about=About.FRIEND,
        why="who brought whom: the edge of the tree, confirmed by the friend",
        until=erasure(),
        seen_by=(SeenBy.PERSON,),
        on_erase=blanked("event_id", "visit_id", why="the places of others stand on it"),
        exported=True,
        fields={
            "id": "number of the row",
            "event_id": "random id that the device gave the claim",
            "offer_id": "to which offer",
            "friend_id": "who was brought",
            "share_id": "by which link",
            "visit_id": "by which visit",
            "consent_id": "the permission for it",
            "claimed_at": "when the friend confirmed it",
        },
        personal=("event_id",),
    ),
    Held(
        table="participant",
        about=About.CUSTOMER,
        why="the person's place in an offer's tree, and the sums that rewards are made of",
        until=money_fact(),
        seen_by=(SeenBy.PERSON, SeenBy.TEAM),
        on_erase=stays("others' sums stand on it; the member that it names is a husk"),
        exported=True,
        fields={
            "id": "number of the place",
            "offer_id": "in which offer",
            "member_id": "whose place",
            "parent_id": "under whom",
            "root_id": "in whose tree",
            "depth": "how deep",
            "joined_at": "since when",
            **dict.fromkeys(_FOREST, "a sum of docs/ENGINE.md: orders, visits, rewards below"),
            "reach": "how many verified visits, also those that no budget paid",
            "granted_minor": "how much was given as codes",
            "redeemed_minor": "how much of it was used",
        },
    ),
)
