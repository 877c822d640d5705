"""The transport below httpx, against real sockets: which bytes leave, what is an answer, and when a connection is used again."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from importer.client import Answer, Client
from importer.errors import LedgerUnavailable, NotSent, OutcomeUnknown
from importer.models import Payload
from importer.settings import Profile

Script = Callable[[socket.socket, int], None]
"""Answers one request on a connection; it is told how many requests came before, over all connections."""


class Server:
    """Reads requests, also several on one connection, and lets a script answer each."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self._context.wrap_socket(connection, server_side=True) if self._context else connection as stream:
                while request := _one_request(stream):
                    self.requests.append(request)
                    self._script(stream, len(self.requests) - 1)
        except OSError:
            pass

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _one_request(stream: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := stream.recv(65536)):
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
    while len(body) < length and (part := stream.recv(65536)):
        body += part
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(script, context)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def calling(url: str, **profile: object) -> Iterator[Client]:
    client = Client(Profile.model_validate({"name": "t", "erp_id": "t", "standard_url": url, "timeout_s": 2, **profile}))
    try:
        yield client
    finally:
        client.close()


def post(client: Client, url: str, *, body: bytes = b"body", leaving: Callable[[], None] | None = None, **headers: str) -> Answer:
    payload = Payload(url=url, headers={"Content-Type": "x", **headers}, body=body, digest="")
    return client.exchange(payload, is_answer=lambda _: True, leaving=leaving)


def saying(answer: bytes) -> Script:
    return lambda connection, _: connection.sendall(answer)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


# -- what leaves -----------------------------------------------------------------------------------------------------------


