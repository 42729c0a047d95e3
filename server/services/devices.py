"""A coarse name of a visitor's device: family and major version of the browser, and the system.

It exists to see that many visits came from one machine.  So it is as coarse as that allows, names
only what many people use, and never holds a part of the user agent but the version's number.
"""

import re
from functools import lru_cache

OTHER = "Other"
NAME_MAX = 40

_FAMILIES = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("Messenger", r"(?:Orca-Android|MessengerForiOS|MessengerLite).*FBAV/(\d+)"),
        ("Facebook", r"FBAV/(\d+)"),
        ("Instagram", r"Instagram (\d+)"),
        ("TikTok", r"(?:musical_ly|trill)_(\d{1,2})|BytedanceWebview"),
        ("Snapchat", r"Snapchat/(\d+)"),
        ("LinkedIn", r"LinkedInApp\]?/(\d+)|LinkedInApp"),
        ("Pinterest", r"Pinterest"),
        ("X", r"Twitter for|TwitterAndroid"),
        ("Line", r"\bLine/(\d+)"),
        ("WeChat", r"MicroMessenger/(\d+)"),
        ("Google app", r"\bGSA/(\d+)"),
        ("DuckDuckGo", r"(?:DuckDuckGo|Ddg)/(\d+)"),
        ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
        ("Opera Mini", r"Opera Mini/(\d+)"),
        ("Opera", r"(?:OPR|OPT|OPiOS)/(\d+)|Opera.*Version/(\d+)|Opera[/ ](\d+)"),
        ("Samsung Internet", r"SamsungBrowser/(\d+)"),
        ("UC Browser", r"UC ?Browser/?(\d+)"),
        ("Yandex", r"YaBrowser/(\d+)"),
        ("Vivaldi", r"Vivaldi/(\d+)"),
        ("Silk", r"Silk/(\d+)"),
        ("MIUI", r"MiuiBrowser/(\d+)"),
        ("Huawei", r"HuaweiBrowser/(\d+)"),
        ("Firefox", r"(?:FxiOS|Focus|Firefox)/(\d+)"),
        ("Chrome", r"(?:CriOS|Chrome|Chromium)/(\d+)"),
        ("Android browser", r"Android.*Version/(\d+)"),
        ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
        ("Internet Explorer", r"MSIE (\d+)|Trident/.*rv:(\d+)"),
        ("WebKit", r"AppleWebKit/"),
    )
)
_SYSTEMS = tuple(
    (system, re.compile(pattern))
    for system, pattern in (
        ("KaiOS", r"KAIOS/"),
        ("Windows Phone", r"Windows Phone"),
        ("Windows", r"Windows|Win64"),
        ("Android", r"Android"),
        ("iOS", r"iPhone|iPad|iPod"),
        ("macOS", r"Macintosh|Mac OS X"),
        ("ChromeOS", r"CrOS"),
        ("Linux", r"Linux|X11"),
    )
)
_DIGITS_MAX = 4


@lru_cache(maxsize=20_000)
def name_of(user_agent: str) -> str:
    """Return a name such as "Firefox 140 Linux"; what few people use is "Other".

    The answer is remembered: browsers come in few kinds.
    """
    return f"{_browser(user_agent)} {_system(user_agent)}"


def _browser(user_agent: str) -> str:
    for family, pattern in _FAMILIES:
        found = pattern.search(user_agent)
        if found is not None:
            version = next((digits for digits in found.groups() if digits), "")
            return f"{family} {version[:_DIGITS_MAX]}".rstrip()
    return OTHER


def _system(user_agent: str) -> str:
    return next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), OTHER)
