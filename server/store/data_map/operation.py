"""What is kept to run the service and to answer for it."""

from datetime import timedelta

from server.store.data_map.held import (
    FIXED,
    NOT_ABOUT_A_PERSON,
    About,
    Held,
    SeenBy,
    because,
    period,
    stays,
    while_it_exists,
)

MAP = (
    Held(
        table="outbox_message",
        about=About.NOBODY,
        why="what must still happen because of a change, such as telling Stripe",
        until=period(timedelta(days=7), "done_at", words="7 days after it is done"),
        seen_by=(SeenBy.NOBODY,),
        on_erase=stays("numbers of rows, and goes by itself"),
        exported="numbers of rows that are exported themselves",
        fields={
            "id": "number of the row",
            "kind": "what to do",
            "content": "about which rows, by number",
            "due_at": "when",
            "attempts": "how often it was tried",
            "last_error": "what went wrong, by its kind",
            "done_at": "when it was done",
        },
        personal=("content",),
        harmless=because(FIXED, "kind")
        | because("the kind of the error, without its words", "last_error"),
    ),
    Held(
        table="audit_entry",
        about=About.TEAM,
        why="who of a team or which partner changed what: accountability",
        until=period(
            timedelta(days=6 * 365),
            "at",
            words="6 years, as trade law asks for the letters of a business",
        ),
        seen_by=(SeenBy.TEAM,),
        on_erase=stays("accountability of the brand; the member's number leads to a husk"),
        exported=True,
        fields={
            "id": "number of the row",
            "brand_id": "at which brand",
            "actor": "who: member:7 or partner:abc",
            "action": "what was done",
            "subject": "to what, by number",
            "before": "how it was",
            "after": "how it is",
            "at": "when",
        },
        personal=("actor", "subject"),
        harmless=because(FIXED, "action")
        | because("of offers, partners and addresses, never of people", "before", "after"),
    ),
    Held(
        table="heartbeat",
        about=About.NOBODY,
        why="to notice when a process of ours has died",
        until=while_it_exists("one row for each kind of process, written over and over"),
        seen_by=(SeenBy.OPERATOR,),
        on_erase=stays(NOT_ABOUT_A_PERSON),
        exported=NOT_ABOUT_A_PERSON,
        fields={"process": "which process", "seen_at": "when it was last at work"},
        harmless=because(FIXED, "process"),
    ),
)
