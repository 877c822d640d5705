"""One HTTP exchange: bytes out, bytes in, or the proof that nothing was sent, or the admission that nobody knows.

The only place that knows httpx. httpx raises the same error whether or not the server acted, so what its exceptions prove
stands in one table (design §4): only a failure to connect proves that a request did not leave.
"""

from __future__ import annotations

import email.utils
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from importer.errors import NotSent, OutcomeUnknown
from importer.messages import N_
from importer.models import Payload
from importer.settings import Profile
from importer.transport import Transport

__all__ = ["NOT_SENT", "OUTCOME_UNKNOWN", "Answer", "Client"]

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "keep-alive", "User-Agent": "tiptop-importer"}
KEEPALIVE_S: Final = 3.0  # shorter than any server's own, so that a request does not meet a connection just being closed

NOT_SENT: Final[tuple[type[Exception], ...]] = (
    httpx.ConnectError,  # refused, no DNS, no route, TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the proxy would not open the way
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
OUTCOME_UNKNOWN: Final[tuple[type[Exception], ...]] = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.LocalProtocolError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
    httpx.TooManyRedirects,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    duration_ms: int


class Client:
    """Keep-alive connections to one profile's ERP, one to each thread.

    Requests and answers are httpx's and so are its errors. They go straight to the transport: redirects, authentication and
    cookies, which httpx.Client would look after at half of a call's cost, have no part in a call that stands for itself.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._local = threading.local()
        self._transports: list[Transport] = []
        self._urls: dict[str, httpx.URL] = {}  # parsed once
        timeout = httpx.Timeout(profile.timeout_s, connect=min(profile.connect_timeout_s, profile.timeout_s))
        self._timeout = timeout.as_dict()
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None

    def close(self) -> None:
        """Close all connections; the client must not be used any more."""
        with self._lock:
            for transport in self._transports:
                transport.close()
            self._transports.clear()

    def exchange(self, payload: Payload, *, is_answer: Callable[[bytes], bool], leaving: Callable[[], None] | None = None) -> Answer:
        """Send one request and read its answer. `is_answer` tells an answer of the ERP from one of something on the way.

        `leaving` is called when the connection stands, right before anything is sent; what it raises keeps the request here.
        Raises NotSent when it is proven that the ERP did nothing, OutcomeUnknown when nobody can know.
        """
        started = time.monotonic()
        try:
            request = self._request("POST", payload.url, payload.headers, payload.body)
            if leaving is not None:
                request.extensions["trace"] = lambda _, __: leaving()
            answer = self._exchange(request, started)
        except NOT_SENT as error:
            raise NotSent(N_("The ERP cannot be reached at {url}: {reason}"), url=payload.url, reason=_reason(error)) from None
        except OUTCOME_UNKNOWN as error:
            raise OutcomeUnknown(N_("No answer after {seconds} s: {reason}"), **_spent(started), reason=_reason(error)) from None
        self._refuse_by_status(answer, is_answer)
        return answer

    def fetch(self, url: str) -> Answer:
        """GET a page, such as a WSDL; any HTTP status is an answer. Raises NotSent or OutcomeUnknown without one."""
        started = time.monotonic()
        try:
            return self._exchange(self._request("GET", url, {}, b""), started)
        except NOT_SENT as error:
            raise NotSent(N_("The ERP cannot be reached at {url}: {reason}"), url=url, reason=_reason(error)) from None
        except OUTCOME_UNKNOWN as error:
            raise OutcomeUnknown(N_("No answer after {seconds} s: {reason}"), **_spent(started), reason=_reason(error)) from None

    def _request(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> httpx.Request:
        url = self._urls.get(address)
        if url is None:
            url = self._urls[address] = httpx.URL(address)
        # With a stream httpx adds no header of its own, so that each is looked at once.
        own = {name.lower() for name in headers}
        every = {"Host": url.netloc.decode("ascii"), **HEADERS, **headers, "Content-Length": str(len(body))}
        every = {name: value for name, value in every.items() if name in headers or name.lower() not in own}
        extensions = {"timeout": self._timeout}
        return httpx.Request(method, url, headers=every, stream=httpx.ByteStream(body), extensions=extensions)

    def _exchange(self, request: httpx.Request, started: float) -> Answer:
        response = self._transport().handle_request(request)
        return Answer(
            status=response.status_code,
            headers=_headers(response),
            body=response.read(),
            duration_ms=round((time.monotonic() - started) * 1000),
        )

    def _refuse_by_status(self, answer: Answer, is_answer: Callable[[bytes], bool]) -> None:
        status, profile = answer.status, self._profile
        if status == 200:
            return
        if status in profile.not_executed_statuses:
            raise NotSent(
                N_("The ERP refused the call before processing it: HTTP {status}"),
                status=status,
                retry_after_s=_retry_after(answer.headers.get("retry-after")),
            )
        from_erp = is_answer(answer.body)
        if status in profile.not_executed_without_body and not from_erp:
            login = status in profile.login_statuses
            raise NotSent(N_("The ERP refused the call before processing it: HTTP {status}"), status=status, login=login)
        if not (400 <= status < 500 and from_erp):
            raise OutcomeUnknown(N_("The ERP answered HTTP {status}, which does not tell whether it acted."), status=status)

    def _transport(self) -> Transport:
        transport: Transport | None = getattr(self._local, "transport", None)
        if transport is None:
            transport = self._local.transport = self._new_transport()
        return transport

    def _new_transport(self) -> Transport:
        with self._lock:
            if self._tls is None:  # reading the certificates costs more than many calls: once for all threads
                self._tls = self._tls_context()
            transport = Transport(
                tls=self._tls, keepalive_s=KEEPALIVE_S, answer_s=self._profile.timeout_s * 2, answer_bytes=MAX_ANSWER_BYTES
            )
            self._transports.append(transport)
        return transport

    def _tls_context(self) -> ssl.SSLContext:
        profile = self._profile
        urls = (profile.standard_url, profile.custom_url)
        if not any(url.startswith("https:") for url in urls):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # not used; trusts nobody
        context = ssl.create_default_context()
        if not profile.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif profile.ca_file:
            context.load_verify_locations(profile.ca_file)
        return context


def _headers(response: httpx.Response) -> dict[str, str]:
    """Names in lower case; what is not UTF-8 is Latin-1."""
    found: dict[str, str] = {}
    for name, value in response.headers.raw:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        key = name.decode("latin-1").lower()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _spent(started: float) -> dict[str, object]:
    return {"seconds": f"{time.monotonic() - started:.1f}"}


def _retry_after(text: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number of seconds or a date."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
