"""A site that receives webhooks and verifies them with the package."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stripe import Event, SignatureVerificationError, Webhook

SECRET = "whsec_berta"


@dataclass
class Receiver:
    """What came, verified; and how the next letters are answered."""

    url: str = ""
    secret: str = SECRET
    status: int = 200
    events: list[Event] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@contextmanager
def receiving(secret: str = SECRET) -> Iterator[Receiver]:
    """Receive webhooks on a free port."""
    receiver = Receiver(secret=secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            header = self.headers["Stripe-Signature"]
            try:
                event = Webhook.construct_event(payload, header, receiver.secret)
            except SignatureVerificationError:
                self.send_response(400)
            else:
                receiver.events.append(event)
                self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
