"""User agents as they are sent: of ordinary browsers, and of makers of link previews."""

_KHTML = "(KHTML, like Gecko)"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {_KHTML}"
_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 {_KHTML}"
_LINUX = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 {_KHTML}"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 {_KHTML}"
_IPAD = f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 {_KHTML}"
_ANDROID = f"Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 {_KHTML}"  # noqa: E501 - as it is sent
_WEBVIEW = f"{_ANDROID} Version/4.0 Chrome/126.0.6478.122 Mobile Safari/537.36"
_MOBILE = f"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 {_KHTML}"
_CHROME, _SAFARI = "Chrome/126.0.0.0 Safari/537.36", "Mobile/15E148 Safari/604.1"

DESKTOP = {
    "Chrome": f"{_WINDOWS} {_CHROME}",
    "Chrome on Linux": f"{_LINUX} {_CHROME}",
    "Chrome on ChromeOS": f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 {_KHTML} {_CHROME}",  # noqa: E501 - as it is sent
    "Edge": f"{_WINDOWS} {_CHROME} Edg/126.0.2592.68",
    "Edge before Chromium": f"{_WINDOWS} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
    "Firefox": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Safari": f"{_MAC} Version/17.5 Safari/605.1.15",
    "Opera": f"{_WINDOWS} {_CHROME} OPR/111.0.0.0",
    "Vivaldi": f"{_WINDOWS} {_CHROME} Vivaldi/6.8.3381.46",
    "Yandex": f"{_WINDOWS} Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36",
    "Whale": f"{_WINDOWS} {_CHROME} Whale/3.26.244.21",
    "Arc and Brave, which say Chrome": f"{_MAC.replace('605.1.15', '537.36')} {_CHROME}",
    "Electron": f"{_LINUX} Chrome/122.0.6261.156 Electron/29.4.2 Safari/537.36",
    "GNOME Web": f"{_LINUX.replace('537.36', '605.1.15')} Version/17.0 Safari/605.1.15",
    "Falkon": f"{_LINUX} QtWebEngine/5.15.9 Chrome/87.0.4280.144 Safari/537.36",
    "SeaMonkey": "Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0 "
    "SeaMonkey/2.53.18",
    "Pale Moon": "Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Goanna/6.7 PaleMoon/33",
    "a television": f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 {_KHTML} "
    "94.0.4606.31/7.0 TV Safari/537.36",
    "a PlayStation": f"Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 {_KHTML} "
    "Version/17.4 Safari/605.1.15",
    "a Tesla": f"{_LINUX} Chrome/109.0.5414.87 Safari/537.36 Tesla/2024.14.9-58b8f5f2f4ab",
    "an e-reader": f"Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ "
    f"{_KHTML} Version/5.0 Safari/533.2+ Kindle/3.0+",
}
PHONES = {
    "Safari": f"{_IPHONE} Version/17.5 {_SAFARI}",
    "Safari on iPad": f"{_IPAD} Version/16.6 {_SAFARI}",
    "Chrome": f"{_MOBILE} Chrome/126.0.0.0 Mobile Safari/537.36",
    "Chrome on iPhone": f"{_IPHONE} CriOS/126.0.6478.54 {_SAFARI}",
    "Firefox": "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
    "Firefox on iPhone": f"{_IPHONE} FxiOS/127.2 Mobile/15E148 Safari/605.1.15",
    "Edge": f"{_MOBILE} Chrome/126.0.0.0 Mobile Safari/537.36 EdgA/126.0.2592.80",
    "Samsung Internet": f"{_MOBILE} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    "UC Browser": f"{_MOBILE} Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.2 Mobile Safari/537.36",  # noqa: E501 - as it is sent
    "MIUI": f"{_MOBILE} Version/4.0 Chrome/112.0.5615.136 XiaoMi/MiuiBrowser/14.13.0",
    "Huawei": f"{_MOBILE} Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
    "a phone by Cubot": f"Mozilla/5.0 (Linux; Android 11; CUBOT X) AppleWebKit/537.36 {_KHTML} "
    "Chrome/126.0.0.0 Mobile Safari/537.36",
    "another one by Cubot": f"Mozilla/5.0 (Linux; Android 9; Cubot) AppleWebKit/537.36 {_KHTML} "
    "Chrome/90.0.4430.210 Mobile Safari/537.36",
    "Sogou": f"{_ANDROID} Version/4.0 Chrome/87.0 Mobile Safari/537.36 SogouSearch Android1.0",
    "another Sogou": f"{_MOBILE} Chrome/87.0 Mobile Safari/537.36 SogouMobileBrowser/6.3.2",
    "Windows Phone": "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; "
    "IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)",
    "BlackBerry": f"Mozilla/5.0 (BB10; Touch) AppleWebKit/537.35+ {_KHTML} Version/10.3.3 Mobile",
}
IN_APPS = {
    "Facebook on iPhone": f"{_IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/471.1.0.36.109;FBBV/615000000;"
    "FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/de_DE;FBOP/5]",
    "Facebook on Android": f"{_WEBVIEW} [FB_IAB/FB4A;FBAV/470.1.0.44.73;]",
    "Messenger": f"{_WEBVIEW} [FB_IAB/Orca-Android;FBAV/466.0.0.42.108;]",
    "Messenger on iPhone": f"{_IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/465.0;FBLC/en_GB]",
    "Instagram on iPhone": f"{_IPHONE} Mobile/15E148 Instagram 337.0.2.24.92 (iPhone14,5; "
    "iOS 17_5_1; de_DE; de; scale=3.00; 1170x2532; 617000000)",
    "Instagram on Android": f"{_WEBVIEW} Instagram 337.0.0.35.102 Android (34/14; 480dpi; "
    "1080x2340; samsung; SM-S918B; dm3q; qcom; de_DE; 614000000)",
    "Threads": f"{_IPHONE} Mobile/15E148 Barcelona 338.0.0.25.101 (iPhone15,3; iOS 17_5_1; en_US)",
    "LinkedIn": f"{_IPHONE} Mobile/15E148 [LinkedInApp]/9.29.8962",
    "LinkedIn on Android": f"{_WEBVIEW} [LinkedInApp]",
    "TikTok on iPhone": f"{_IPHONE} Mobile/15E148 musical_ly_35.1.0 JsSdk/2.0 NetType/WIFI "
    "Channel/App Store ByteLocale/de Region/DE isDarkMode/0 WKWebView/1 RevealType/Dialog "
    "BytedanceWebview/d8a21c6",
    "TikTok on Android": f"{_WEBVIEW} trill_350103 JsSdk/1.0 NetType/WIFI Channel/googleplay "
    "AppName/musical_ly app_version/35.1.3 ByteLocale/de-DE ByteFullLocale/de-DE Region/DE "
    "AppId/1233 Spark/1.5.9.1 AppVersion/35.1.3 BytedanceWebview/d8a21c6",
    "Snapchat": f"{_IPHONE} Version/17.5 Mobile/15E148 Snapchat/12.93.0.38 (like Safari/8618.2.12)",
    "Pinterest": f"{_IPHONE} Mobile/15E148 [Pinterest/iOS]",
    "Pinterest on Android": f"{_WEBVIEW} [Pinterest/Android]",
    "X": f"{_IPHONE} Mobile/15E148 Twitter for iPhone/10.45",
    "X on Android": f"{_WEBVIEW} TwitterAndroid",
    "Reddit": f"{_WEBVIEW} Reddit/2024.25.1",
    "Telegram": f"{_IPHONE} Version/17.5 {_SAFARI} Telegram-iOS/10.14",
    "Telegram on Android": f"{_WEBVIEW} Telegram-Android/10.14.2 (Samsung; Android 14; SDK 34)",
    "WeChat": f"{_IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x1800312f) NetType/WIFI "
    "Language/zh_CN",
    "Line": f"{_IPHONE} Mobile/15E148 Safari Line/14.9.0",
    "KakaoTalk": f"{_WEBVIEW} KAKAOTALK/10.8.5 (INAPP)",
    "Viber": f"{_WEBVIEW} Viber/22.5.0",
    "Google app": f"{_IPHONE} GSA/322.0.645168423 {_SAFARI}",
    "Slack": f"{_MAC.replace('605.1.15', '537.36')} AppleSilicon Chrome/126.0 Electron/31.0 "
    "Safari/537.36 Slack_SSB/4.39.88",
    "Discord": f"{_WINDOWS} discord/1.0.9151 Chrome/120.0.6099.291 Electron/28.2.10 Safari/537.36",
    "Teams": f"{_WINDOWS} {_CHROME} Edg/126.0.2592.68 Teams/24152.412.2958.916/49",
    "Instagram on a phone with Android 15": "Mozilla/5.0 (Linux; Android 15; CPH2557 "
    f"Build/AP3A.240617.008; wv) AppleWebKit/537.36 {_KHTML} Version/4.0 Chrome/142.0.7444.142 "
    "Mobile Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO)",
    "Facebook by its newer name": f"{_WEBVIEW} MetaIAB Facebook",
    "Tumblr": f"{_WEBVIEW} Tumblr/35.5",
    "PayPal": f"{_IPHONE} Mobile/15E148 PayPal/8.64.1 (iPhone; iOS 17.5.1)",
    "Bluesky": f"{_IPHONE} Mobile/15E148 Bluesky/1.90",
    "Feedly": f"{_IPHONE} Mobile/15E148 Feedly/97.0",
    "Instapaper": f"{_IPHONE} Mobile/15E148 Instapaper/8.3",
    "an editor": f"{_WINDOWS} Code/1.90.2 Chrome/122.0.6261.156 Electron/29.4.0 Safari/537.36",
    "a web view without a name": f"{_IPHONE} Mobile/15E148",
}
PRIVATE = {
    "Tor": "Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0",
    "DuckDuckGo on iPhone": f"{_IPHONE} Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    "DuckDuckGo on Android": f"{_ANDROID} Version/4.0 Chrome/126.0.0.0 Mobile DuckDuckGo/5 "
    "Safari/537.36",
    "DuckDuckGo on Mac": f"{_MAC} Version/17.5 Safari/605.1.15 Ddg/17.5",
    "Firefox Focus": f"{_IPHONE} FxiOS/127.0 Focus/127.0 Mobile/15E148 Safari/605.1.15",
    "LibreWolf and Mullvad, which say Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) "
    "Gecko/20100101 Firefox/127.0",
    "Cliqz": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:78.0) Gecko/20100101 Firefox/78.0 "
    "Cliqz/1.38.0",
    "Ecosia": f"{_IPHONE} Version/17.5 {_SAFARI} (Ecosia ios@10.0.0.1845)",
    "Iceweasel": "Mozilla/5.0 (X11; Linux i686; rv:27.0) Gecko/20100101 Firefox/27 Iceweasel/27",
    "a browser that hides its name": "Mozilla/5.0",
    "an older one": "Mozilla/4.0 (compatible;)",
}
OLD_AND_RARE = {
    "KaiOS": "Mozilla/5.0 (Mobile; Nokia_2720_Flip; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2.2",
    "Jio phone": "Mozilla/5.0 (Mobile; LYF/F220B/LYF-F220B-001-01-15-130718; Android; rv:48.0) "
    "Gecko/48.0 Firefox/48.0 KAIOS/2.5",
    "Opera Mini on Java": "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/34.1244; U; en) "
    "Presto/2.8.119 Version/11.10",
    "Opera Mini on a feature phone": "Opera/9.80 (MTK; Opera Mini/2.1199/34.1244; U; id) "
    "Presto/2.8.119 Version/11.10",
    "Openwave": "SAMSUNG-GT-E2232/1.0 Openwave/6.2.3 Profile/MIDP-2.0 Configuration/CLDC-1.1 "
    "UP.Browser/6.2.3.3.c.1.101 (GUI) MMP/2.0",
    "Maui": "MAXX_MAUI WAP Browser",
    "another Maui": "Maui Browser",
    "a phone that names its profile only": "QS304 Profile/MIDP-2.0 Configuration/CLDC-1.1",
    "Nokia": "Nokia6303classic/5.0 (05.10) Profile/MIDP-2.1 Configuration/CLDC-1.1",
    "SonyEricsson": "SonyEricssonK800i/R1KG Browser/NetFront/3.3 Profile/MIDP-2.0 "
    "Configuration/CLDC-1.1",
    "S60": "Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 Nokia5800d-1/60.0.003; Profile/MIDP-2.1 "
    f"Configuration/CLDC-1.1) AppleWebKit/533.4 {_KHTML} NokiaBrowser/7.3.1.33 Mobile Safari/533.4",
    "BlackBerry": "BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/331",
    "DoCoMo": "DoCoMo/2.0 P904i(c100;TB;W24H15)",
    "Android 2": "Mozilla/5.0 (Linux; U; Android 2.3.6; de-de; GT-S5570I Build/GINGERBREAD) "
    f"AppleWebKit/533.1 {_KHTML} Version/4.0 Mobile Safari/533.1",
    "Internet Explorer 11": "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Internet Explorer 6": "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; "
    ".NET CLR 1.1.4322)",
    "AOL": "Mozilla/4.0 (compatible; MSIE 7.0; AOL 9.1; AOLBuild 4334.5006; Windows NT 5.1)",
    "Opera 12": "Opera/9.80 (Windows NT 6.1; WOW64; U; ru) Presto/2.10.289 Version/12.01",
    "Konqueror": "Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD) KHTML/4.5.4 (like Gecko)",
    "Lynx": "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1d",
    "Links": "Links (2.7; CYGWIN_NT-5.1 1.7.15(0.260/5/3) i686; GNU C 4.5.3; text)",
    "ELinks": "ELinks/0.13.1 (textmode; Linux; 80x24-2)",
    "w3m": "w3m/0.5.3+git20210102",
    "Dillo": "Mozilla/5.0 (X11; Linux x86_64; Dillo/3.1) Gecko/20100101",
    "NetSurf": "Mozilla/5.0 (X11; Linux) NetSurf/3.10",
    "conkeror": "Mozilla/5.0 (X11; Linux i686; rv:27.0) Gecko/20100101 conkeror/1.0pre",
    "Fluid": "Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_5_6; en-us) AppleWebKit/528.16 "
    f"{_KHTML} Fluid/0.9.6 Safari/528.16",
    "iCab": "iCab/4.5 (Macintosh; U; Mac OS X Leopard 10.5.8)",
    "Ladybird": f"Mozilla/5.0 (Linux; x86_64) AppleWebKit/537.36 {_KHTML} Chrome/126.0 Ladybird/1",
}
BROWSERS = {
    f"{kind}: {name}": agent
    for kind, agents in {
        "desktop": DESKTOP,
        "phone": PHONES,
        "in an app": IN_APPS,
        "private": PRIVATE,
        "old or rare": OLD_AND_RARE,
    }.items()
    for name, agent in agents.items()
}

