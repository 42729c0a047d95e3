"""Promises about events that arrive; only for a deployment that can reach whoever runs the kit.

The signature is computed here once more from the specification (Standard Webhooks, v1), so that the
deployment's own library is not asked about itself.
"""

import base64
import binascii
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server.conformance.answers import Answer, Broken, promise
from server.conformance.contract import Group
from server.conformance.operations import (
    ENDPOINT_ADD,
    ENDPOINT_REMOVE,
    ENDPOINT_ROTATE,
    ENDPOINT_TEST,
)
from server.conformance.shop import Hook, Shop
from server.conformance.webhooks import WEBHOOKS

LISTENING = Group(WEBHOOKS.name)
WAITS_SECONDS = 60
LARGEST_BYTES = 1_000_000
TEST_EVENT = "webhook.test"


@dataclass(frozen=True, slots=True)
class Received:
    """One request to the hook."""

    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header that must be there."""
        if name not in self.headers:
            raise Broken(f"The event comes without the header {name}.")
        return self.headers[name]

    def is_signed(self, secret: str) -> bool:
        """Tell whether one of the signatures is of this secret, over id, time and body."""
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise Broken("The secret is not in base64.") from error
        moment = self.header("webhook-timestamp")
        signed = f"{self.header('webhook-id')}.{moment}.".encode() + self.body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = self.header("webhook-signature").split(" ")
        return any(hmac.compare_digest(one, f"v1,{expected}") for one in given)


@dataclass(slots=True)
class Listener:
    """A server that keeps what it is sent, and answers at once."""

    events: "queue.Queue[Received]" = field(default_factory=queue.Queue)

    def next(self) -> Received:
        """Return the next event, or say that none came."""
        try:
            return self.events.get(timeout=WAITS_SECONDS)
        except queue.Empty:
            raise Broken(f"No event came within {WAITS_SECONDS} seconds.") from None


@contextmanager
def listening(hook: Hook) -> Iterator[tuple[Listener, str]]:
    """Listen while the block runs; give what hears, and the address for the deployment."""
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what was sent."""
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST_BYTES)
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.events.put(Received(headers, self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer((hook.host, hook.port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield heard, hook.url or f"http://{hook.host}:{server.server_port}/conformance"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@LISTENING.promises(
    "An event arrives, signed with the endpoint's secret (Standard Webhooks)",
    ENDPOINT_ADD,
    ENDPOINT_TEST,
    ENDPOINT_REMOVE,
)
def signed(shop: Shop) -> None:
    """Ask for a test event and look at its signature."""
    with _endpoint(shop) as (heard, made):
        shop.ask(ENDPOINT_TEST, str(made["endpoint_id"])).expect(202)
        event = heard.next()
    promise(event.is_signed(str(made["secret"])), "No signature is of the endpoint's secret.")
    promise(event.header("webhook-timestamp").isdigit(), "webhook-timestamp is no time.")
    try:
        kind = json.loads(event.body)["type"]
    except (ValueError, KeyError, TypeError) as error:
        raise Broken("The event is no JSON with a type.") from error
    promise(kind == TEST_EVENT, f"The event is {kind}.")


@LISTENING.promises(
    "After a secret was replaced, events are signed with both",
    ENDPOINT_ADD,
    ENDPOINT_ROTATE,
    ENDPOINT_TEST,
    ENDPOINT_REMOVE,
)
def signed_by_both(shop: Shop) -> None:
    """Replace the secret and look at the next event."""
    with _endpoint(shop) as (heard, made):
        endpoint = str(made["endpoint_id"])
        renewed = shop.ask(ENDPOINT_ROTATE, endpoint).expect(200)
        shop.ask(ENDPOINT_TEST, endpoint).expect(202)
        event = heard.next()
    promise(event.is_signed(str(renewed["secret"])), "No signature is of the new secret.")
    promise(event.is_signed(str(made["secret"])), "No signature is of the old secret.")


@contextmanager
def _endpoint(shop: Shop) -> Iterator[tuple[Listener, Answer]]:
    """Listen, add an endpoint that leads here, and remove it whatever happens."""
    assert shop.hook is not None
    with listening(shop.hook) as (heard, url):
        made = shop.ask(ENDPOINT_ADD, body={"url": url, "types": [TEST_EVENT]}).expect(201)
        try:
            yield heard, made
        finally:
            shop.ask(ENDPOINT_REMOVE, str(made["endpoint_id"]))
