"""The deployment as a partner's program sees it: addresses, a key, tokens, limits."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import requests

from server.conformance.answers import Answer, Broken, Missing

SECONDS = 30
LONGEST_WAIT_SECONDS = 90
TOO_MANY = 429
OK = 200

T = TypeVar("T")


class Api:
    """HTTP to one deployment with one key; every thread has a connection of its own."""

    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        """Begin without a token and without a connection."""
        self.base_url = base_url.rstrip("/")
        self.client_id, self.client_secret = client_id, client_secret
        self._here = threading.local()
        self._sessions: list[requests.Session] = []
        self._token = ""

    def close(self) -> None:
        """Close every connection."""
        for session in self._sessions:
            session.close()

    @property
    def token(self) -> str:
        """The token of all checks but those about tokens."""
        if not self._token:
            answer = self.ask_for_token()
            if answer.status != OK:
                raise Missing("The key gets no token.")
            self._token = str(answer["access_token"])
        return self._token

    def ask_for_token(self, *, secret: str | None = None, **form: str) -> Answer:
        """Ask for a token, by default as the contract says."""
        return self.send(
            "POST",
            "/oauth/token",
            token=None,
            data={"grant_type": "client_credentials", **form},
            auth=(self.client_id, self.client_secret if secret is None else secret),
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 - what requests takes
    ) -> Answer:
        """Send a request, with our token or another one, or with None; wait when there are limits.

        ``path`` may be a whole address, as a ``Link`` gives it.
        """
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.token}"
        address = path if "://" in path else f"{self.base_url}{path}"
        asked = f"{method} {path.removeprefix(self.base_url)}"
        while True:
            try:
                response = self._session().request(
                    method, address, headers=sent, timeout=SECONDS, allow_redirects=False, **more
                )
            except requests.RequestException as error:
                raise Broken(f"{asked} got no answer: {type(error).__name__}.") from error
            if response.status_code != TOO_MANY:
                return Answer(asked, response)
            time.sleep(_seconds_to_wait(asked, response))

    def at_once(self, number: int, act: Callable[[int], T]) -> list[T]:
        """Do something so many times at the same moment, and return what came of each."""
        gate = threading.Barrier(number, timeout=SECONDS)

        def one(which: int) -> T:
            gate.wait()
            return act(which)

        assert self.token, "fetched once, before the gate opens"
        with ThreadPoolExecutor(number) as threads:
            return list(threads.map(one, range(number)))

    def _session(self) -> requests.Session:
        if not hasattr(self._here, "session"):
            self._here.session = requests.Session()
            self._sessions.append(self._here.session)
        session: requests.Session = self._here.session
        return session


def name(kind: str) -> str:
    """Return a new reference, such as an order's, that no earlier run used."""
    return f"conformance-{kind}-{secrets.token_hex(8)}"


def _seconds_to_wait(asked: str, response: requests.Response) -> int:
    said = response.headers.get("Retry-After", "")
    if not said.isdigit() or int(said) > LONGEST_WAIT_SECONDS:
        raise Broken(f"{asked} answered {TOO_MANY} with Retry-After {said or 'missing'}.")
    return int(said)
