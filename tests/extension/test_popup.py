"""What the popup promises: it opens from storage alone."""

import re
from pathlib import Path

EXTENSION = Path(__file__).parents[2] / "extension"


def function(path: str, name: str) -> str:
    """Return the text of a function at the top level of a file."""
    text = (EXTENSION / path).read_text()
    found = re.search(
        rf"^(?:export )?(?:async )?function {name}\(.*?^}}$", text, re.MULTILINE | re.DOTALL
    )
    assert found, name
    return found[0]


def test_the_first_view_awaits_nothing_but_storage_and_the_tab() -> None:
    before = function("popup/page.js", "showPage").split("performance.mark('useful')")[0]
    assert re.findall(r"await ([\w.]+)", before) == ["known", "showView"]
    assert "ask(" not in before

    known = function("popup/page.js", "known")
    assert re.findall(r"await ([\w.]+)", known) == ["asked", "keptFor"]

    read = function("popup/asked.js", "read")
    asked = re.findall(r"^ {4}([\w.]+)\(", read, re.MULTILINE)
    assert asked == ["local.these", "session.all", "chrome.tabs.query"]

    kept = function("lib/kept_offers.js", "keptFor")
    assert re.findall(r"await ([\w.]+)", kept) == ["local.these"]

    view = function("popup/page.js", "showView")
    assert re.findall(r"await ([\w.]+)", view) == ["session.write"]
    assert "ask(" not in view


def test_nothing_is_awaited_before_the_first_view() -> None:
    popup = (EXTENSION / "popup/popup.js").read_text()
    assert "await" not in popup
    assert popup.index("select(0);") < popup.index(
        "painted().then(() => ask('queue.hurry', null));\n", popup.index("\ntranslate();")
    )


def test_nobody_is_asked_before_the_first_view_is_painted() -> None:
    page = function("popup/page.js", "showPage")
    assert page.index("await painted();") < page.index("ask(")
    assert "ask(" not in function("popup/waiting.js", "showWaiting")


def test_the_page_names_every_module_that_it_loads() -> None:
    """Otherwise the browser finds one after the other, each when it has read the one before."""
    page, first = EXTENSION / "popup/popup.html", EXTENSION / "popup/popup.js"
    named = re.findall(r'<link rel="modulepreload" href="([\w./]+)">', page.read_text())
    imports = re.compile(r"^import .*?from '([^']+)';$", re.MULTILINE | re.DOTALL)
    loaded, ahead = set(), {first}
    while ahead:
        script = ahead.pop()
        loaded.add(script)
        found = imports.findall(script.read_text())
        ahead |= {(script.parent / path).resolve() for path in found} - loaded
    assert {(page.parent / path).resolve() for path in named} == loaded - {first}


def test_the_wallet_is_shown_from_storage_first() -> None:
    wallet = function("popup/wallet.js", "showWallet")
    first = wallet[: wallet.index("try {")]
    assert re.findall(r"await ([\w.]+)", first) == ["local.these"]


def test_pictures_are_made_of_elements() -> None:
    picture = (EXTENSION / "popup/picture.js").read_text()
    assert "createElementNS" in picture
    assert "style" not in picture  # the policy allows no style in an attribute
