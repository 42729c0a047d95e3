"""What is kept of conversations between customers and brands."""

from datetime import timedelta

from server.store.data_map.held import (
    FIXED,
    About,
    Held,
    SeenBy,
    along,
    because,
    deleted,
    period,
)

MAP = (
    Held(
        table="conversation",
        about=About.CUSTOMER,
        why="so that a customer and a brand can talk, and both see what is still to be solved",
        until=period(
            timedelta(days=2 * 365), "last_message_at", words="2 years after its last message"
        ),
        seen_by=(SeenBy.PERSON, SeenBy.TEAM),
        on_erase=deleted("nothing else stands on it; the brand loses its copy with it"),
        exported=True,
        fields={
            "id": "number of the row",
            "public_id": "random id of the conversation",
            "event_id": "random id of the form, so that sending it twice begins one",
            "member_id": "which customer",
            "brand_id": "which brand",
            "share_id": "which share it is about, if the customer says so",
            "consent_id": "the permission; without it the brand sees nothing of it",
            "kind": "question, complaint or review",
            "subject": "what the customer says it is about",
            "shown_as": "the name that the customer chose for it, if any",
            "state": "open or solved",
            "created_at": "when it began",
            "last_message_at": "when somebody last wrote",
            "last_from": "which side did",
            "solved_at": "when it was marked as solved",
            "solved_by": "which side did",
            "message_count": "how many messages there are",
            "member_read": "up to which message the customer has seen it",
            "brand_read": "up to which message the brand has seen it",
            "member_unread": "how many of the brand's messages came after that",
            "brand_unread": "how many of the customer's messages came after that",
        },
        personal=("public_id", "event_id", "subject", "shown_as"),
        harmless=because(FIXED, "kind", "state", "last_from", "solved_by"),
    ),
    Held(
        table="message",
        about=About.CUSTOMER,
        why="what a customer and people of a brand said to each other",
        until=along("conversation_id", words="as long as its conversation"),
        seen_by=(SeenBy.PERSON, SeenBy.TEAM),
        on_erase=deleted(
            "the customer's conversations go whole; of who wrote for a brand only the words stay"
        ),
        exported=True,
        fields={
            "id": "number of the row",
            "conversation_id": "in which conversation",
            "consent_id": "the customer's permission, on which every message stands",
            "number": "which message of it",
            "event_id": "random id of the form, so that sending it twice writes once",
            "side": "whether the customer or the brand wrote it",
            "author_id": "which member of the brand's team",
            "author_role": "their role then",
            "shown_as": "the name that they chose for it, if any",
            "words": "what was written",
            "at": "when",
        },
        personal=("event_id", "shown_as", "words"),
        harmless=because(FIXED, "side", "author_role"),
    ),
)
