"""Correcting the name under which friends see a share."""

from sqlmodel import Session

from server.errors import Invalid, NotFound
from server.store import members
from server.store import shares as store

NAME_MAX = 40


def correct(db: Session, *, member_id: int, code: str, shown_as: str) -> None:
    """Let a share show another name from now on, or none.

    Raises:
        NotFound: the member has no such share.
        Invalid: this is no name that can be shown.

    """
    name = shown_as.strip()
    if len(name) > NAME_MAX or not name.isprintable():
        raise Invalid("A name has at most {most} visible characters.", most=NAME_MAX)
    if not members.lock_living(db, member_id) or not store.rename(
        db, member_id=member_id, code=code, shown_as=name
    ):
        raise NotFound("You have no share with this link.")