PREVIEWS = {
    "WhatsApp": "WhatsApp/2.24.13.77 A",
    "WhatsApp on iPhone": "WhatsApp/2.24.13.80 i",
    "WhatsApp on the desktop": "WhatsApp/2.2425.5.0 W",
    "Signal": "WhatsApp/2",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack, once more": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "Slack's pictures": "Slack-ImgProxy (+https://api.slack.com/robots)",
    "X": "Twitterbot/1.0",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient "
    "+http://www.linkedin.com)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Facebook, short": "facebookexternalhit/1.1",
    "Facebook's catalogue": "facebookcatalog/1.0",
    "Meta": "meta-externalfetcher/1.1 "
    "(+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Discord's pictures": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.10; rv:38.0) Gecko/20100101 "
    "Firefox/38.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "iMessage": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 {_KHTML} "
    "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Skype and Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 "
    "skype-url-preview@microsoft.com",
    "Bluesky": "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "Mastodon": "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.social/)",
    "Matrix": "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "Reddit": "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Pinterest": "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
    "Snapchat": f"{_IPHONE} Version/17.5 {_SAFARI} (compatible; Snap URL Preview Service; bot; "
    "snapchat; https://developers.snap.com/robots)",
    "Line": "facebookexternalhit/1.1;line-poker/1.0",
    "KakaoTalk": "facebookexternalhit/1.1; kakaotalk-scrap/1.0; "
    "+https://devtalk.kakao.com/t/scrap/33984",
    "Viber": "Viber/22.5.0 (compatible; ViberBot; preview)",
    "Zoom": "Mozilla/5.0 (compatible; ZoomBot; +https://zoom.us)",
    "Outlook": f"{_WINDOWS} BingPreview/1.0b",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl": "curl/8.1.2",
}
