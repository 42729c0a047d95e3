"""The one way into every page of a team: with a permission, at one brand."""

from dataclasses import dataclass, replace

from server import clock
from server.services import inboxes, privacy_answers
from server.services.teams import Post
from server.web import caller
from server.web.database import reading


@dataclass(frozen=True, slots=True)
class Desk:
    """A member at work for a brand, with a permission that was checked."""

    member_id: int
    brand: Post
    overdue_requests: int = 0
    soon_requests: int = 0
    unread_conversations: int = 0

    @property
    def actor(self) -> str:
        """How the audit log names this member."""
        return f"member:{self.member_id}"

    def may(self, permission: str) -> bool:
        """Return whether the role includes another permission, to show or leave out a button."""
        return self.brand.role in caller.PERMISSIONS[permission]


def sit_down(permission: str, slug: str) -> Desk:
    """Return the desk of whoever asks.

    Raises:
        NotSignedIn: nobody is signed in.
        NotFound: there is no such brand, or the member does not work there.
        NotAllowed: the member's role lacks the permission.

    """
    staff = caller.staff(permission, slug)
    at = Desk(staff.member_id, staff.brand)
    with reading() as db:
        if at.may("conversations:answer"):
            unread = inboxes.unread_of_brand(db, brand_id=staff.brand.brand_id)
            at = replace(at, unread_conversations=unread)
        if at.may("requests:answer"):
            due = privacy_answers.due(db, brand_id=staff.brand.brand_id, now=clock.now())
            at = replace(at, overdue_requests=due.overdue, soon_requests=due.soon)
    return at
