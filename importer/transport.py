"""What carries httpx here: one keep-alive connection, its requests written in one go, its answers read by httptools (llhttp).

httpx's own transport spends four fifths of a call's time in its pool and its pure-Python HTTP parser, and Python threads share
one interpreter. This one has no pool (each lane has a client of its own), no proxies, no HTTP/2 and no streaming: an answer is
there whole, within its bounds of size and time, or it is an error. The errors are httpx's, so that what each proves stands in one
place, importer.client: nothing but a failure to connect proves that a request did not leave.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import Final

import httptools
import httpx

__all__ = ["Transport"]

PIECE: Final = 65_536  # bytes per system call
INFORMATIONAL: Final = range(100, 200)
FORBIDDEN: Final = ("\r", "\n", "\0")  # in a header; they would begin another one


class Transport(httpx.BaseTransport):
    """One connection at a time, for one thread. Knows httpx's `timeout` and `trace` extensions; `trace` is called with
    `send_request.started` before any byte leaves, and again before every further piece of a long request."""

    def __init__(self, *, tls: ssl.SSLContext, keepalive_s: float, answer_s: float, answer_bytes: int) -> None:
        """`answer_s` and `answer_bytes` bound the answer as a whole, its headers included."""
        self._tls = tls
        self._keepalive_s = keepalive_s
        self._answer_s = answer_s
        self._answer_bytes = answer_bytes
        self._socket: socket.socket | None = None
        self._origin: tuple[str, str, int] = ("", "", 0)
        self._used = 0.0  # when the connection was last of use

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError as httpx's own transport does."""
        timeout = request.extensions.get("timeout") or {}
        message = _message(request)
        connection = self._connected(request.url, timeout.get("connect"))
        answer = _Answer()
        try:
            connection.settimeout(timeout.get("write"))
            _send(connection, message, request.extensions.get("trace"))
            connection.settimeout(timeout.get("read"))
            self._read(connection, answer)
        finally:
            if not answer.reusable:
                self.close()
            del answer.parser  # each holds the other; left to the garbage collection, they would stop all lanes now and then
        self._used = time.monotonic()
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(b"".join(answer.body)))

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    # -- the connection ------------------------------------------------------------------------------------------------

    def _connected(self, url: httpx.URL, timeout: float | None) -> socket.socket:
        """The connection that stands, if it is still alive, else a new one."""
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"'{url.scheme or url}' is neither http nor https")
        if not url.raw_host:
            raise httpx.UnsupportedProtocol("the address names no host")
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        if self._socket is not None and not (origin == self._origin and self._alive(self._socket)):
            self.close()
        if self._socket is None:
            self._socket = self._connect(*origin, timeout)
            self._origin = origin
        return self._socket

    def _alive(self, connection: socket.socket) -> bool:
        """Not idle for too long, and nothing came in meanwhile: what comes between two calls is the end of the connection."""
        if time.monotonic() - self._used > self._keepalive_s:
            return False
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(connection, select.POLLIN)
            return not poll.poll(0)
        return not select.select([connection], [], [], 0)[0]  # Windows

    def _connect(self, scheme: str, host: str, port: int, timeout: float | None) -> socket.socket:
        try:
            connection = socket.create_connection((host, port), timeout)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._tls.wrap_socket(connection, server_hostname=host) if scheme == "https" else connection
        except TimeoutError as error:
            connection.close()
            raise httpx.ConnectTimeout(str(error)) from error
        except (OSError, ValueError) as error:  # ssl's errors are OSErrors, and a name it cannot check is a ValueError
            connection.close()
            raise httpx.ConnectError(str(error)) from error

    # -- the answer ----------------------------------------------------------------------------------------------------

    def _read(self, connection: socket.socket, answer: _Answer) -> None:
        deadline = time.monotonic() + self._answer_s
        left = self._answer_bytes
        while True:
            try:
                received = connection.recv(PIECE)
            except TimeoutError as error:
                raise httpx.ReadTimeout(str(error)) from error
            except OSError as error:
                raise httpx.ReadError(str(error)) from error
            if not received:
                _end(answer)
                return
            left -= len(received)
            if left < 0:
                raise httpx.ReadError(f"the answer is longer than {self._answer_bytes // 1024**2} MB")
            try:
                answer.parser.feed_data(received)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
                if not answer.complete:
                    raise httpx.RemoteProtocolError(f"no HTTP answer: {error}") from error
                answer.reusable = False  # what follows the answer is none
            if answer.complete:
                return
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer was not complete in time")


class _Answer:
    """What httptools tells of one answer."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.complete = False
        self.reusable = False  # the connection, for a further call
        self.framed = False  # the answer tells where it ends

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.complete:
            self.headers.append((name, value))
            if name.lower() in (b"content-length", b"transfer-encoding"):
                self.framed = True

    def on_headers_complete(self) -> None:
        if not self.complete:
            self.status = self.parser.get_status_code()

    def on_body(self, piece: bytes) -> None:
        if not self.complete:
            self.body.append(piece)

    def on_message_complete(self) -> None:
        if self.complete:
            self.reusable = False  # a second answer to one request
        elif self.status in INFORMATIONAL:
            self.headers.clear()
            self.framed = False
        else:
            self.complete = True
            self.reusable = self.parser.should_keep_alive()


def _end(answer: _Answer) -> None:
    """The server closed the connection: the end of an answer that tells no length, and no end of any other."""
    if not answer.status or answer.status in INFORMATIONAL:
        raise httpx.RemoteProtocolError("the server closed the connection without an answer")
    if answer.framed:
        raise httpx.RemoteProtocolError("the server closed the connection in the middle of its answer")
    answer.complete = True


def _message(request: httpx.Request) -> bytes:
    """The whole request as it travels. LocalProtocolError when a header would become two."""
    lines = [f"{request.method} {request.url.raw_path.decode('ascii')} HTTP/1.1"]
    lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in request.headers.raw]
    if any(mark in line for line in lines for mark in FORBIDDEN):
        raise httpx.LocalProtocolError("a header contains a line break")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + request.read()


def _send(connection: socket.socket, message: bytes, trace: object) -> None:
    """A server may answer and close before it has read everything: then the answer, if any, decides."""
    unsent = memoryview(message)
    try:
        while unsent:
            if callable(trace):
                trace("send_request.started", {})
            unsent = unsent[connection.send(unsent[:PIECE]) :]
    except TimeoutError as error:
        raise httpx.WriteTimeout(str(error)) from error
    except ssl.SSLError as error:
        raise httpx.WriteError(str(error)) from error
    except OSError:
        return
