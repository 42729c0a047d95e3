"""What is kept so that nobody earns for what they buy themselves: keyed hashes, for half a year."""

from datetime import timedelta

from server.store.data_map.held import (
    FIXED,
    NO_PEOPLE,
    NOT_ABOUT_A_PERSON,
    About,
    Held,
    SeenBy,
    along,
    because,
    deleted,
    period,
    stays,
)

MAP = (
    Held(
        table="identity_key",
        about=About.NOBODY,
        why="to hash what a shop knows its buyers by, so that only this brand recognises them, and"
        " not for long",
        until=period(
            timedelta(days=1),
            "ends_at",
            words="it makes hashes for 90 days, recognises them for 90 more, and goes a day later"
            " with all of them",
        ),
        seen_by=(SeenBy.NOBODY,),
        on_erase=stays(NOT_ABOUT_A_PERSON),
        exported=NOT_ABOUT_A_PERSON,
        fields={
            "id": "number of the row",
            "brand_id": "whose key",
            "period": "for which 90 days since 1970",
            "sealed_key": "the key, encrypted",
            "made_at": "when it was made",
            "ends_at": "until when it recognises",
        },
        harmless=because(NO_PEOPLE, "sealed_key"),
    ),
    Held(
        table="own_identity",
        about=About.CUSTOMER,
        why="to know orders that somebody places by their own link, or by one below theirs: nobody"
        " earns for those",
        until=along("key_id", words="as long as its key: 90 to 181 days"),
        seen_by=(SeenBy.PERSON,),
        on_erase=deleted(),
        exported=True,
        fields={
            "id": "number of the row",
            "key_id": "under which key",
            "member_id": "whose it is",
            "kind": "of what: a shop's number for its buyer, a payment, a delivery",
            "hash": "keyed hash of it",
            "learnt_at": "when an order or the use of a code told it",
        },
        personal=("hash",),
        harmless=because(FIXED, "kind"),
    ),
    Held(
        table="order_identity",
        about=About.BUYER,
        why="to know a buyer again who was brought before, and orders that turn out to be the"
        " sharer's own while they are pending",
        until=along(
            "key_id",
            words="as long as its key: 90 to 181 days; payments and deliveries until the order is"
            " final",
        ),
        seen_by=(SeenBy.PERSON,),
        on_erase=deleted(),
        exported=True,
        fields={
            "id": "number of the row",
            "key_id": "under which key",
            "conversion_id": "of which order",
            "kind": "of what: a shop's number for its buyer, a payment, a delivery",
            "hash": "keyed hash of it",
        },
        personal=("hash",),
        harmless=because(FIXED, "kind"),
    ),
)
