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
    MUTED = "muted"
    NOBODY_MUTED = "nobody_muted"
    MUTE_REFUSED = "mute_refused"


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

UNMUTE = {
    Language.ENGLISH: "Unmute everybody",
    Language.GERMAN: "Alle wieder zulassen",
    Language.FRENCH: "Ne plus ignorer personne",
}
"""What stands on the button that ends every mute."""

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
        Page.MUTED: Words(
            "What this browser muted",
            "People whose links you muted: {count}. Their links lead you straight to the page, and"
            " nothing is kept or counted. Only this browser knows, by a cookie without your name"
            " or theirs.",
        ),
        Page.NOBODY_MUTED: Words(
            "Nobody is muted",
            "This browser mutes no links. On the page “Who sent me here?” you can mute the"
            " person who sent you a link.",
        ),
        Page.MUTE_REFUSED: Words(
            "Nothing was changed",
            "This address is too old or not ours. Please go back and press the button once more.",
        ),
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
        Page.MUTED: Words(
            "Was dieser Browser stummgeschaltet hat",
            "Personen, deren Links Sie stummgeschaltet haben: {count}. Ihre Links führen Sie direkt"
            " zur Seite, und nichts wird gespeichert oder gezählt. Nur dieser Browser weiß davon,"
            " durch ein Cookie ohne Ihren oder deren Namen.",
        ),
        Page.NOBODY_MUTED: Words(
            "Niemand ist stummgeschaltet",
            "Dieser Browser schaltet keine Links stumm. Auf der Seite „Wer hat mich hierher"
            " geschickt?“ können Sie die Person stummschalten, die Ihnen einen Link geschickt hat.",
        ),
        Page.MUTE_REFUSED: Words(
            "Nichts wurde geändert",
            "Diese Adresse ist zu alt oder nicht von uns. Bitte gehen Sie zurück und drücken Sie"
            " noch einmal auf den Knopf.",
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
        Page.MUTED: Words(
            "Ce que ce navigateur ignore",
            "Personnes dont vous ignorez les liens : {count}. Leurs liens vous mènent directement à"
            " la page, et rien n'est gardé ni compté. Seul ce navigateur le sait, par un cookie"
            " sans votre nom ni le leur.",
        ),
        Page.NOBODY_MUTED: Words(
            "Personne n'est ignoré",
            "Ce navigateur n'ignore les liens de personne. Sur la page « Qui m'a envoyé ici ? »,"
            " vous pouvez ignorer la personne qui vous a envoyé un lien.",
        ),
        Page.MUTE_REFUSED: Words(
            "Rien n'a été changé",
            "Cette adresse est trop ancienne ou n'est pas de nous. Revenez en arrière et appuyez"
            " encore une fois sur le bouton.",
        ),
    },
}
