"""The browsers in which a person is signed in: to see, and to sign out of all at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.services import sign_ins
from server.store import sessions as store


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser that is signed in; of it we know no more than since when, and until when."""

    since: datetime
    until: datetime
    is_this_one: bool


def signed_in(
    db: Session, *, member_id: int, token_hash: str, now: datetime
) -> tuple[Browser, ...]:
    """Return a member's browsers, the newest first; ``token_hash`` is of the one that asks."""
    return tuple(
        Browser(row.created_at, row.expires_at, row.token_hash == token_hash)
        for row in store.of_member(db, member_id, now=now)
    )


def sign_out_everywhere(db: Session, *, member_id: int) -> None:
    """End every session of a member at once; a sign-in after it is a new one.

    Raises:
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    store.remove_of_member(db, member_id)
