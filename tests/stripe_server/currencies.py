"""Which currencies Stripe takes, and which amounts in them (docs.stripe.com/currencies).

Amounts are whole numbers of a currency's minor unit.  Zero-decimal currencies have none; of
three-decimal currencies the last digit must be 0; ISK and UGX have no decimals but are written
with two that must be 00.  HUF and TWD are only restricted in payouts, which are not here.
"""

from tests.stripe_server.refusals import Refused

ZERO_DECIMALS = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
THREE_DECIMALS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
DECIMALS_ALWAYS_00 = frozenset({"isk", "ugx"})
TWO_DECIMALS = frozenset(
    [
        "aed",
        "afn",
        "all",
        "amd",
        "ang",
        "aoa",
        "ars",
        "aud",
        "awg",
        "azn",
        "bam",
        "bbd",
        "bdt",
        "bgn",
        "bmd",
        "bnd",
        "bob",
        "brl",
        "bsd",
        "bwp",
        "byn",
        "bzd",
        "cad",
        "cdf",
        "chf",
        "cny",
        "cop",
        "crc",
        "cve",
        "czk",
        "dkk",
        "dop",
        "dzd",
        "egp",
        "etb",
        "eur",
        "fjd",
        "fkp",
        "gbp",
        "gel",
        "gip",
        "gmd",
        "gtq",
        "gyd",
        "hkd",
        "hnl",
        "htg",
        "huf",
        "idr",
        "ils",
        "inr",
        "jmd",
        "kes",
        "kgs",
        "khr",
        "kyd",
        "kzt",
        "lak",
        "lbp",
        "lkr",
        "lrd",
        "lsl",
        "mad",
        "mdl",
        "mkd",
        "mmk",
        "mnt",
        "mop",
        "mur",
        "mvr",
        "mwk",
        "mxn",
        "myr",
        "mzn",
        "nad",
        "ngn",
        "nio",
        "nok",
        "npr",
        "nzd",
        "pab",
        "pen",
        "pgk",
        "php",
        "pkr",
        "pln",
        "qar",
        "ron",
        "rsd",
        "rub",
        "sar",
        "sbd",
        "scr",
        "sek",
        "sgd",
        "shp",
        "sle",
        "sos",
        "srd",
        "std",
        "szl",
        "thb",
        "tjs",
        "top",
        "try",
        "ttd",
        "twd",
        "tzs",
        "uah",
        "usd",
        "uyu",
        "uzs",
        "wst",
        "xcd",
        "xcg",
        "yer",
        "zar",
        "zmw",
    ]
)
SUPPORTED = ZERO_DECIMALS | THREE_DECIMALS | DECIMALS_ALWAYS_00 | TWO_DECIMALS
AMOUNT_MAX = 99_999_999

LEAST = {
    **dict.fromkeys(("usd", "aud", "brl", "cad", "chf", "eur", "inr", "nzd", "sgd"), 50),
    "aed": 200,
    "bgn": 100,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
"""The least that can be charged, where Stripe publishes it."""


def currency(code: str, *, param: str) -> str:
    """Return a currency in lower case, or refuse what Stripe does not take."""
    if code.lower() not in SUPPORTED:
        raise Refused(
            f"Invalid currency: {code.lower()}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(SUPPORTED))}",
            param=param,
        )
    return code.lower()


def amount(value: int, code: str, *, param: str, least: int = 1) -> int:
    """Return an amount, or refuse what cannot be an amount of this currency."""
    if value < least:
        raise Refused(
            f"This value must be greater than or equal to {least}.",
            code="parameter_invalid_integer",
            param=param,
        )
    if value > AMOUNT_MAX:
        raise Refused(
            f"Amount must be no more than {AMOUNT_MAX:,}", code="amount_too_large", param=param
        )
    step = 10 if code in THREE_DECIMALS else 100 if code in DECIMALS_ALWAYS_00 else 1
    if value % step:
        raise Refused(
            f"Invalid amount: {value} {code}. Amounts in {code} must be divisible by {step}.",
            code="invalid_amount",
            param=param,
        )
    return value


def chargeable(value: int, code: str, *, param: str | None) -> None:
    """Refuse a total that is too small to be charged."""
    least = LEAST.get(code, 1)
    if 0 < value < least:
        raise Refused(
            f"Amount must be at least {least} {code}", code="amount_too_small", param=param
        )
