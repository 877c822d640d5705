"""One HTTP exchange against a real socket: what proves that nothing was sent, and what proves nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from importer.client import NOT_SENT, OUTCOME_UNKNOWN, Answer, Client
from importer.errors import NotSent, OutcomeUnknown
from importer.models import Payload
from importer.protocols.standard_json import is_answer
from importer.settings import Profile

GOOD = b'{"std_data":{"execution":{"code":"0"}}}'
Script = Callable[[socket.socket], None]


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """A server that reads one request per connection and then does what the script does."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b"\r\n\r\nbody" not in received and (part := connection.recv(65536)):
                    received += part
                try:
                    script(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/CROSS/RESTful"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answering(status: str, body: bytes = b"", *headers: str) -> Script:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


def exchange(url: str, **profile: object) -> Answer:
    settings = Profile.model_validate({"name": "t", "erp_id": "t", "standard_url": url, "timeout_s": 2, **profile})
    client = Client(settings)
    try:
        return client.exchange(Payload(url=url, headers={"Content-Type": "x"}, body=b"body", digest=""), is_answer=is_answer)
    finally:
        client.close()


# -- the table -----------------------------------------------------------------------------------------------------------


def _family(root: type[BaseException]) -> set[type[BaseException]]:
    found = {root}
    for child in root.__subclasses__():
        found |= _family(child)
    return found


NEVER = {  # cannot come out of sending a request and reading its answer, each for its reason
    httpx.HTTPStatusError: "raise_for_status is never called",
    httpx.CookieConflict: "cookies are never looked up by name",
    httpx.StreamConsumed: "an answer is read once, by the code that opened it",
    httpx.StreamClosed: "the same",
    httpx.ResponseNotRead: "the same",
    httpx.RequestNotRead: "requests are bytes",
}


def test_every_exception_of_httpx_is_decided() -> None:
    """A new version of httpx with a new error makes this fail until somebody decides what that error proves."""
    roots = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)
    every = {error for root in roots for error in _family(root) if error.__module__.split(".")[0] == "httpx"}
    named = {item for item in vars(httpx).values() if isinstance(item, type) and issubclass(item, Exception)}
    assert named <= every
    leaves = {error for error in every if not error.__subclasses__()}
    assert leaves == {*NOT_SENT, *OUTCOME_UNKNOWN, *NEVER}


def test_no_exception_proves_both() -> None:
    """An error that proves that nothing was sent is never also one that proves nothing."""
    for proof in NOT_SENT:
        assert not issubclass(proof, OUTCOME_UNKNOWN)
    for doubt in OUTCOME_UNKNOWN:
        assert not issubclass(doubt, NOT_SENT)


# -- connections ---------------------------------------------------------------------------------------------------------


def test_a_refused_connection_proves_that_nothing_was_sent() -> None:
    """Nobody listens: the call may be made again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent, match=f"127.0.0.1:{port}"):
        exchange(f"http://127.0.0.1:{port}/x")


@pytest.mark.parametrize("url", ["http://no-such-host.invalid/x", "ftp://127.0.0.1/x", "http://127.0.0.1:banana/x", "nonsense"])
def test_an_address_that_is_none_proves_that_nothing_was_sent(url: str) -> None:
    """No DNS name, no HTTP, no address at all."""
    with pytest.raises(NotSent):
        exchange(url)


@pytest.mark.parametrize(
    "script",
    [
        lambda connection: None,
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        lambda connection: connection.sendall(b"this is no HTTP\r\n\r\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nlies"),
    ],
    ids=["closed", "cut", "no HTTP", "wrong encoding"],
)
def test_a_broken_answer_proves_nothing(script: Script) -> None:
    """The request had left: whether the ERP acted is unknown."""
    with serving(script) as url, pytest.raises(OutcomeUnknown):
        exchange(url)


def test_a_silent_server_is_given_up_after_the_time_out() -> None:
    """No answer within timeout_s: unknown, and the lane is free again."""
    done = threading.Event()
    with serving(lambda connection: done.wait(10) and None) as url:  # type: ignore[func-returns-value]
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            exchange(url, timeout_s=0.3)
        assert time.monotonic() - started < 3
        done.set()


def test_a_dripping_answer_does_not_hold_a_lane_for_ever() -> None:
    """A byte now and then keeps no call alive beyond twice the time-out."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(400):
            connection.sendall(b"x")
            time.sleep(0.02)

    with serving(drip) as url:
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            exchange(url, timeout_s=0.3)
        assert time.monotonic() - started < 4


# -- statuses ------------------------------------------------------------------------------------------------------------


def test_an_answer_comes_back_whole() -> None:
    """Status, headers in lower case, body."""
    with serving(answering("200 OK", GOOD, "Digi-SrvCode: 000")) as url:
        answer = exchange(url)
    assert (answer.status, answer.headers["digi-srvcode"], answer.body) == (200, "000", GOOD)


@pytest.mark.parametrize(
    "status", ["500 X", "502 X", "503 X", "504 X", "302 Found\r\nLocation: /", "204 No Content", "201 Created", "418 X", "409 X"]
)
def test_other_statuses_prove_nothing(status: str) -> None:
    """Any 5xx, a redirect, a success without an answer: nobody knows whether the ERP acted; 503 too."""
    with serving(answering(status)) as url, pytest.raises(OutcomeUnknown):
        exchange(url)


@pytest.mark.parametrize("status", ["500 X", "503 X"])
def test_a_server_error_with_an_answer_of_the_erp_proves_nothing_either(status: str) -> None:
    """What stands beside a 5xx is not to be trusted."""
    with serving(answering(status, GOOD)) as url, pytest.raises(OutcomeUnknown):
        exchange(url)


@pytest.mark.parametrize(("status", "login"), [("401 X", True), ("403 X", True), ("404 X", False), ("405 X", False), ("413 X", False)])
def test_a_refusal_before_the_erp_proves_that_nothing_was_done(status: str, login: bool) -> None:
    """A gateway's page without any ERP answer: not executed; 401 and 403 are the login's fault."""
    with serving(answering(status, b"<html>no</html>")) as url, pytest.raises(NotSent) as caught:
        exchange(url)
    assert caught.value.login is login


def test_a_client_error_with_an_answer_of_the_erp_is_an_answer() -> None:
    """HTTP 400 with the ERP's own body: the ERP has spoken."""
    with serving(answering("400 Bad Request", GOOD)) as url:
        assert exchange(url).body == GOOD


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Retry-After: 7", 7.0), ("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("Retry-After: soon", None), ("X: y", None)],
)
def test_too_many_requests_proves_that_nothing_was_done_and_says_when(header: str, seconds: float | None) -> None:
    """HTTP 429 with seconds, a date, nonsense or nothing."""
    with serving(answering("429 Too Many Requests", b"", header)) as url, pytest.raises(NotSent) as caught:
        exchange(url)
    assert caught.value.retry_after_s == seconds


def test_which_statuses_prove_something_is_the_sites_word() -> None:
    """A site whose gateway answers 503 before anything happens may say so."""
    with serving(answering("503 X")) as url, pytest.raises(NotSent):
        exchange(url, not_executed_statuses=[429, 503])


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """An office proxy in the environment must not stand between the importer and the ERP."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(answering("200 OK", GOOD)) as url:
        assert exchange(url).status == 200
