"""What the small pages of links say, in every language; ``{names}`` are filled in."""

from enum import StrEnum
from typing import NamedTuple

from rewards.explain import Language


class Page(StrEnum):
    """A small page that stands where a link does not lead on."""

    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    NOTHING_HERE = "nothing_here"
    NOT_SO = "not_so"
    FOR_PROGRAMS = "for_programs"
    BUSY = "busy"
    FAILED = "failed"


class Words(NamedTuple):
    """The heading of a page and what stands below it."""

    title: str
    text: str


ONWARD = {
    Language.ENGLISH: "Go to {brand}",
    Language.GERMAN: "Zu {brand}",
    Language.FRENCH: "Aller chez {brand}",
}
"""What stands on the link to the brand's own page."""

PAGES: dict[Language, dict[Page, Words]] = {
    Language.ENGLISH: {
        Page.UNKNOWN: Words(
            "This link leads nowhere",
            "We do not know it. Perhaps a character got lost: ask the person who sent it to you"
            " for the whole link.",
        ),
        Page.WITHDRAWN: Words(
            "This link was withdrawn",
            "The person who shared it has taken it back. You can still look at the page; nobody"
            " will know that you came through this link.",
        ),
        Page.ENDED: Words(
            "This offer has ended",
            "“{offer}” by {brand} is over, so this link no longer counts for anybody.",
        ),
        Page.NOTHING_HERE: Words("There is nothing here", "This address only leads people on."),
        Page.NOT_SO: Words("This cannot be done here", "Links can only be opened."),
        Page.FOR_PROGRAMS: Words("Only programs come here", "This address takes beacons."),
        Page.BUSY: Words(
            "One moment, please",
            "We cannot note your visit right now. Please try again in a moment.",
        ),
        Page.FAILED: Words("Something went wrong", "We have noted it. Please try again."),
    },
    Language.GERMAN: {
        Page.UNKNOWN: Words(
            "Dieser Link führt nirgendwohin",
            "Wir kennen ihn nicht. Vielleicht ging ein Zeichen verloren: Fragen Sie die Person,"
            " die ihn Ihnen geschickt hat, nach dem ganzen Link.",
        ),
        Page.WITHDRAWN: Words(
            "Dieser Link wurde zurückgezogen",
            "Die Person, die ihn geteilt hat, hat ihn zurückgenommen. Sie können die Seite"
            " trotzdem ansehen; niemand erfährt, dass Sie über diesen Link kamen.",
        ),
        Page.ENDED: Words(
            "Diese Aktion ist beendet",
            "„{offer}“ von {brand} ist vorbei; deshalb zählt dieser Link für niemanden mehr.",
        ),
        Page.NOTHING_HERE: Words("Hier ist nichts", "Diese Adresse führt nur weiter."),
        Page.NOT_SO: Words("Das geht hier nicht", "Links können nur geöffnet werden."),
        Page.FOR_PROGRAMS: Words(
            "Hierher kommen nur Programme", "Diese Adresse nimmt Signale von Seiten an."
        ),
        Page.BUSY: Words(
            "Einen Moment bitte",
            "Wir können Ihren Besuch gerade nicht vermerken. Bitte versuchen Sie es gleich noch"
            " einmal.",
        ),
        Page.FAILED: Words(
            "Etwas ist schiefgegangen",
            "Wir haben es notiert. Bitte versuchen Sie es noch einmal.",
        ),
    },
    Language.FRENCH: {
        Page.UNKNOWN: Words(
            "Ce lien ne mène nulle part",
            "Nous ne le connaissons pas. Un caractère s'est peut-être perdu : demandez le lien"
            " entier à la personne qui vous l'a envoyé.",
        ),
        Page.WITHDRAWN: Words(
            "Ce lien a été retiré",
            "La personne qui l'a partagé l'a repris. Vous pouvez quand même voir la page ;"
            " personne ne saura que vous êtes venu par ce lien.",
        ),
        Page.ENDED: Words(
            "Cette offre est terminée",
            "« {offer} » de {brand} est passée ; ce lien ne compte donc plus pour personne.",
        ),
        Page.NOTHING_HERE: Words(
            "Il n'y a rien ici", "Cette adresse ne fait que conduire plus loin."
        ),
        Page.NOT_SO: Words(
            "Ce n'est pas possible ici", "Les liens peuvent seulement être ouverts."
        ),
        Page.FOR_PROGRAMS: Words(
            "Seuls des programmes viennent ici", "Cette adresse reçoit les signaux des pages."
        ),
        Page.BUSY: Words(
            "Un instant, s'il vous plaît",
            "Nous ne pouvons pas noter votre visite pour le moment. Veuillez réessayer dans un"
            " instant.",
        ),
        Page.FAILED: Words(
            "Quelque chose s'est mal passé",
            "Nous en avons pris note. Veuillez réessayer.",
        ),
    },
}
