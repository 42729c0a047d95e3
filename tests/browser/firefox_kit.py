"""A real Firefox with the extension's package, and its popup as a person opens it.

It obeys by Marionette, which Firefox itself brings: commands as JSON over a connection on this
machine (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html), so no driver is needed.
The popup is opened by the command of its shortcut in the browser's own window; that grants
``activeTab`` for that tab and for no other.  It is no tab, so scripts reach it through the window.
"""

import base64
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import machine

PATIENCE_SECONDS = 60
NOTHING_FROM_OUTSIDE = {
    "marionette.port": 0,  # one that is free; Firefox writes it into the profile
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.server": "",
    "extensions.systemAddon.update.enabled": False,
}
POPUP = """
  const panel = document.querySelector('.webextension-popup-browser');
  const shown = panel?.browsingContext.currentWindowGlobal;
  if (!shown?.documentURI?.spec.endsWith('/popup/popup.html')) return null;
"""


class FirefoxError(Exception):
    """Firefox refused a command."""


@dataclass
class Firefox:
    """A running Firefox that obeys."""

    connection: socket.socket
    asked: int = 0

    def command(self, name: str, **parameters: Any) -> Any:
        """Let it do something and return what it answers."""
        self.asked += 1
        self.connection.sendall(_framed([0, self.asked, name, parameters]))
        _, number, error, result = _message(self.connection)
        assert number == self.asked
        if error:
            raise FirefoxError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def install(self, package: Path) -> str:
        """Install a package until Firefox is closed, and return its id."""
        return str(self.command("Addon:Install", path=str(package), temporary=True))

    def goto(self, address: str) -> None:
        self.command("WebDriver:Navigate", url=address)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page of now; it may return a promise."""
        return self.command("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def run_in_the_browser(self, script: str, *arguments: Any) -> Any:
        """Run a script in the browser's own window, with the browser's rights."""
        self.command("Marionette:SetContext", value="chrome")
        try:
            return self.run(script, *arguments)
        finally:
            self.command("Marionette:SetContext", value="content")

    def click(self, selector: str) -> None:
        """Click on what a page shows, as a person does."""
        found = self.wait(lambda: self._find(selector), selector)
        self.command("WebDriver:ElementClick", id=next(iter(found.values())))

    def windows(self) -> set[str]:
        """Return a name for each tab of each window."""
        return set(self.command("WebDriver:GetWindowHandles"))

    def tab_of(self, address: str) -> str:
        """Turn to the tab or window whose address contains this, once there is one."""

        def found() -> str | None:
            for handle in self.windows():
                self.command("WebDriver:SwitchToWindow", handle=handle, focus=True)
                if address in self.command("WebDriver:GetCurrentURL"):
                    return str(handle)
            return None

        return str(self.wait(found, f"a tab with {address}"))

    def press_the_shortcut(self) -> None:
        """Do what Alt+Shift+F does; without a screen no window has the keyboard."""
        self.run_in_the_browser("document.querySelector('[id^=ext-keyset-id-] key').doCommand()")

    def close_popup(self) -> None:
        """Let the popup go, as it does when somebody clicks beside it."""
        hide = POPUP + "panel.closest('panel').hidePopup(); return true"
        self.wait(lambda: not self.run_in_the_browser(hide), "the end of the popup")

    def in_popup(self, script: str, *arguments: Any) -> Any:
        """Run a script in the popup; null when no popup is open."""
        reach = """
          const [script, inner] = arguments;
          const marionette = shown.getActor('MarionetteCommands');
          return marionette.executeScript(script, inner, { sandboxName: null });
        """
        return self.run_in_the_browser(POPUP + reach, script, list(arguments))

    def popup_shows(self, selector: str) -> None:
        """Wait until the popup shows something."""
        look = "return document.querySelector(arguments[0]) !== null"
        self.wait(lambda: self.in_popup(look, selector), f"the popup with {selector}")

    def press_in_popup(self, selector: str) -> None:
        """Press a button of the popup."""
        self.popup_shows(selector)
        self.in_popup("document.querySelector(arguments[0]).click()", selector)

    def picture(self, path: Path) -> None:
        """Keep what the page of now shows."""
        path.write_bytes(base64.b64decode(self.command("WebDriver:TakeScreenshot", full=False)))

    def picture_of_popup(self, path: Path) -> None:
        """Keep what the popup shows."""
        draw = """
          const drawn = await shown.drawSnapshot(null, 2, 'white');
          const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
          [canvas.width, canvas.height] = [drawn.width, drawn.height];
          canvas.getContext('2d').drawImage(drawn, 0, 0);
          return canvas.toDataURL().split(',')[1];
        """
        script = "return (async () => {" + POPUP + draw + "})()"
        path.write_bytes(base64.b64decode(self.run_in_the_browser(script)))

    def wait(self, holds: Callable[[], Any], what: str) -> Any:
        """Wait until something holds and return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := self._tried(holds)):
            assert time.monotonic() < deadline, f"{what} did not come"
            time.sleep(0.1)
        return found

    def _tried(self, holds: Callable[[], Any]) -> Any:
        try:
            return holds()
        except FirefoxError:  # a window that closes, a page that is on its way
            return None

    def _find(self, selector: str) -> dict[str, str]:
        found: dict[str, str] = self.command(
            "WebDriver:FindElement", using="css selector", value=selector
        )
        return found


@contextmanager
def running(profile: Path, **preferences: str | bool | int) -> Iterator[Firefox]:
    """Start a Firefox without a screen, with a profile of its own, and end it."""
    profile.mkdir()
    wanted = {**NOTHING_FROM_OUTSIDE, **preferences}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(v)});" for name, v in wanted.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [machine.firefox(), "--headless", "--marionette", "--remote-allow-system-access"]
    with (profile / "firefox.log").open("wb") as log:
        program = subprocess.Popen(  # noqa: S603 - a browser of this machine
            [*command, "--no-remote", "--profile", profile], stdout=log, stderr=log
        )
    try:
        with _connected(profile, program) as connection:
            assert _message(connection)["marionetteProtocol"] == 3
            firefox = Firefox(connection)
            firefox.command("WebDriver:NewSession")
            firefox.command("WebDriver:SetTimeouts", script=30_000)
            yield firefox
    finally:
        program.terminate()
        program.wait(timeout=30)


def _connected(profile: Path, program: subprocess.Popen[bytes]) -> socket.socket:
    """Return a connection to the port that Firefox chose."""
    told = profile / "MarionetteActivePort"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (told.exists() and told.read_text().strip()):
        log = (profile / "firefox.log").read_text(errors="replace")
        assert program.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.1)
    return socket.create_connection(("127.0.0.1", int(told.read_text())), timeout=90)


def _framed(message: object) -> bytes:
    content = json.dumps(message).encode()
    return f"{len(content)}:".encode() + content


def _message(connection: socket.socket) -> Any:
    """Read the next message: its length, a colon, and so many bytes of JSON."""
    length = b""
    while not length.endswith(b":"):
        length += _bytes(connection, 1)
    return json.loads(_bytes(connection, int(length[:-1])))


def _bytes(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = connection.recv(count - len(found))
        if not more:
            raise ConnectionError("Firefox ended")
        found += more
    return found
