"""The notes and the words of worked lines, in every language; see ``explain_texts``."""

from rewards.explain_texts import Language, Note, Word

NOTES: dict[Language, dict[Note, str]] = {
    Language.ENGLISH: {
        Note.VISITS: "Verified visits: {visits}; they add {visit_bonus_minor} to what counts.",
        Note.PENDING: "{pending_minor} of it are pending until the return windows are over.",
        Note.PENDING_UNTIL: "{pending_minor} of it are pending until {vests}.",
        Note.TAKEN: "{granted_minor} were taken as codes.",
        Note.NEXT_BAND: (
            "What comes next earns {band_basis_points}; after {to_next_band_minor} more the rate"
            " is {next_band_basis_points}."
        ),
        Note.TOP_BAND: "What comes next earns {band_basis_points}, the highest rate.",
        Note.BUDGET_LEFT: "The offer's budget has {remaining_minor} left.",
        Note.BUDGET_EMPTY: "The offer's budget is spent.",
    },
    Language.GERMAN: {
        Note.VISITS: "Geprüfte Besuche: {visits}; sie bringen {visit_bonus_minor} dazu.",
        Note.PENDING: "Davon sind {pending_minor} vorläufig, bis die Rückgabefristen enden.",
        Note.PENDING_UNTIL: "Davon sind {pending_minor} vorläufig, bis zum {vests}.",
        Note.TAKEN: "Als Codes geholt: {granted_minor}.",
        Note.NEXT_BAND: (
            "Was als Nächstes kommt, verdient {band_basis_points}; nach weiteren"
            " {to_next_band_minor} ist der Satz {next_band_basis_points}."
        ),
        Note.TOP_BAND: "Was als Nächstes kommt, verdient {band_basis_points}, den höchsten Satz.",
        Note.BUDGET_LEFT: "Im Budget der Aktion sind noch {remaining_minor}.",
        Note.BUDGET_EMPTY: "Das Budget der Aktion ist verbraucht.",
    },
    Language.FRENCH: {
        Note.VISITS: "Visites vérifiées : {visits} ; elles ajoutent {visit_bonus_minor}.",
        Note.PENDING: "Dont {pending_minor} en attente, jusqu'à la fin des délais de retour.",
        Note.PENDING_UNTIL: "Dont {pending_minor} en attente, jusqu'au {vests}.",
        Note.TAKEN: "Pris sous forme de codes : {granted_minor}.",
        Note.NEXT_BAND: (
            "La suite rapporte {band_basis_points} ; après {to_next_band_minor} de plus, le taux"
            " est de {next_band_basis_points}."
        ),
        Note.TOP_BAND: "La suite rapporte {band_basis_points}, le taux le plus élevé.",
        Note.BUDGET_LEFT: "Il reste {remaining_minor} dans le budget de l'offre.",
        Note.BUDGET_EMPTY: "Le budget de l'offre est épuisé.",
    },
}

WORDS: dict[Language, dict[Word, str]] = {
    Language.ENGLISH: {
        Word.OF: "of",
        Word.LESS: "less",
        Word.ROUNDED_DOWN: "rounded down",
        Word.CREDITED: "credited",
    },
    Language.GERMAN: {
        Word.OF: "von",
        Word.LESS: "weniger",
        Word.ROUNDED_DOWN: "abgerundet",
        Word.CREDITED: "angerechnet",
    },
    Language.FRENCH: {
        Word.OF: "de",
        Word.LESS: "moins",
        Word.ROUNDED_DOWN: "arrondi à l'inférieur",
        Word.CREDITED: "compté",
    },
}
