"""A server that speaks the extension API and the OAuth of the real one, for looking at the popup.

It answers with fixed documents, notes what it was sent, and can be told to fail.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from server.services import channels

CONSENT = {
    "purpose": "share",
    "version": "1",
    "language": "en",
    "hash": "c" * 64,
    "text": "I share this offer through my own link. Fanfare records the offer, the channel, the "
    "time and the name that I show, counts what my link sets in motion, and works out my reward "
    "from it.\n\nI can take this back at any time in the extension or on the site. Then the link "
    "stops working at once. What I have earned until then stays mine.",
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" shape-rendering="crispEdges">'
    '<path fill="#fff" d="M0 0h8v8H0z"/><path d="M1 1h3v3H1zM5 1h2v1H5zM5 3h1v2H5zM1 5h1v2H1z'
    'M3 5h1v1H3zM4 6h2v1H4zM6 5h1v1H6z"/></svg>'
)
CLAIM = {
    "offer_id": "boots",
    "offer_title": "Boots that last ten winters",
    "brought_by": "Ada",
    "claimed_at": "2026-11-22T10:00:00Z",
}

DEVICE_KEY = {
    "kid": "pQ3T8vJmXw6LbN9dKcR2pY",
    "address": "https://fanfare.example/p/",
    "created_at": "2026-11-22T10:00:00Z",
}
SPOKEN = {"spoken": "7KQ0-9M2X", "expires_at": "2026-11-22T10:15:00Z"}


def meeting(name: str, taken_at: datetime, nonce: str = "q7Wd0PxVb2E") -> dict[str, Any]:
    """Return somebody who took a code and waits."""
    return {
        "id": name,
        "nonce": nonce,
        "offer_title": "Boots that last ten winters",
        "brand": "Berta's Boots",
        "taken_at": taken_at.isoformat(),
        "decide_until": (taken_at + timedelta(days=7)).isoformat(),
    }


@dataclass
class State:
    """What the server answers, and what it was sent."""

    address: str = ""
    failing: int | None = None
    refusal: dict[str, Any] | None = None
    words: str = CONSENT["text"]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    challenge: str = ""
    origins: set[str] = field(default_factory=set)
    withdrawn: bool = False
    has_revoked: bool = False
    is_spent: bool = False
    has_ended: bool = False
    is_gone: bool = False
    """Nothing of the API is answered: the line is cut when somebody asks."""
    denies: bool = False
    """The person, in the window of the sign-in."""
    refresh_tokens_used: set[str] = field(default_factory=set)
    is_empty: bool = False
    """The wallet."""
    reached: threading.Event = field(default_factory=threading.Event)
    """A share has come; it is answered when ``may_answer``."""
    may_answer: threading.Event = field(default_factory=threading.Event)
    others: int = 0
    """How many offers of other brands there are."""
    channel: str = "copy"
    looked_at: list[str] = field(default_factory=list)
    meetings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def etag(self) -> str:
        """What names the offers document as it is now."""
        words = hashlib.sha256(self.words.encode()).hexdigest()[:8]
        return f'"{words}{self.is_spent:d}{self.has_ended:d}"'

    @property
    def offers(self) -> dict[str, Any]:
        """The offers document: one offer for this server's own pages."""
        host = urlsplit(self.address).netloc
        offer = {
            "id": "boots",
            "brand": "Berta's Boots",
            "title": "Boots that last ten winters",
            "page_url": f"{self.address}/boots",
            "hosts": [host],
            "currency": "EUR",
            "promise": "Earn 4 % to 10 % of what your link sets in motion",
            "rates_basis_points": [400, 700, 1000],
            "thresholds_minor": [0, 50000, 200000],
            "share_text": "These boots survived three winters so far.",
            "disclosure": "Ad: I get a reward if you buy.",
            "return_days": 14,
            "budget_spent": self.is_spent,
            "channels": list(channels.CHANNELS),
        }
        return {
            "version": "1",
            "consent": CONSENT | {"text": self.words},
            "referral_consent": CONSENT
            | {
                "purpose": "referral",
                "hash": "d" * 64,
                "text": "I confirm that a friend's link brought me here. Fanfare records who that "
                "was, so that what I buy counts for them. I can take this back at any time.",
            },
            "channels": [asdict(channel) for channel in channels.CHANNELS.values()],
            "offers": [] if self.has_ended else [offer, *self._others(offer)],
        }

    def _others(self, offer: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for number in range(self.others):
            name = f"brand-{number}.example"
            own = {"hosts": [name, f"shop.{name}"], "page_url": f"https://{name}/"}
            yield offer | own | {"id": name, "brand": f"Brand {number}"}

    @property
    def wallet(self) -> dict[str, Any]:
        """A wallet with everything that can be in one."""
        return {
            "places": [
                {
                    "offer_id": "boots",
                    "brand": "Berta's Boots",
                    "offer_title": "Boots that last ten winters",
                    "page_url": f"{self.address}/boots",
                    "has_ended": self.has_ended,
                    "currency": "EUR",
                    "credit_minor": 68200,
                    "pending_minor": 960,
                    "payable_minor": 1840,
                    "pending": [
                        {
                            "credited_minor": 13715,
                            "vests_at": "2026-12-06T10:00:00Z",
                            "cause": "The order counts in full.",
                        }
                    ],
                    "why": {
                        "sentence": "Your links brought 3 orders of 400.00 EUR in total.",
                        "worked": "7 % of 400.00 = 28.00; 9.60 of it still waits",
                    },
                    "codes": [
                        {
                            "code": "BOOT-7K2M-Q9",
                            "value_minor": 500,
                            "rate_basis_points": None,
                            "state": "issued",
                            "expires_at": "2027-02-01T00:00:00Z",
                        },
                        {
                            "code": "BOOT-1A4D-XX",
                            "value_minor": 300,
                            "rate_basis_points": 2000,
                            "state": "redeemed",
                            "expires_at": "2027-01-01T00:00:00Z",
                        },
                    ],
                    "content": [
                        {
                            "content_id": "making-of",
                            "title": "How boots are made",
                            "kind": "file",
                            "url": f"{self.address}/content/making-of",
                            "is_unlocked": True,
                            "needed_visits": 10,
                            "reached_visits": 12,
                        },
                        {
                            "content_id": "soles",
                            "title": "The first soles",
                            "kind": "markdown",
                            "url": f"{self.address}/content/soles",
                            "is_unlocked": False,
                            "needed_visits": 50,
                            "reached_visits": 31,
                        },
                    ],
                }
            ],
            "shares": [
                {
                    "code": "4vKqTn8ZpL",
                    "link": "http://127.0.0.1:8001/r/4vKqTn8ZpL",
                    "offer_id": "boots",
                    "offer_title": "Boots that last ten winters",
                    "channel": self.channel,
                    "created_at": "2026-11-20T09:00:00Z",
                    "visits": 12,
                    "orders": 3,
                    "withdrawn": self.withdrawn,
                }
            ],
        }


def share_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a share."""
    link = "http://127.0.0.1:8001/r/4vKqTn8ZpL"
    return {
        "share_id": 1,
        "offer_id": body["offer_id"],
        "channel": body["channel"],
        "code": "4vKqTn8ZpL",
        "link": link,
        "disclosure": "Ad: I get a reward if you buy.",
        "text": f"Ad: I get a reward if you buy. These boots survived three winters so far. {link}",
        "created_at": body["created_at"],
    }


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""

    def parse_request(self) -> bool:
        """Hang up when the server is gone; the shop's pages are still there."""
        is_whole = super().parse_request()
        if self.state.is_gone and is_whole and self.path.startswith(("/api/", "/oauth/")):
            self.close_connection = True
            return False
        return is_whole

    def do_OPTIONS(self) -> None:
        self._answer(204, b"", "text/plain")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/oauth/authorize":
            self._authorize()
        elif path.startswith("/api/"):
            self._api("GET", path, {})
        else:
            html = b"<!doctype html><title>Berta's Boots</title><h1>Boots</h1>"
            self._answer(200, html, "text/html")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if path == "/oauth/token":
            self._token({name: values[0] for name, values in parse_qs(body).items()})
        elif path == "/oauth/revoke":
            self.state.forms.append({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(200, b"", "text/plain")
        else:
            self._api("POST", path, json.loads(body or "{}"))

    def _authorize(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.state.challenge = query["code_challenge"]
        told = {"error": "access_denied"} if self.state.denies else {"code": "one"}
        target = query["redirect_uri"] + "?" + urlencode({**told, "state": query["state"]})
        page = f"<!doctype html><title>Allow</title><a id='allow' href='{target}'>Allow</a>"
        self._answer(200, page.replace("&", "&amp;").encode(), "text/html")

    def _token(self, form: dict[str, str]) -> None:
        self.state.forms.append(form)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.state.challenge
        if form["grant_type"] == "refresh_token":
            token, used = form["refresh_token"], self.state.refresh_tokens_used
            self.state.has_revoked |= token in used  # the thief and the owner are both out
            used.add(token)
            if self.state.has_revoked:
                self._json(400, {"error": "invalid_grant"})
                return
        number = len(self.state.forms)
        self._json(
            200,
            {
                "access_token": f"access{number}",
                "refresh_token": f"refresh{number}",
                "token_type": "Bearer",
                "expires_in": 900,
            },
        )

    def _api(self, method: str, path: str, body: dict[str, Any]) -> None:
        state, path = self.state, path.removeprefix("/api/extension/v1")
        if state.failing:
            self._json(state.failing, {"type": "/problems/unavailable", "detail": "Later."})
        elif not self.headers.get("Authorization", "").startswith("Bearer access"):
            self._json(401, {"type": "/problems/not-signed-in"})
        elif method == "GET":
            self._get(path)
        else:
            state.sent.append((path, body))
            if path == "/shares":
                state.reached.set()
                state.may_answer.wait(10)
            if state.refusal:
                self._json(422, state.refusal)
            else:
                self._post(path, body)

    def _get(self, path: str) -> None:
        path = urlsplit(path).path
        self.state.looked_at.append(path)
        if path.endswith("/qr.svg"):
            self._answer(200, SVG.encode(), "image/svg+xml")
        elif path == "/meetings":
            self._json(200, {"meetings": self.state.meetings})
        elif path == "/wallet":
            empty = {"places": [], "shares": []}
            self._json(200, empty if self.state.is_empty else self.state.wallet)
        elif self.headers.get("If-None-Match") == self.state.etag:
            self._answer(304, b"", "application/json")
        else:
            self._json(200, self.state.offers)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        if path.endswith("/withdrawal"):
            self.state.withdrawn = True
            self._answer(204, b"", "text/plain")
        elif path == "/device-keys":
            self._json(201, DEVICE_KEY | {"address": f"{self.state.address}/p/"})
        elif path == "/meetings":
            self._json(200, SPOKEN)
        elif path.endswith("/decision"):
            outcome = "confirmed" if body["decision"] == "confirm" else "declined"
            self.state.meetings = [one for one in self.state.meetings if one["id"] not in path]
            self._json(200, {"id": path.split("/")[2], "outcome": outcome})
        else:
            self._json(201, share_of(body) if path == "/shares" else CLAIM)

    def _json(self, status: int, value: dict[str, Any]) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", self.state.etag)
        if origin := self.headers.get("Origin"):
            self.state.origins.add(origin)
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Expose-Headers", "ETag, Retry-After")
            self.send_header("Access-Control-Allow-Methods", "GET, POST")
            allowed = "Authorization, Content-Type, If-None-Match"
            self.send_header("Access-Control-Allow-Headers", allowed)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status not in {204, 304}:
            self.wfile.write(body)


@contextmanager
def running() -> Iterator[State]:
    """Run the server on a free port of this machine."""
    state = State()
    state.may_answer.set()
    handler = type("BoundHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
