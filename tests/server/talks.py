"""Ada and the people of Berta's Boots write to each other, through the real services."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from server.services import consents, conversations, inboxes, withdrawals
from server.services.conversation_rules import Colleague, Customer, Opening, Speaker
from server.services.inboxes import ConversationView, Thread
from server.store.teams import Role
from tests import make
from tests.server import pages_world
from tests.server import town as towns
from tests.server.town import Town

HELLO = Opening(
    brand_slug="bertas-boots",
    share_code="",
    kind="question",
    subject="Do the soles last?",
    shown_as="Ada",
    words="I walk a lot. Do they last?",
)


@dataclass
class Talk:
    """One conversation on its way, and the two who talk."""

    db: Session
    town: Town
    public_id: str
    ada: Customer
    nele: Colleague

    @property
    def now(self) -> datetime:
        """Return the next minute: nobody writes twice in one."""
        self.town.now += timedelta(minutes=1)
        return self.town.now

    def says(self, by: Speaker, words: str, *, event_id: str | None = None) -> int:
        """Let somebody write; return the number of the message."""
        return conversations.write(
            self.db,
            by=by,
            public_id=self.public_id,
            event_id=event_id or str(uuid4()),
            words=words,
            now=self.now,
        )

    def looks(self, by: Speaker) -> Thread:
        """Let somebody open the page, and read what is there."""
        thread = self.sees(by)
        number = thread.messages[-1].number
        conversations.mark_read(self.db, by=by, public_id=self.public_id, number=number)
        return thread

    def sees(self, by: Speaker) -> Thread:
        """Return what somebody would see, without their looking."""
        return inboxes.read(self.db, by=by, public_id=self.public_id)

    def solves(self, by: Speaker, *, seen: int | None = None) -> bool:
        """Let somebody mark it as solved who saw everything, or so many messages."""
        number = len(self.sees(by).messages) if seen is None else seen
        return conversations.solve(
            self.db, by=by, public_id=self.public_id, seen=number, now=self.now
        )

    def ends(self) -> None:
        """Let Ada take her permission back."""
        withdrawals.withdraw(
            self.db,
            member_id=self.ada.member_id,
            consent_public_id=self.sees(self.ada).consent_public_id,
            now=self.now,
        )

    def waiting(self) -> list[ConversationView]:
        """Return what waits for the brand's answer."""
        return list(inboxes.of_brand(self.db, brand_id=self.nele.brand_id).waiting)


def begin(
    db: Session,
    member_id: int,
    *,
    now: datetime,
    opening: Opening = HELLO,
    event_id: str | None = None,
    text_hash: str | None = None,
) -> str:
    """Begin a conversation and return its id."""
    return conversations.begin(
        db,
        member_id=member_id,
        event_id=event_id or str(uuid4()),
        opening=opening,
        text_hash=text_hash or consents.text(consents.CONVERSATION).hash,
        language="en",
        surface="test",
        now=now,
    )


def told(db: Session) -> Talk:
    """Let Ada ask Berta's Boots something; Nele works there as reviewer."""
    town = towns.found(db)
    ada, nele = town.member("Ada"), town.member("Nele")
    make.team(db, town.brand_id, nele, Role.REVIEWER)
    begun = begin(db, ada, now=town.now)
    colleague = Colleague(town.brand_id, nele, Role.REVIEWER, "Nele")
    return Talk(db, town, begun, Customer(ada), colleague)


def all_states(db: Session, world: pages_world.World, now: datetime) -> tuple[str, str, str, str]:
    """Let Ada have conversations in every state; return answered, waiting, solved and ended."""
    day = timedelta(days=1)
    about = replace(HELLO, share_code=world.link, shown_as="Ada", words="Do they last?\n\nI walk.")
    answered = begin(db, world.ada, now=now - 9 * day, opening=about)
    nele = Colleague(world.brand_id, make.member(db, "nele"), Role.REVIEWER, "Nele")
    carl = Colleague(world.brand_id, make.member(db, "carl"), Role.OWNER)
    ada = Customer(world.ada)

    def write(by: Speaker, public_id: str, words: str, days: int) -> None:
        at = now - days * day
        form = str(uuid4())
        conversations.write(db, by=by, public_id=public_id, event_id=form, words=words, now=at)

    write(nele, answered, "Mine are in their third winter. Which soles do you have?", 8)
    write(ada, answered, "The thick ones.", 7)
    write(carl, answered, "Then wax them once a year, and they will.", 6)
    leaks = replace(HELLO, kind="complaint", subject="The left one leaks", shown_as="")
    waiting = begin(db, world.ada, now=now - 5 * day, opening=leaks)
    praise = replace(HELLO, kind="review", subject="Warm, and light")
    solved, ended = (begin(db, world.ada, now=now - n * day, opening=praise) for n in (4, 3))
    write(nele, solved, "Thank you for telling us!", 3)
    conversations.solve(db, by=nele, public_id=solved, seen=1, now=now - 2 * day)
    consent = inboxes.read(db, by=ada, public_id=ended).consent_public_id
    withdrawals.withdraw(db, member_id=world.ada, consent_public_id=consent, now=now - day)
    return answered, waiting, solved, ended
