"""Who signs in: an issuer and a subject become a member, and nothing else is learned."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import Invalid, NotSignedIn
from server.store import members, writing

LONGEST = 255
"""OpenID Connect Core, section 2: a subject has at most 255 ASCII characters."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member who just proved who they are; ``is_new`` when this was the first time."""

    member_id: int
    is_new: bool


def sign_in(db: Session, *, issuer: str, subject: str, now: datetime) -> SignedIn:
    """Return the member whom this issuer knows by this subject; the first time makes them one.

    Raises:
        Invalid: the issuer or the subject is not one that OpenID Connect allows.

    """
    for value in (issuer, subject):
        if not (0 < len(value) <= LONGEST and value.isascii() and value.isprintable()):
            raise Invalid("The identity provider described the person in a way we cannot keep.")

    known = members.id_of_identity(db, issuer=issuer, subject=subject)
    if known is None or not members.lock_living(db, known):  # erased meanwhile: somebody new
        values = {"issuer": issuer, "subject": subject, "created_at": now}
        new = writing.put_first(db, members.Member, values)  # the unique constraint decides
        if new is not None:
            return SignedIn(new, is_new=True)
        known = members.id_of_identity(db, issuer=issuer, subject=subject)
    assert known is not None
    return SignedIn(known, is_new=False)


def lock_living(db: Session, member_id: int) -> None:
    """Keep a person from being erased until we commit; before anything of theirs is written.

    Raises:
        NotSignedIn: they were erased.

    """
    if not members.lock_living(db, member_id):
        raise NotSignedIn(members.GONE)
