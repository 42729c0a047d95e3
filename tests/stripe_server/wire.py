"""HTTP on a free port of this machine: reads requests, writes answers, cuts connections."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stripe._api_version import _ApiVersion

from tests.stripe_server import connect, forms
from tests.stripe_server.api import Api, Cut, Request
from tests.stripe_server.idempotency import Answer
from tests.stripe_server.refusals import OAuthRefused, Refused


class Wire:
    """The server's thread, its address, and a log of what came."""

    def __init__(self, api: Api):
        self.api = api
        self.requests: list[Request] = []
        self.bugs: list[Exception] = []
        """What went wrong in here; raised at the end, so that no test blames the product."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.wire = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    @property
    def address(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what has come, and stop."""
        self.api.failures.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self.bugs:
            raise ExceptionGroup("the Stripe server has bugs", self.bugs)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    wire: Wire


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        """Say nothing: ``requests`` holds what came."""

    def _serve(self) -> None:
        wire, parts = self.server.wire, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        request = Request(self.command, parts.path, {}, self.headers)
        wire.requests.append(request)
        if (request.method, request.path) == ("GET", "/oauth/authorize"):
            self._authorize(wire.api, request, dict(parse_qsl(parts.query)))
            return
        try:
            request.form = forms.decode(body if request.method == "POST" else parts.query)
            answer = wire.api.answer(request)
        except Refused as refused:
            answer = Answer(refused.status, refused.body(request.id), request.id)
        except Cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        except Exception as bug:  # noqa: BLE001 - it is raised at the end
            wire.bugs.append(bug)
            answer = Answer(501, {"error": {"type": "api_error", "message": repr(bug)}}, request.id)
        request.status = answer.status
        self._write(request, answer)

    def _authorize(self, api: Api, request: Request, query: dict[str, str]) -> None:
        try:
            with api.world.lock:
                target = connect.authorize(api.world, api.connect, query)
        except OAuthRefused as refused:
            answer = Answer(refused.status, refused.body(request.id), request.id)
            request.status = refused.status
            self._write(request, answer)
            return
        request.status = 302
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _write(self, request: Request, answer: Answer) -> None:
        content = json.dumps(answer.body, indent=2).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Request-Id": request.id,
            "Stripe-Version": request.version or _ApiVersion.CURRENT,
        }
        if request.account_id is not None and "Stripe-Account" in request.headers:
            headers["Stripe-Account"] = request.account_id
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
            headers["Original-Request"] = answer.request_id
        if request.replayed:
            headers["Idempotent-Replayed"] = "true"
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            request.status = None  # The client did not want to wait so long.