def test_a_request_leaves_whole_with_every_header_once() -> None:
    """Host, length and the site's own headers stand in it, a site's word replacing ours; the body is untouched."""
    with serving(saying(OK)) as server:
        url = f"http://127.0.0.1:{server.port}/CROSS/RESTful?a=1"
        with calling(url) as client:
            post(client, url, body=b"\x00\xe9\x9b\x9c", **{"digi-host": '{"a":"b"}', "user-agent": "the site's"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /CROSS/RESTful?a=1 HTTP/1.1"
    assert body == b"\x00\xe9\x9b\x9c"
    names = [line.partition(":")[0].lower() for line in lines[1:]]
    assert sorted(set(names)) == sorted(names)
    assert {'digi-host: {"a":"b"}', "user-agent: the site's", f"Host: {url.split('/')[2]}", "Content-Length: 4"} <= set(lines)


def test_a_header_never_becomes_two() -> None:
    """A line break in a configured header is refused here, and nothing is sent."""
    with serving(saying(OK)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client, pytest.raises(OutcomeUnknown, match="line break"):
            post(client, url, **{"digi-user-token": "a\r\nX-Evil: 1"})
        assert server.requests == []


@pytest.mark.parametrize("size", [4, 3_000_000])
def test_what_is_raised_at_the_last_moment_keeps_the_request_here(size: int) -> None:
    """The proof of an old claim comes when the connection stands, before the first byte, and again within a long request."""
    with serving(saying(OK)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        asked = []

        def leaving() -> None:
            asked.append(server.connections)
            if size < 10 or len(asked) > 5:
                raise LedgerUnavailable("lost")

        with calling(url) as client, pytest.raises(LedgerUnavailable):
            post(client, url, body=b"x" * size, leaving=leaving)
        assert server.requests == [] or len(server.requests[0]) < size
        assert asked[0] <= 1 and (size < 10 or len(asked) == 6)


# -- what is an answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
    ],
    ids=["length", "chunked", "continued", "1.0 until the end", "until the end"],
)
def test_every_form_of_answer_is_read(answer: bytes) -> None:
    """With a length, in chunks, after a 100, or until the server closes; also when it comes byte by byte."""

    def drop_by_drop(connection: socket.socket, _: int) -> None:
        for at in range(len(answer)):
            connection.sendall(answer[at : at + 1])
        if b"Length" not in answer and b"chunked" not in answer:
            connection.shutdown(socket.SHUT_RDWR)

    with serving(drop_by_drop) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client:
            assert post(client, url).body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlies\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_anything_else_proves_nothing(answer: bytes) -> None:
    """Cut in its headers or chunks, or no HTTP: the request had left, so the outcome is unknown."""

    def cut(connection: socket.socket, _: int) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with serving(cut) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client, pytest.raises(OutcomeUnknown):
            post(client, url)


def test_headers_that_drip_do_not_hold_a_lane_for_ever() -> None:
    """A header line now and then keeps no call alive beyond twice the time-out."""
    given_up = threading.Event()

    def drip(connection: socket.socket, _: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not given_up.wait(0.02):
            connection.sendall(b"X-More: x\r\n")

    with serving(drip) as server:
        url = f"http://127.0.0.1:{server.port}/"
        started = time.monotonic()
        with calling(url, timeout_s=0.3) as client, pytest.raises(OutcomeUnknown):
            post(client, url)
        given_up.set()
        assert time.monotonic() - started < 4


def test_an_answer_before_the_request_was_read_counts() -> None:
    """A gateway that refuses a long request with 413 and closes: its word is read, and nothing was done."""
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        connection, _ = listener.accept()
        connection.recv(10)
        connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
        connection.close()

    thread = threading.Thread(target=refuse, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with calling(url) as client, pytest.raises(NotSent):
        client.exchange(Payload(url=url, headers={}, body=b"x" * 5_000_000, digest=""), is_answer=lambda _: False)
    thread.join(5)
    listener.close()


# -- the connection ----------------------------------------------------------------------------------------------------------


def test_a_connection_is_used_again() -> None:
    """Calls of one thread go over one connection while the server keeps it."""
    with serving(saying(OK)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client:
            assert [post(client, url).body for _ in range(5)] == [b"ok"] * 5
        assert (server.connections, len(server.requests)) == (1, 5)


@pytest.mark.parametrize(
    "answer",
    [OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"],
    ids=["close", "a second answer"],
)
def test_a_connection_that_ended_or_says_more_than_asked_is_not_used_again(answer: bytes) -> None:
    """The next call gets a connection of its own, and never the rest of an earlier answer."""
    with serving(saying(answer)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client:
            assert [post(client, url).body for _ in range(3)] == [b"ok"] * 3
        assert (server.connections, len(server.requests)) == (3, 3)


def test_a_connection_that_the_server_closed_meanwhile_is_noticed_before_sending() -> None:
    """A server that closes idle connections costs a new connection, not an unknown outcome."""
    closed = threading.Event()

    def answer_and_close(connection: socket.socket, _: int) -> None:
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with serving(answer_and_close) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with calling(url) as client:
            for _ in range(3):
                assert post(client, url).body == b"ok"
                assert closed.wait(5)
                closed.clear()
        assert len(server.requests) == 3


# -- TLS ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_tls_is_spoken_to_a_server_whose_authority_the_profile_names(authority: trustme.CA, tmp_path: Path) -> None:
    """`ca_file` makes the site's own certificates good, and calls go over one connection as without TLS."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    with serving(saying(OK), _context(authority, "127.0.0.1")) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with calling(url, ca_file=file) as client:
            assert [post(client, url, body=b"x" * 200_000).body for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 1


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("another.example", True)])
def test_a_server_that_cannot_prove_itself_gets_nothing(authority: trustme.CA, tmp_path: Path, name: str, trusted: bool) -> None:
    """An unknown authority, or a certificate for another name: not sent. `verify_tls = false` is the site's own risk."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    with serving(saying(OK), _context(authority, name)) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with calling(url, **({"ca_file": file} if trusted else {})) as client, pytest.raises(NotSent):
            post(client, url)
        assert server.requests == []
        with calling(url, verify_tls=False) as client:
            assert post(client, url).body == b"ok"


def test_a_plain_server_behind_https_gets_nothing() -> None:
    """The handshake fails: proven not sent."""
    with serving(saying(OK)) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with calling(url, verify_tls=False, timeout_s=0.5) as client, pytest.raises(NotSent):
            post(client, url)
