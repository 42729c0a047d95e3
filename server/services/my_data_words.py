"""The words of the page "My data": each thing that is held, until when, and who sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.services.channels import CHANNELS
from server.services.sentences import Sentence, say

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is held; with ``link_code``, its name can be corrected."""

    what: Sentence
    since: datetime | None
    until: Sentence
    seen_by: Sentence
    link_code: str = ""
    shown_as: str = ""


_ROLES: Mapping[str, Sentence] = {
    "owner": say("owner"),
    "manager": say("manager"),
    "reviewer": say("reviewer"),
    "analyst": say("analyst"),
}
_UNTIL_ERASED = say("you erase it")
_MONEY = say("10 years, as tax law asks for books; without you as soon as you erase")
_AFTER_TALKING = say("2 years after the conversation's last message")
_HALF_A_YEAR = say("half a year later at most, or you erase it")
_NOBODY = say("nobody; a program compares them")
_YOU_ALONE = say("you alone")
_AS_A_NUMBER = say("you; the brand sees a number, never you")


def account(row: Row) -> Line:
    """Say how a person is known."""
    what = say("{issuer} knows you as {subject}.", issuer=row["issuer"], subject=row["subject"])
    return Line(what, row["signed_up_at"], _UNTIL_ERASED, _YOU_ALONE)


def browser(row: Row) -> Line:
    """Say that a browser is signed in."""
    until = say("{day}, or you sign out", day=row["expires_at"])
    return Line(say("A browser is signed in."), row["signed_in_at"], until, _YOU_ALONE)


def share(row: Row) -> Line:
    """Say what was shared, and under which name."""
    channel = CHANNELS.get(row["channel"])
    values = {
        "offer": row["offer"],
        "brand": row["brand"],
        "channel": say(channel.title) if channel else row["channel"],
    }
    what = say("{offer} by {brand}, shared through “{channel}”, without a name.", **values)
    seen_by = say("you; friends who open the link see that somebody shared it")
    if row["shown_as"]:
        what = say(
            "{offer} by {brand}, shared through “{channel}”, shown to friends as “{name}”.",
            **values,
            name=row["shown_as"],
        )
        seen_by = say("you; friends who open the link see the name")
    until = _UNTIL_ERASED
    if row["withdrawn_at"]:
        until = say("you erase it; withdrawn on {day}", day=row["withdrawn_at"])
    return Line(what, row["created_at"], until, seen_by, row["link_code"], row["shown_as"])


def disclosures(count: int) -> Line:
    """Say that there is proof of what friends were told."""
    what = say(
        "Proof that friends were told that you get a reward, one for each wording: {count}.",
        count=count,
    )
    return Line(what, None, _UNTIL_ERASED, say("you, and the brand if it must prove it"))


def visits(count: int) -> Line:
    """Say how many visits came."""
    what = say("Visits through your links: {count}.", count=count)
    until = say("the visitor asks to be forgotten, or you erase it")
    return Line(what, None, until, _AS_A_NUMBER)


def clicks(count: int) -> Line:
    """Say that other clicks were counted."""
    what = say("Days on which clicks on your links left no visit: {count}.", count=count)
    return Line(what, None, say("2 years later"), _AS_A_NUMBER)


def orders(count: int) -> Line:
    """Say how many orders came."""
    what = say("Orders through your links: {count}.", count=count)
    return Line(what, None, _MONEY, say("you; the shop sees its order, never you"))


def friends(count: int) -> Line:
    """Say how many friends were brought."""
    what = say("Friends who confirmed that you brought them: {count}.", count=count)
    return Line(what, None, _UNTIL_ERASED, _AS_A_NUMBER)


def referral(row: Row) -> Line:
    """Say who brought the person."""
    what = say(
        "Somebody who shows no name brought you to {offer} by {brand}.",
        offer=row["offer"],
        brand=row["brand"],
    )
    if row["brought_by"]:
        what = say(
            "{name} brought you to {offer} by {brand}.",
            name=row["brought_by"],
            offer=row["offer"],
            brand=row["brand"],
        )
    seen_by = say("you; whoever brought you sees a number, never you")
    return Line(what, row["claimed_at"], _UNTIL_ERASED, seen_by)


def arrivals(count: int) -> Line:
    """Say how many visits were confirmed."""
    what = say("Visits that you confirmed as yours: {count}.", count=count)
    return Line(what, None, _UNTIL_ERASED, say("you; whoever brought you sees a number, never you"))


def purchases(count: int) -> Line:
    """Say how many orders are taken for the person's."""
    what = say(
        "Orders that a shop reported and that we take for yours, because they followed a visit that"
        " you confirmed or used a code of yours: {count}.",
        count=count,
    )
    seen_by = say("you and the shop; whoever brought you sees what counts for them, never you")
    return Line(what, None, _MONEY, seen_by)


def own_identities(count: int) -> Line:
    """Say by how much shops know the person again."""
    what = say(
        "Scrambled traces of customer numbers, payments and delivery addresses with which you"
        " ordered, so that nobody earns for their own orders: {count}. They cannot be read back,"
        " and each shop has its own.",
        count=count,
    )
    return Line(what, None, _HALF_A_YEAR, _NOBODY)


def purchase_identities(count: int) -> Line:
    """Say how many such traces are kept beside the person's orders."""
    what = say("Traces of the same kind, kept beside orders of yours: {count}.", count=count)
    return Line(what, None, _HALF_A_YEAR, _NOBODY)


