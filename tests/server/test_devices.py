"""A device has a coarse name, which few people have for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services import devices
from server.services.people import USER_AGENT_MAX

KHTML = "(KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {KHTML}"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 {KHTML}"
ANDROID = f"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 {KHTML}"
WEBVIEW = f"{ANDROID} Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 {KHTML}"
OLD_OPERA = "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS)/23.348; U; en) Presto/2.5"
OLD_ANDROID = "Mozilla/5.0 (Linux; U; Android 2.3.6; de) AppleWebKit/533.1 Version/4.0 Mobile"
NOKIA = "Mozilla/5.0 (Mobile; Nokia 2720; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2"
DEVICES = {
    "Chrome 126 Windows": f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36",
    "Edge 126 Windows": f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    "Opera 110 Windows": f"{WINDOWS} Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
    "Yandex 24 Windows": f"{WINDOWS} Chrome/124.0 YaBrowser/24.6.0 Safari/537.36",
    "Firefox 140 Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Chrome 126 ChromeOS": "Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/126.0",
    "Safari 17 macOS": f"{MAC} Version/17.5 Safari/605.1.15",
    "Safari 17 iOS": f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1",
    "Chrome 126 iOS": f"{IPHONE} CriOS/126.0 Mobile/15E148 Safari/604.1",
    "Firefox 127 iOS": f"{IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
    "WebKit iOS": f"{IPHONE} Mobile/15E148",
    "Facebook 463 iOS": f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/463.0.0;FBLC/de_DE]",
    "Messenger 460 iOS": f"{IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/460.1]",
    "Instagram 337 iOS": f"{IPHONE} Mobile/15E148 Instagram 337.0.0.0 (iPhone14,7)",
    "LinkedIn 9 iOS": f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.29",
    "TikTok 35 iOS": f"{IPHONE} Mobile/15E148 musical_ly_35.1.0 JsSdk/2.0",
    "Facebook 470 Android": f"{WEBVIEW} [FB_IAB/FB4A;FBAV/470.0.0.30;]",
    "TikTok 35 Android": f"{WEBVIEW} trill_350103 BytedanceWebview/d8a21c6",
    "Samsung Internet 25 Android": f"{ANDROID} SamsungBrowser/25.0 Chrome/121.0 Mobile",
    "Android browser 4 Android": OLD_ANDROID,
    "Opera Mini 9 Other": OLD_OPERA,
    "Opera 12 Windows": "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
    "Firefox 48 KaiOS": NOKIA,
    "Internet Explorer 8 Windows": "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
    "Internet Explorer 11 Windows": "Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko",
}
RARE = ("Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD) KHTML/4.5.4", "w3m/0.5.3", "")


@pytest.mark.parametrize("name", DEVICES)
def test_names_family_major_version_and_system(name: str):
    assert devices.name_of(DEVICES[name]) == name


@pytest.mark.parametrize("user_agent", RARE)
def test_what_few_people_use_has_no_name_of_its_own(user_agent: str):
    assert devices.name_of(user_agent) == "Other Other"


@given(digits=st.text("0123456789", min_size=1, max_size=300))
def test_a_made_up_version_makes_no_long_name(digits: str):
    assert len(devices.name_of(f"Windows Phone SamsungBrowser/{digits}")) <= devices.NAME_MAX


@given(user_agent=st.text(max_size=USER_AGENT_MAX))
def test_never_repeats_what_it_does_not_know(user_agent: str):
    name = devices.name_of(f"Mozilla/5.0 (secret-42) {user_agent}")
    assert "secret" not in name
    assert len(name) <= devices.NAME_MAX
