"""The words of the page "My data" about held visits and their cases."""

from server.services.my_data_words import Line, Row
from server.services.sentences import say

_A_YEAR = say("1 year after its end")
_SEEN_BY = say("you, and who reviews cases at the brand")


def finding(row: Row) -> Line:
    """Say what a night found."""
    values = {"offer": row["offer"], "brand": row["brand"]}
    what = say("Visits through your link for {offer} by {brand} vest later.", **values)
    if row["standing"] == "hold":
        what = say("Visits through your link for {offer} by {brand} are looked at.", **values)
    if row["ended_at"]:
        what = say("Visits through your link for {offer} by {brand} were looked at.", **values)
    return Line(what, row["began_at"], _A_YEAR, _SEEN_BY)


def case(row: Row) -> Line:
    """Say that a person decides, or has decided."""
    values = {"offer": row["offer"], "brand": row["brand"]}
    what = say("A case about visits through your link for {offer} by {brand}.", **values)
    until = say("3 years after it is closed; its words go when you erase")
    return Line(what, row["opened_at"], until, _SEEN_BY)


def statements(count: int) -> Line:
    """Say how much was said in cases."""
    what = say("Questions and answers in your cases: {count}.", count=count)
    return Line(what, None, say("as long as the case"), _SEEN_BY)


def asked_for_brands(count: int) -> Line:
    """Say how often the person asked something for brands."""
    what = say("Questions that you asked in cases for brands: {count}.", count=count)
    until = say("the case goes; your name goes when you erase")
    return Line(what, None, until, say("the customer, and the brand's team"))
