"""Words by which a question about what may not be asked is recognised, in every language.

Some things about a person are nobody's business here, whatever the purpose.  The kinds of questions
leave them out already; this list catches them behind another kind's name.  It refuses too much
rather than too little: other words can be found for a harmless question.
"""

import re
import unicodedata
from dataclasses import dataclass

_ARTICLE_9 = "Article 9 GDPR"


@dataclass(frozen=True, slots=True)
class Matter:
    """What may not be asked about, the law's article, and how words about it begin."""

    about: str
    article: str
    stems: tuple[str, ...]
    whole: tuple[str, ...] = ()
    """Words that count only as a whole, because others begin alike."""


MATTERS = (
    Matter(
        "health",
        _ARTICLE_9,
        (
            *("health", "disease", "illness", "sickness", "medic", "disab", "pregnan", "diabet"),
            *("allerg", "therap", "depress", "asthma", "cancer", "body weight", "blood pressure"),
            *(
                "gesund",
                "krank",
                "behinder",
                "schwanger",
                "schwerbehind",
                "arznei",
                "korpergewicht",
            ),
            *("blutdruck", "krebs", "sante", "malad", "grossesse", "enceinte", "handicap"),
            *("poids corporel", "tension arterielle"),
        ),
        ("hiv", "aids", "bmi", "sick", "ill"),
    ),
    Matter(
        "religion or belief",
        _ARTICLE_9,
        (
            *("religi", "church", "mosque", "synagog", "christian", "muslim", "islam", "catholic"),
            *("protestant", "buddhis", "hindu", "atheis", "jewish", "worship", "glaubens"),
            *("konfession", "kirche", "moschee", "katholi", "evangeli", "judisch", "eglise"),
            *("mosquee", "musulman", "chretien", "athee", "croyan", "judais"),
        ),
        (
            "jew",
            "jews",
            "jude",
            "juden",
            "juif",
            "juive",
            "juifs",
            "christ",
            "faith",
            "gott",
            "god",
        ),
    ),
    Matter(
        "political opinions",
        _ARTICLE_9,
        (
            *(
                "politic",
                "politi",
                "voter",
                "voting",
                "election",
                "wahlverhalten",
                "parteimitglied",
            ),
            *("parteizugehor", "stimmabgabe", "electeur", "vote blanc"),
        ),
        ("vote", "votes", "voted", "bundestagswahl", "votez"),
    ),
    Matter(
        "racial or ethnic origin",
        _ARTICLE_9,
        (
            *("racial", "ethni", "skin colour", "skin color", "hautfarbe", "rassisch"),
            *("couleur de peau", "herkunftsland", "migrationshintergrund", "country of origin"),
            *("pays d'origine", "pays d\u2019origine"),
        ),
        ("race", "races", "rasse", "rassen"),
    ),
    Matter(
        "sex life or sexual orientation",
        _ARTICLE_9,
        ("sexual", "sexuel", "homosex", "heterosex", "bisex", "sex life", "sexleben", "vie sexuel"),
        ("gay", "lesbian", "lesbisch", "lesbienne", "schwul", "queer", "sex", "sexe"),
    ),
    Matter(
        "trade union membership",
        _ARTICLE_9,
        ("trade union", "labour union", "labor union", "gewerkschaft", "syndicat", "syndical"),
    ),
    Matter(
        "biometric data",
        _ARTICLE_9,
        (
            *("biometr", "fingerprint", "fingerabdr", "face recognition", "facial recognition"),
            *("gesichtserkenn", "empreinte digitale", "empreintes digitales"),
            *("reconnaissance faciale", "iris scan", "voiceprint"),
        ),
    ),
    Matter(
        "genetic data",
        _ARTICLE_9,
        ("genetic", "genetisch", "genetique", "genome", "erbgut", "hereditary", "hereditaire"),
        ("dna", "dns", "adn", "genom"),
    ),
    Matter(
        "criminal convictions and offences",
        "Article 10 GDPR",
        (
            *("criminal", "convict", "prison", "arrested", "vorstrafe", "vorbestraft", "straftat"),
            *("gefangnis", "verurteil", "casier judiciaire", "condamnation", "penal code"),
        ),
        ("crime", "crimes", "jail"),
    ),
    Matter(
        "children",
        "Article 8 GDPR",
        (
            "child",
            "kinder",
            "enfant",
            "toddler",
            "babies",
            "kleinkind",
            "nourrisson",
            "ein kind",
            "ihr kind",
        ),
        ("kid", "kids", "kid's", "baby", "bebe", "bebes"),
    ),
)


def found_in(words: str) -> Matter | None:
    """Return what these words are about that may not be asked, or None."""
    plain = _plain(words)
    return next((matter for matter, pattern in _PATTERNS if pattern.search(plain)), None)


def _plain(words: str) -> str:
    """Return words in small letters without accents; what joins words in names parts them."""
    parted = unicodedata.normalize("NFKD", words.casefold().replace("_", " ").replace("-", " "))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def _pattern(matter: Matter) -> re.Pattern[str]:
    begins = "|".join(map(re.escape, matter.stems))
    whole = "|".join(map(re.escape, matter.whole))
    either = f"(?:{begins})" + (rf"|(?:{whole})\b" if whole else "")
    return re.compile(rf"\b(?:{either})")


_PATTERNS = [(matter, _pattern(matter)) for matter in MATTERS]
