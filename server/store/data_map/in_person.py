"""What is kept about codes that people give each other face to face."""

from datetime import timedelta

from server.store.data_map.held import (
    FIXED,
    RANDOM,
    About,
    Held,
    SeenBy,
    because,
    deleted,
    erasure,
    period,
)

MAP = (
    Held(
        table="device_key",
        about=About.CUSTOMER,
        why="to know that a code that was made without a connection comes from the person's device",
        until=erasure(
            "until the person erases it; a revoked key still tells that its codes are void"
        ),
        seen_by=(SeenBy.PERSON,),
        on_erase=deleted("what the device made goes with it"),
        exported="a public key is a random number; the page In person lists the devices",
        fields={
            "id": "number of the row",
            "member_id": "whose device",
            "kid": "the key's name, which follows from the key",
            "public_jwk": "the public key; the private one never leaves the device",
            "created_at": "when the device registered it",
            "revoked_at": "when it was ended",
        },
        personal=("kid", "public_jwk"),
    ),
    Held(
        table="spoken_code",
        about=About.CUSTOMER,
        why="to know which code somebody means who was told eight letters and digits",
        until=period(timedelta(days=1), "expires_at", words="1 day after the code ran out"),
        seen_by=(SeenBy.PERSON,),
        on_erase=deleted(),
        exported="it is a random code that works for 15 minutes",
        fields={
            "id": "number of the row",
            "device_key_id": "which device made the code",
            "share_id": "by whose link",
            "nonce": "random number by which the code works once",
            "spoken": "how the code is said",
            "issued_at": "when the device made it",
            "expires_at": "until when it could be taken",
        },
        harmless=because(RANDOM, "nonce", "spoken"),
    ),
    Held(
        table="meeting",
        about=About.FRIEND,
        why="who took a code face to face, so that it counts once and both say so",
        until=period(timedelta(days=30), "taken_at", words="30 days after it was taken"),
        seen_by=(SeenBy.PERSON,),
        on_erase=deleted("the referral that came of it stays, by its own rule"),
        exported="the share, the permission and the referral that came of it are in the file",
        fields={
            "id": "number of the row",
            "public_id": "random id of the meeting",
            "device_key_id": "which device made the code",
            "share_id": "by whose link",
            "nonce": "random number by which the code works once",
            "friend_id": "who took it",
            "consent_id": "the friend's permission",
            "taken_at": "when",
            "outcome": "what the sharer said about it",
            "decided_at": "when",
        },
        harmless={**because(RANDOM, "public_id", "nonce"), **because(FIXED, "outcome")},
    ),
)