def place(row: Row) -> Line:
    """Say that there is a place in an offer."""
    what = say(
        "Your place in {offer} by {brand}: the sums from which your rewards follow.",
        offer=row["offer"],
        brand=row["brand"],
    )
    return Line(what, row["joined_at"], _MONEY, _AS_A_NUMBER)


def bookings(count: int) -> Line:
    """Say how many movements of money there were."""
    what = say("Movements of money on your accounts: {count}.", count=count)
    return Line(what, None, _MONEY, _AS_A_NUMBER)


def codes(count: int) -> Line:
    """Say how many codes were taken."""
    what = say("Codes that you took: {count}.", count=count)
    return Line(what, None, _MONEY, say("you, and the shop where a code is used"))


def redemptions(count: int) -> Line:
    """Say how many codes were used."""
    what = say("Uses of your codes: {count}.", count=count)
    return Line(what, None, _MONEY, say("you, and the shop where a code is used"))


def codes_at_stripe(count: int) -> Line:
    """Say how many codes the payment service knows."""
    what = say("Codes of yours that the payment service Stripe knows: {count}.", count=count)
    return Line(what, None, _MONEY, say("Stripe and the brand, as a code without your name"))


def content(row: Row) -> Line:
    """Say what was unlocked, whether it still is, and whether it was opened."""
    named = {"title": row["title"], "brand": row["brand"]}
    if row["locked_at"] is not None:
        what = say("You had unlocked {title} at {brand}, until visits were taken back.", **named)
    elif row["first_opened_at"] is not None:
        what = say("You unlocked {title} at {brand}, and opened it.", **named)
    else:
        what = say("You unlocked {title} at {brand}.", **named)
    until = say("as long as your place in the offer; without you as soon as you erase")
    return Line(what, row["unlocked_at"], until, _AS_A_NUMBER)


def answer(row: Row) -> Line:
    """Say what was answered, what for, and until when."""
    what = say(
        "“{title}” of {brand}: {answer}. It is used for this alone: {purpose}",
        title=row["title"],
        brand=row["brand"],
        answer=row["answer"],
        purpose=row["purpose"],
    )
    until = say("{day}, or earlier if it is of no use", day=row["expires_at"])
    seen_by = say("you; the brand sees only figures about at least 50 people")
    return Line(what, row["answered_at"], until, seen_by)


def asks(count: int) -> Line:
    """Say how often questions were asked."""
    what = say("Questions that you were asked, answered or not: {count}.", count=count)
    return Line(what, None, _UNTIL_ERASED, _YOU_ALONE)


def ask_budget(row: Row) -> Line:
    """Say that the points for questions are counted."""
    what = say("How much {brand} may still ask you, in points.", brand=row["brand"])
    return Line(what, row["began_at"], _UNTIL_ERASED, _YOU_ALONE)


def conversation(row: Row) -> Line:
    """Say that the person talks with a brand, and about what."""
    values = {"brand": row["brand"], "subject": row["subject"]}
    what = say("A conversation with {brand}: “{subject}”.", **values)
    seen_by = say("you, and the people of the brand who answer")
    if row["ended_at"]:
        what = say("A conversation with {brand} that you ended: “{subject}”.", **values)
        seen_by = _YOU_ALONE
    return Line(what, row["created_at"], _AFTER_TALKING, seen_by)


def messages(count: int) -> Line:
    """Say how much was said in conversations."""
    what = say("Messages in your conversations: {count}.", count=count)
    return Line(what, None, _AFTER_TALKING, say("you, and the people of the brand who answer"))


def case(row: Row) -> Line:
    """Say what a case is about."""
    values = {"brand": row["brand"], "day": row["ordered_at"]}
    what = say("A case holds an order of {day} at {brand} until it is decided.", **values)
    if row["closed_at"]:
        what = say("A case about an order of {day} at {brand} was decided.", **values)
    return Line(what, row["opened_at"], _MONEY, say("you, and who reviews cases at the brand"))


def request(row: Row) -> Line:
    """Say that something was asked by the law of data protection."""
    what = say("A request of yours by the law of data protection to whoever runs this site.")
    if row["brand"]:
        what = say(
            "A request of yours by the law of data protection to {brand}.", brand=row["brand"]
        )
    until = say("3 years after its answer, as long as it can be disputed")
    return Line(what, row["received_at"], until, say("you, and who answers it"))


def export(row: Row) -> Line:
    """Say that a file was asked for."""
    until = say("{day}", day=row["expires_at"])
    return Line(say("You asked for your data as a file."), row["asked_at"], until, _YOU_ALONE)


def team(row: Row) -> Line:
    """Say for whom the person works, and as what."""
    what = say("You work for {brand} as {role}.", brand=row["brand"], role=_ROLES[row["role"]])
    return Line(what, None, say("an owner of the brand ends it"), say("the brand's team"))


def team_actions(count: int) -> Line:
    """Say how many changes are in the log."""
    what = say("Changes that you made for brands: {count}.", count=count)
    return Line(what, None, say("the brand is gone"), say("the brand's team"))


def messages_for_brands(count: int) -> Line:
    """Say how often the person wrote to customers."""
    what = say("Messages that you wrote to customers for brands: {count}.", count=count)
    until = say("the conversation goes; your name goes when you erase")
    return Line(what, None, until, say("the customer, and the brand's team"))
