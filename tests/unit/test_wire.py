"""RequestsWire against real sockets that misbehave: what surely never left is NotSent, everything else AnswerLost."""

from __future__ import annotations

import contextlib
import gzip
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector.transport import AnswerLost, NotSent, Reply, Request
from connector.wire import RequestsWire

Behaviour = Callable[[socket.socket], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine between us and loopback."""
    monkeypatch.setenv("NO_PROXY", "*")


class Server:
    """A TCP server that does what it is told with every connection, and keeps what it received."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.received: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        # A thread that waits in accept() is not woken by closing the socket, but by a last connection.
        self._stopping = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._listener.close()
        for connection in self._open:
            connection.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._stopping:
                connection.close()
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.behave(connection)


Serve = Callable[[Behaviour], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(behave: Behaviour) -> Server:
        servers.append(Server(behave))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def read_request(connection: socket.socket) -> bytes:
    """One whole request with a Content-Length body; b"" when the client closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*answers: bytes, close: bool = True) -> Behaviour:
    """Answers one request after the other on the same connection."""

    def behave(connection: socket.socket) -> None:
        for answer in answers:
            if not read_request(connection):
                return
            connection.sendall(answer)
        if close:
            connection.close()
        else:
            read_request(connection)

    return behave


def reset(connection: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def get(url: str, timeout: float = 5.0, **headers: str) -> Request:
    return Request("GET", url, "test", headers, timeout=timeout)


def post(url: str, body: bytes = b"{}", timeout: float = 5.0) -> Request:
    return Request("POST", url, "test", {"Content-Type": "application/json"}, body, timeout, write=True)


def header(request: bytes, name: str) -> str | None:
    for line in request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def exchange(server: Server, request: Request, wire: RequestsWire | None = None) -> Reply:
    return (wire or RequestsWire()).exchange(request)


def recording(seen: list[bytes], answer: bytes = OK, close: bool = True) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(answer)
            if close:
                connection.close()
                return

    return behave


# What surely never left.


def test_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent, match="connection refused"):
        RequestsWire().exchange(post(f"http://127.0.0.1:{port}/"))


def test_unknown_name_is_not_sent() -> None:
    with pytest.raises(NotSent, match="host name cannot be resolved"):
        RequestsWire().exchange(post("http://vendor.invalid/"))


def test_connection_that_nobody_accepts_is_not_sent() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(8):  # fills the queue of connections, so that the next one's SYN gets no answer
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            waiting.append(filler)
        try:
            with pytest.raises(NotSent, match="connecting took too long"):
                RequestsWire(connect_timeout=0.3).exchange(post(f"http://127.0.0.1:{port}/"))
        finally:
            for filler in waiting:
                filler.close()


def test_tls_against_a_plain_server_is_not_sent(serve: Serve) -> None:
    def speak_plainly(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    server = serve(speak_plainly)
    with pytest.raises(NotSent, match="does not speak TLS on this port"):
        exchange(server, post(server.url(scheme="https")))


def test_handshake_that_is_reset_is_not_sent(serve: Serve) -> None:
    def reset_after_hello(connection: socket.socket) -> None:
        connection.recv(1024)
        reset(connection)

    server = serve(reset_after_hello)
    with pytest.raises(NotSent):
        exchange(server, post(server.url(scheme="https")))


def test_handshake_that_hangs_is_not_sent(serve: Serve) -> None:
    server = serve(never_answer)
    with pytest.raises(NotSent, match="no answer in time"):
        exchange(server, post(server.url(scheme="https")), RequestsWire(connect_timeout=0.3))


def test_invalid_address_is_not_sent() -> None:
    with pytest.raises(NotSent, match="address is not valid"):
        RequestsWire().exchange(post("http://:80:80/"))


def test_proxy_that_declines_the_tunnel_is_not_sent(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url())
    monkeypatch.setenv("https_proxy", proxy.url())
    with pytest.raises(NotSent, match="proxy"):
        RequestsWire().exchange(post("https://vendor.invalid/"))


# What may have left.


def close_after_request(connection: socket.socket) -> None:
    read_request(connection)
    connection.close()


def reset_after_request(connection: socket.socket) -> None:
    read_request(connection)
    reset(connection)


def reset_mid_request_body(connection: socket.socket) -> None:
    connection.recv(64)
    reset(connection)


def never_answer(connection: socket.socket) -> None:
    read_request(connection)
    threading.Event().wait(3)


@pytest.mark.parametrize(
    ("behave", "text"),
    [
        (close_after_request, "closed the connection without an answer"),
        (reset_after_request, "reset"),
        (never_answer, "no answer in time"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"), "broke off"),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "broke off"),
        (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"), "broke off"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Le"), "broke off in its headers"),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "BadStatusLine"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), "compression"),
    ],
    ids=["closed", "reset", "silent", "short-body", "short-chunks", "bad-chunk", "cut-header", "not-http", "bad-gzip"],
)
def test_broken_answers_are_lost(serve: Serve, behave: Behaviour, text: str) -> None:
    server = serve(behave)
    with pytest.raises(AnswerLost, match=text):
        exchange(server, post(server.url(), timeout=0.5))


def test_reset_while_sending_is_lost(serve: Serve) -> None:
    server = serve(reset_mid_request_body)
    with pytest.raises(AnswerLost):
        exchange(server, post(server.url(), body=b"x" * 8_000_000))


def test_reset_at_once_is_one_of_the_two(serve: Serve) -> None:
    """Whether the reset overtakes the first byte is chance; that no other error passes on is not."""
    server = serve(reset)
    for _ in range(10):
        with pytest.raises((AnswerLost, NotSent)):
            exchange(server, post(server.url()))


def test_answer_that_drips_is_cut_off(serve: Serve) -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        pause = threading.Event()
        for _ in range(60):
            connection.sendall(b"x")
            pause.wait(0.05)

    server = serve(drip)
    with pytest.raises(AnswerLost, match="did not end in time"):
        exchange(server, get(server.url(), timeout=0.3), RequestsWire(connect_timeout=0.3))


def test_too_large_answers_are_lost(serve: Serve) -> None:
    server = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"x" * 3000))
    with pytest.raises(AnswerLost, match="larger than 2000 bytes"):
        exchange(server, get(server.url()), RequestsWire(largest_answer=2000))


def test_compressed_bomb_is_lost(serve: Serve) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    server = serve(answering(answer))
    with pytest.raises(AnswerLost, match="larger than"):
        exchange(server, get(server.url()), RequestsWire(largest_answer=1_000_000))


def test_error_text_does_not_repeat_the_address(serve: Serve) -> None:
    server = serve(close_after_request)
    with pytest.raises(AnswerLost) as caught:
        exchange(server, get(server.url("/orders?email=jane%40example.com"), Authorization="Bearer s3cr3t-token-value"))
    assert "jane" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


# Connections.


def test_write_never_uses_a_kept_connection(serve: Serve) -> None:
    server = serve(answering(OK, OK, close=False))
    wire = RequestsWire()
    wire.exchange(get(server.url()))
    wire.exchange(get(server.url()))
    assert server.connections == 1
    wire.exchange(post(server.url()))
    assert server.connections == 2


def test_write_after_the_server_dropped_the_connection_unnoticed(serve: Serve) -> None:
    """The server resets the kept connection only when the next request comes: a reused one would lose the answer."""

    def answer_once_then_reset(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK)
        if read_request(connection):
            reset(connection)

    server = serve(answer_once_then_reset)
    wire = RequestsWire()
    wire.exchange(get(server.url()))
    assert wire.exchange(post(server.url())).body == b"ok"
    assert wire.exchange(post(server.url())).body == b"ok"


def test_read_mistrusts_a_connection_that_was_idle_long(serve: Serve) -> None:
    seconds = [1000.0]
    server = serve(answering(OK, OK, close=False))
    wire = RequestsWire(monotonic=lambda: seconds[0])
    wire.exchange(get(server.url()))
    seconds[0] += 16
    wire.exchange(get(server.url()))
    assert server.connections == 2


# What goes out and comes in.


def test_request_leaves_as_it_is(serve: Serve) -> None:
    seen: list[bytes] = []
    server = serve(recording(seen))
    path = "/entity/Default/25.200.001/StockItem/A%2FB%20C?$filter=Date%20ge%20datetimeoffset%272026-03-02%2B00%3A00%27"
    exchange(server, Request("PUT", server.url(path), "test", {"X-Thing": "1"}, b'{"a":1}'))
    line = seen[0].split(b"\r\n")[0].decode()
    assert line == f"PUT {path} HTTP/1.1"
    assert header(seen[0], "x-thing") == "1"
    assert header(seen[0], "user-agent") == "ml-connector"
    assert seen[0].endswith(b'\r\n\r\n{"a":1}')


def test_empty_post_states_its_length(serve: Serve) -> None:
    seen: list[bytes] = []
    server = serve(recording(seen, b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert exchange(server, Request("POST", server.url("/logout"), "test")).status == 204
    assert header(seen[0], "content-length") == "0"


def test_headers_are_lower_case_and_cookies_stay_apart(serve: Serve) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nX-Remaining-Calls: 7\r\nSet-Cookie: a=1; expires=Mon, 02 Mar 2026 14:00:00 GMT\r\n"
        b"Set-Cookie: b=2; path=/\r\nVia: one\r\nVia: two\r\nContent-Length: 0\r\n\r\n"
    )
    server = serve(answering(answer))
    reply = exchange(server, get(server.url()))
    assert reply.headers["x-remaining-calls"] == "7"
    assert reply.headers["set-cookie"].split("\n") == ["a=1; expires=Mon, 02 Mar 2026 14:00:00 GMT", "b=2; path=/"]
    assert reply.headers["via"] == "one, two"


def test_cookies_are_not_remembered_but_a_given_one_is_sent(serve: Serve) -> None:
    seen: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=tenant-a\r\nContent-Length: 0\r\n\r\n"
    server = serve(recording(seen, answer, close=False))
    wire = RequestsWire()
    wire.exchange(get(server.url()))
    wire.exchange(get(server.url()))
    assert header(seen[1], "cookie") is None
    wire.exchange(get(server.url(), Cookie="session=mine; lang=en"))
    assert header(seen[2], "cookie") == "session=mine; lang=en"


def test_redirects_are_not_followed(serve: Serve) -> None:
    seen: list[bytes] = []
    answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    server = serve(recording(seen, answer, close=False))
    reply = exchange(server, get(server.url()))
    assert (reply.status, reply.headers["location"], len(seen)) == (302, "/elsewhere", 1)


def test_netrc_does_not_replace_our_authorization(
    serve: Serve, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[bytes] = []
    server = serve(recording(seen))
    exchange(server, get(server.url(), Authorization="Bearer mine"))
    assert header(seen[0], "authorization") == "Bearer mine"


def test_compressed_and_chunked_answers_are_whole(serve: Serve) -> None:
    body = b'{"text": "' + b"abc" * 100_000 + b'"}'
    packed = gzip.compress(body)
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(packed[at : at + 100]), packed[at : at + 100]) for at in range(0, len(packed), 100)
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(answering(head + chunks + b"0\r\n\r\n"))
    assert exchange(server, get(server.url())).body == body


# Certificates.


def certificate(folder: pathlib.Path, name: str, valid: timedelta = timedelta(days=1)) -> pathlib.Path:
    """A self-signed certificate for a host name, key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def over_tls(pem: pathlib.Path, behave: Behaviour) -> Behaviour:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def secured(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            behave(secure)

    return secured


def test_private_authority_is_trusted_when_configured(serve: Serve, tmp_path: pathlib.Path) -> None:
    pem = certificate(tmp_path, "localhost")
    server = serve(over_tls(pem, answering(OK)))
    url = f"https://localhost:{server.port}/"
    assert RequestsWire(authority=str(pem)).exchange(post(url)).body == b"ok"


@pytest.mark.parametrize(
    ("name", "valid", "trusted"),
    [
        ("localhost", timedelta(days=1), False),
        ("other.example", timedelta(days=1), True),
        ("localhost", -timedelta(days=1), True),
    ],
    ids=["untrusted", "wrong-name", "expired"],
)
def test_bad_certificates_are_not_sent(
    serve: Serve, tmp_path: pathlib.Path, name: str, valid: timedelta, trusted: bool
) -> None:
    pem = certificate(tmp_path, name, valid)
    reached: list[bytes] = []
    server = serve(over_tls(pem, recording(reached)))
    wire = RequestsWire(authority=str(pem) if trusted else None)
    with pytest.raises(NotSent, match="certificate is not trusted"):
        wire.exchange(post(f"https://localhost:{server.port}/"))
    assert reached == []


def test_reset_after_a_finished_handshake_is_lost(serve: Serve, tmp_path: pathlib.Path) -> None:
    pem = certificate(tmp_path, "localhost")
    server = serve(over_tls(pem, close_after_request))
    with pytest.raises(AnswerLost):
        RequestsWire(authority=str(pem)).exchange(post(f"https://localhost:{server.port}/"))


def test_old_tls_only_is_not_sent_and_says_what_to_do(serve: Serve, tmp_path: pathlib.Path) -> None:
    """The server is a process of its own: the security level that TLS 1.0 needs would weaken this one's contexts."""
    pem = certificate(tmp_path, "localhost")
    program = textwrap.dedent(
        """
        import socket, ssl, sys, warnings
        warnings.simplefilter("ignore")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(sys.argv[1])
        with socket.create_server(("127.0.0.1", 0)) as listener:
            print(listener.getsockname()[1], flush=True)
            connection, _ = listener.accept()
            try:
                context.wrap_socket(connection, server_side=True)
            except OSError:
                pass
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(pem)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            pytest.skip("this machine's OpenSSL has no TLS 1.1")
        with pytest.raises(NotSent, match=r"must offer TLS 1\.2 or newer"):
            RequestsWire(authority=str(pem)).exchange(post(f"https://localhost:{port}/"))
        process.terminate()
