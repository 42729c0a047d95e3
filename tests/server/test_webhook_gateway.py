"""Requests to addresses that others chose: only where it hurts nobody, and never without end."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as some

from server.errors import FieldInvalid
from server.gateways import targets, webhooks
from tests.server.receivers import Receiver, drips, receiving, says

PUBLIC, OTHER_PUBLIC = "93.184.216.34", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
HEAD = b"HTTP/1.1 200 OK\r\n"

Resolve = Callable[..., list[str]]


def send(url: str, *, allow_loopback: bool = True) -> webhooks.Answer:
    return webhooks.send(
        url, headers={"webhook-id": "evt_1"}, body=b'{"a":1}', allow_loopback=allow_loopback
    )


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Say what names resolve to, time after time; return the names that were asked for."""

    def to(*answers: list[str]) -> list[str]:
        asked: list[str] = []
        left = list(answers)

        def getaddrinfo(
            host: str, port: int, *_: object, **_named: object
        ) -> list[tuple[object, ...]]:
            if host[0].isdigit():  # what was looked at, as connections are made to it
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
            asked.append(host)
            found = left.pop(0)
            return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(targets.socket, "getaddrinfo", getaddrinfo)
        return asked

    return to


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return where connections were made to; nobody takes them."""
    seen: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], _timeout: float) -> socket.socket:
        seen.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(webhooks.socket, "create_connection", create_connection)
    return seen


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/hook",
            "ftp://example.com/hook",
            "//example.com/hook",
            "example.com/hook",
            "https:///hook",
            "https://",
            "",
            "https://example.com:8443/hook",
            "https://example.com:99999/hook",
            "https://example.com:x/hook",
            "https://user@example.com/hook",
            "https://user:secret@example.com/hook",
            "https://@example.com/hook",
            "https://example.com/hook#part",
            "https://example.com/hook#",
            "https://example.com/a hook",
            "https://example.com/\nhook",
            "https://exa\tmple.com/hook",
            " https://example.com/hook",
            "https://b\u00fccher.example/hook",
            "https://example.com\\@127.0.0.1/hook",
            "https://" + "a" * 64 + ".example/hook",
            "https://a..example/hook",
            "https://.example/hook",
            "https://%65xample.com/hook",
            "https://[::1/hook",
            "https://[::1%25lo]/hook",
            "https://[v1.x]/hook",
            "https://example.com/" + "a" * 500,
        ],
    )
    def test_what_is_no_plain_https_address_is_refused(self, url: str, resolve: Resolve):
        asked = resolve()
        with pytest.raises(FieldInvalid) as refused:
            webhooks.check(url, allow_loopback=False)
        assert refused.value.field == "url"
        assert send(url, allow_loopback=False).error == str(refused.value)
        assert asked == [], "nobody was asked where that is"

    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104
            *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
            *("169.254.169.254", "100.64.0.1", "100.127.255.255"),
            *("192.0.0.1", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
            *("192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
            *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8"),
            *("64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "100::1"),
            *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:20::1", "2001:db8::1"),
            *("2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1"),
            *("fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
        ],
    )
    def test_what_is_not_on_the_public_internet_is_refused(
        self, address: str, resolve: Resolve, dialled: list[tuple[str, int]]
    ):
        resolve([address], [PUBLIC, address], [address, OTHER_PUBLIC])
        with pytest.raises(FieldInvalid, match="not on the public internet"):
            webhooks.check("https://example.com/", allow_loopback=False)
        for _ in range(2):
            answer = send("https://example.com/", allow_loopback=False)
            assert answer.status is None
            assert "not on the public internet" in answer.error
        assert dialled == []

    @pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost."])
    def test_another_way_to_write_this_machine_is_still_this_machine(
        self, host: str, dialled: list[tuple[str, int]]
    ):
        for allow_loopback in (False, True):
            answer = send(f"https://{host}/", allow_loopback=allow_loopback)
            assert answer.status is None
            assert answer.error
        assert dialled == []

    @given(some.integers(0, 2**128 - 1))
    def test_an_ipv6_address_that_is_public_hides_nothing(self, number: int):
        address = ipaddress.IPv6Address(number)
        if targets.is_public(address):
            assert (number >> 125, address.sixtofour, address.teredo) == (1, None, None)
            assert address.ipv4_mapped is None

    def test_a_name_that_nobody_knows_yet_may_be_written_down_but_not_sent_to(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        def unknown(*_args: object, **_named: object) -> None:
            raise socket.gaierror

        monkeypatch.setattr(targets.socket, "getaddrinfo", unknown)
        webhooks.check("https://soon.example/hook", allow_loopback=False)
        assert send("https://soon.example/hook").error == "its name cannot be resolved"

    def test_the_connection_goes_to_what_was_looked_at_and_to_nothing_else(
        self, resolve: Resolve, dialled: list[tuple[str, int]]
    ):
        asked = resolve([OTHER_PUBLIC, PUBLIC, PUBLIC], ["127.0.0.1"])
        answer = send("https://example.com/hook", allow_loopback=False)
        assert answer.error == "it refused the connection"
        assert dialled == [(OTHER_PUBLIC, 443), (PUBLIC, 443)], "each address once, no name"
        assert asked == ["example.com"], "and nobody was asked a second time"

    def test_a_name_that_moves_between_look_and_use_gains_nothing(self, resolve: Resolve):
        with receiving() as shop, receiving(host="127.0.0.2", port=shop.port) as trap:
            asked = resolve(["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"])
            assert send(f"http://localhost:{shop.port}/").status == 200
            assert (len(asked), len(shop.requests), trap.requests) == (1, 1, [])

    def test_an_address_that_is_down_is_passed_over(self, resolve: Resolve):
        with receiving() as shop:
            resolve(["127.0.0.9", "127.0.0.1"])
            assert send(f"http://localhost:{shop.port}/").status == 200

    def test_this_machine_is_reached_on_a_developers_machine_alone(self):
        with receiving() as shop:
            assert send(shop.url).status == 200
            webhooks.check(shop.url, allow_loopback=True)
            assert send(shop.url, allow_loopback=False).status is None
            with pytest.raises(FieldInvalid):
                webhooks.check(shop.url, allow_loopback=False)
            assert len(shop.requests) == 1

    def test_even_there_another_name_or_a_private_address_is_not(self, resolve: Resolve):
        with receiving() as shop:
            resolve(["10.0.0.1"], ["127.0.0.1"])
            assert send(f"http://localhost:{shop.port}/").status is None
            assert send("https://shop.example/").status is None
            assert send(f"http://shop.example:{shop.port}/").status is None
            assert shop.requests == []


class TestRequests:
    def test_what_arrives_is_what_was_given(self):
        with receiving(says(204, b"", X_Shop="yes")) as shop:
            answer = send(f"{shop.url}?a=1")
            (request,) = shop.requests
        assert (request.method, request.path, request.body) == ("POST", "/hook?a=1", b'{"a":1}')
        assert request.headers["host"] == f"127.0.0.1:{shop.port}"
        assert request.headers["webhook-id"] == "evt_1"
        assert (answer.status, answer.body, answer.error) == (204, "", None)
        assert answer.headers["X-Shop"] == "yes"

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_no_redirect_is_followed(self, status: int):
        with receiving() as inside:
            for where in (inside.url, "http://169.254.169.254/latest/meta-data/"):
                with receiving(says(status, b"", Location=where)) as shop:
                    answer = send(shop.url)
                assert (answer.status, len(shop.requests)) == (status, 1)
            assert inside.requests == []

    def test_no_proxy_of_the_environment_is_asked(self, monkeypatch: pytest.MonkeyPatch):
        with receiving() as proxy, receiving() as shop:
            for name in ("http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
                monkeypatch.setenv(name.upper(), proxy.url)
            assert send(shop.url).status == 200
            assert (len(shop.requests), proxy.requests) == (1, [])

    @pytest.mark.parametrize(
        ("said", "wanted"),
        [("120", 120), ("0", 0), ("9" * 400, 9_999_999), ("soon", None), ("-5", None), ("", None)],
    )
    def test_it_reads_how_long_it_is_asked_to_wait(self, said: str, wanted: int | None):
        with receiving(says(503, b"", Retry_After=said)) as shop:
            asked = send(shop.url).retry_after
        assert asked == (None if wanted is None else timedelta(seconds=wanted))

    def test_it_reads_until_when_it_is_asked_to_wait(self):
        in_an_hour = datetime.now(UTC) + timedelta(hours=1)
        for moment in (f"{in_an_hour:%a, %d %b %Y %H:%M:%S} GMT", "Mon, 01 Jan 2001 00:00:00 GMT"):
            with receiving(says(429, b"", Retry_After=moment)) as shop:
                asked = send(shop.url).retry_after
            is_past = "2001" in moment
            assert asked == timedelta() if is_past else timedelta(minutes=59) < asked

    def test_what_a_database_cannot_keep_is_left_out(self):
        with receiving(says(200, b"\xff\x00ok" + b"x" * 9_000, X_Odd="a" * 999)) as shop:
            answer = send(shop.url)
        assert answer.body.startswith("\ufffd\ufffdok")
        assert len(answer.body) == webhooks.BODY_KEPT_CHARACTERS
        assert len(answer.headers["X-Odd"]) == webhooks.HEADER_KEPT_CHARACTERS


class TestPatience:
    """The limits are made small here; that they are limits is what counts."""

    @pytest.fixture(autouse=True)
    def _in_a_hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webhooks, "SECONDS_FOR_ALL", 0.6)

    @staticmethod
    def _timed(url: str) -> webhooks.Answer:
        begun = time.monotonic()
        answer = send(url)
        assert time.monotonic() - begun < 3
        return answer

    @pytest.mark.parametrize(
        "head", [b"", HEAD, b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["status", "headers", "continue"]
    )
    def test_ends_with_one_that_drips_its_head(self, head: bytes):
        with receiving(drips(head, b"H", pause=0.05)) as shop:
            answer = self._timed(shop.url)
        assert (answer.status, answer.error) == (None, "it did not answer in time")

    @pytest.mark.parametrize("length", [b"", b"Content-Length: 99999999\r\n"])
    def test_what_said_its_status_has_answered_however_slow_its_body_is(self, length: bytes):
        with receiving(drips(HEAD + length + b"\r\n", b"x", pause=0.05)) as shop:
            answer = self._timed(shop.url)
        assert (answer.status, answer.error) == (200, "its answer did not end well")
        assert answer.body.startswith("x")

    def test_ends_with_one_that_says_nothing(self):
        with receiving(drips(b"", b"", pause=0.05)) as shop:
            answer = self._timed(shop.url)
        assert (answer.status, answer.error) == (None, "it did not answer in time")

    @pytest.mark.parametrize(
        ("head", "drop", "error"),
        [
            (HEAD + b"\r\n", b"x" * 4_096, None),
            (HEAD + b"Content-Length: 99999999\r\n\r\n", b"x" * 4_096, None),
            (HEAD, b"X-More: y\r\n", "it did not answer in HTTP"),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "it did not answer in HTTP"),
        ],
        ids=["body", "long body", "headers", "continue"],
    )
    def test_reads_no_endless_answer(
        self, head: bytes, drop: bytes, error: str | None, monkeypatch: pytest.MonkeyPatch
    ):
        read: list[int] = []
        as_ever = webhooks._Wire.readinto  # noqa: SLF001 - nothing else counts bytes

        def counted(wire: webhooks._Wire, buffer: memoryview) -> int:
            read.append(as_ever(wire, buffer))
            return read[-1]

        monkeypatch.setattr(webhooks._Wire, "readinto", counted)  # noqa: SLF001
        with receiving(drips(head, drop)) as shop:
            answer = self._timed(shop.url)
        assert sum(read) <= webhooks.ANSWER_READ_BYTES
        assert (answer.status, answer.error) == (None if error else 200, error)

    @pytest.mark.parametrize(
        "said",
        [
            b"hello\r\n\r\n",
            b"\x00\xff" * 50,
            b"HTTP/1.1 abc OK\r\n\r\n",
            b"",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            HEAD + b"Content-Length: -5\r\n\r\nx",
        ],
    )
    def test_nonsense_is_an_answer_that_is_noted(self, said: bytes):
        with receiving(lambda link: link.sendall(said)) as shop:
            answer = self._timed(shop.url)
        assert answer.status == 200 or answer.error in {
            "it did not answer in HTTP",
            "the connection broke",
        }


class TestCertificates:
    @pytest.fixture
    def tls(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Callable[..., object]]:
        """Give a server's side of TLS for a name, by an authority that this machine believes."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])

        def signed(
            name: str, public: ec.EllipticCurvePublicKey, *, is_ca: bool
        ) -> x509.Certificate:
            usage = x509.KeyUsage(True, *[False] * 4, is_ca, is_ca, *[False] * 2)
            return (
                x509.CertificateBuilder()
                .subject_name(ours if is_ca else x509.Name([]))
                .issuer_name(ours)
                .public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=1))
                .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(
                    x509.SubjectAlternativeName([x509.DNSName(name)]), critical=not is_ca
                )
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
                    critical=False,
                )
                .sign(key, hashes.SHA256())
            )

        def pem(certificate: x509.Certificate) -> bytes:
            return certificate.public_bytes(serialization.Encoding.PEM)

        believed = tmp_path / "authority.pem"
        believed.write_bytes(pem(signed("tests.example", key.public_key(), is_ca=True)))

        def of(name: str) -> ssl.SSLContext:
            own, path = ec.generate_private_key(ec.SECP256R1()), tmp_path / f"{name}.pem"
            private = own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            path.write_bytes(private + pem(signed(name, own.public_key(), is_ca=False)))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path)
            return context

        monkeypatch.setenv("SSL_CERT_FILE", str(believed))
        webhooks._tls.cache_clear()  # noqa: SLF001
        yield of
        webhooks._tls.cache_clear()  # noqa: SLF001

    def test_the_certificate_must_be_the_names_not_the_addresss(self, tls: Callable[..., object]):
        with receiving(name="localhost", tls=tls("localhost")) as shop:
            assert send(shop.url).status == 200
            assert shop.requests[0].headers["host"] == f"localhost:{shop.port}"
        with receiving(name="localhost", tls=tls("127.0.0.1.example")) as impostor:
            answer = send(impostor.url)
        assert answer.error == "its certificate is not a good one for this name"
        assert impostor.requests == []

    def test_the_name_is_said_before_the_certificate_is_shown(self, tls: Callable[..., object]):
        names: list[str | None] = []
        context = tls("localhost")
        context.sni_callback = lambda _link, name, _context: names.append(name)
        with receiving(name="localhost", tls=context) as shop:
            assert send(shop.url).status == 200
        assert names == ["localhost"]

    def test_an_authority_that_nobody_knows_is_not_believed(
        self, tls: Callable[..., object], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("SSL_CERT_FILE")
        with receiving(name="localhost", tls=tls("localhost")) as shop:
            assert "certificate" in send(shop.url).error
        assert shop.requests == []


def test_a_receiver_of_these_tests_keeps_what_it_got():
    with receiving() as shop:
        assert isinstance(shop, Receiver)
        with socket.create_connection(("127.0.0.1", shop.port)) as link:
            link.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            assert link.recv(99).startswith(b"HTTP/1.1 200")
        assert shop.requests[0].event == {}
