"""How quickly the popup opens: ``python -m tests.bench.popup``.

Measured in a headless Chromium, from the beginning of the popup's navigation to the painting of
this page's offer (the largest text of that view, by the browser's own paint timing).  Beside it, in
the same browser and in turn with it, opens a page of the extension that says one word: below what
that takes no popup can come.  The ratio travels between machines better than the milliseconds.

``awake`` and ``asleep`` is the service worker, which is stopped before each opening for the latter;
``nothing kept`` is the popup that has to ask the server first.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import click
from playwright.sync_api import BrowserContext, Page

from tests.browser import extension_kit as kit
from tests.browser import fake_server

BARE = "<!doctype html><meta charset='utf-8'><title>Bare</title><p data-view='offer'>Bare</p>"
POPUP = "popup/popup.html"

PAINTED_MS = """() => new Promise((told) => {
  new PerformanceObserver((list) => {
    const painted = list.getEntries().find(({ element }) => element?.closest('[data-view=offer]'));
    if (painted) told(painted.startTime);
  }).observe({ type: 'largest-contentful-paint', buffered: true });
})"""


@click.command()
@click.option("--openings", default=21, help="How often each is opened; the first does not count.")
@click.option("--offers", "counts", multiple=True, default=[10, 10_000], help="How many are kept.")
def main(openings: int, counts: tuple[int, ...]) -> None:
    """Print how long the popup takes to open, beside a bare page."""
    for count in counts:
        with fake_server.running() as server:
            server.others = count - 1
            with browser(server) as bench:
                took = {name: [] for name in bench.ways}
                for _ in range(openings):
                    for name, way in bench.ways.items():
                        took[name].append(way())
        bare = median(took["a bare page"][1:])
        for name, each in took.items():
            counted = sorted(each[1:])
            late = counted[int(len(counted) * 0.95)]
            click.echo(
                f"{count:6d} offers   {name:22} p50 {median(counted):5.0f} ms   p95 {late:5.0f} ms"
                f"   {median(counted) / bare:5.2f} bare pages"
            )
        click.echo(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


@contextmanager
def browser(server: fake_server.State) -> Iterator["Bench"]:
    """Run a browser in which somebody has signed in, with a bare page in the extension."""
    with tempfile.TemporaryDirectory() as name, kit.playwright_with_popups() as playwright:
        extension = Path(name) / "extension"
        shutil.copytree(kit.EXTENSION, extension)
        (extension / "bare.html").write_text(BARE)
        context = kit.launch(playwright, Path(name) / "profile", extension=extension)
        context.set_default_timeout(30_000)
        kit.choose_server(context, server.address)
        shop = context.new_page()
        shop.goto(f"{server.address}/boots")
        popup = kit.open_popup(context, shop)
        kit.sign_in(context, popup)
        yield Bench(context, shop)
        context.close()


class Bench:
    """A browser in which the popup is opened in different ways."""

    def __init__(self, context: BrowserContext, shop: Page) -> None:
        self.context, self.shop = context, shop
        self.own = context.new_page()
        self.own.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
        self.worker = kit.Worker(context, self.own)

    @property
    def ways(self) -> dict[str, Callable[[], float]]:
        """What is measured, by name."""
        return {
            "a bare page": self.bare,
            "awake": self.awake,
            "asleep": self.asleep,
            "nothing kept": self.nothing_kept,
        }

    def bare(self) -> float:
        """Open the page that says one word."""
        return self._opened("bare.html")

    def awake(self) -> float:
        """Open the popup while the worker runs."""
        self.worker.wake()
        return self._opened(POPUP)

    def asleep(self) -> float:
        """Open the popup while the worker does not run."""
        self.worker.stop()
        return self._opened(POPUP)

    def nothing_kept(self) -> float:
        """Open the popup when it has to ask for the offers first."""
        self.worker.wake()
        self.own.evaluate(
            "chrome.storage.local.getKeys().then((keys) =>"
            " chrome.storage.local.remove(keys.filter((key) => key.startsWith('offers'))))"
        )
        return self._opened(POPUP)

    def _opened(self, path: str) -> float:
        self.own.evaluate("(popup) => chrome.action.setPopup({ popup })", path)
        popup = kit.press(self.context, self.shop, path)
        took = float(popup.evaluate(PAINTED_MS))
        popup.wait_for_timeout(300)  # what it asks of the worker after that is not the next one's
        popup.close()
        return took


if __name__ == "__main__":
    main()
