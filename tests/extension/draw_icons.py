"""Draw the toolbar icons from ``extension/icons/mark.svg``; run it when the mark changes.

Chromium takes no SVG as the icon of a toolbar button, so the PNGs are committed beside it.
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).parents[2] / "extension" / "icons"
SIZES = (16, 32, 48, 128)
CHROMIUM = os.environ.get("FANFARE_CHROMIUM") or shutil.which("chromium")


def main() -> None:
    """Write one PNG for each size."""
    mark = (ICONS / "mark.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{mark}"
            )
            page.screenshot(path=ICONS / f"{size}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
