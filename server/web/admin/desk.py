"""The one way into every page of a team: with a permission, at one brand."""

from dataclasses import dataclass

from server.services.teams import Post
from server.web import caller


@dataclass(frozen=True, slots=True)
class Desk:
    """A member at work for a brand, with a permission that was checked."""

    member_id: int
    brand: Post

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
    return Desk(staff.member_id, staff.brand)
