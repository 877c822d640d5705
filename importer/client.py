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

__all__ = ["NOT_SENT", "OUTCOME_UNKNOWN", "Answer", "Client"]

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
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
    """Keep-alive connections to one profile's ERP. Each thread gets an httpx client of its own, which is what is fastest."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | bool | None = None

    def close(self) -> None:
        """Close all connections; the client must not be used any more."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def exchange(self, payload: Payload, *, is_answer: Callable[[bytes], bool], leaving: Callable[[], None] | None = None) -> Answer:
        """Send one request and read its answer. `is_answer` tells an answer of the ERP from one of something on the way.

        `leaving` is called when the connection stands, right before anything is sent; what it raises keeps the request here.
        Raises NotSent when it is proven that the ERP did nothing, OutcomeUnknown when nobody can know.
        """
        started = time.monotonic()
        try:
            answer = self._send(payload, started, leaving)
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
            return self._exchange(self._client().build_request("GET", url), started)
        except NOT_SENT as error:
            raise NotSent(N_("The ERP cannot be reached at {url}: {reason}"), url=url, reason=_reason(error)) from None
        except OUTCOME_UNKNOWN as error:
            raise OutcomeUnknown(N_("No answer after {seconds} s: {reason}"), **_spent(started), reason=_reason(error)) from None

    def _send(self, payload: Payload, started: float, leaving: Callable[[], None] | None) -> Answer:
        request = self._client().build_request("POST", payload.url, headers=dict(payload.headers), content=payload.body)
        if leaving is not None:
            request.extensions["trace"] = _before_sending(leaving)
        return self._exchange(request, started)

    def _exchange(self, request: httpx.Request, started: float) -> Answer:
        response = self._client().send(request, stream=True)
        try:
            body = self._read(response, started)
        finally:
            response.close()
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            duration_ms=round((time.monotonic() - started) * 1000),
        )

    def _read(self, response: httpx.Response, started: float) -> bytes:
        """The body, within the time-out as a whole: a server that drips bytes does not hold a lane for ever."""
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise OutcomeUnknown(N_("The answer is longer than {limit} MB."), limit=MAX_ANSWER_BYTES // 1024**2)
            if time.monotonic() - started > self._profile.timeout_s * 2:
                raise OutcomeUnknown(N_("The answer was not complete after {seconds} s."), **_spent(started))
        return b"".join(chunks)

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

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None or client.is_closed:
            client = self._local.client = self._new_client()
        return client

    def _new_client(self) -> httpx.Client:
        profile = self._profile
        with self._lock:
            if self._tls is None:  # reading the certificates costs more than many calls: once for all threads
                self._tls = self._tls_context()
            client = httpx.Client(
                timeout=httpx.Timeout(profile.timeout_s, connect=min(profile.connect_timeout_s, profile.timeout_s)),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_S),
                verify=self._tls,
                trust_env=False,
                headers={"Accept-Encoding": "identity", "User-Agent": "tiptop-importer"},
            )
            self._clients.append(client)
        return client

    def _tls_context(self) -> ssl.SSLContext | bool:
        profile = self._profile
        urls = (profile.standard_url, profile.custom_url)
        if not profile.verify_tls or not any(url.startswith("https:") for url in urls):
            return False
        context = ssl.create_default_context()
        if profile.ca_file:
            context.load_verify_locations(profile.ca_file)
        return context


def _before_sending(leaving: Callable[[], None]) -> Callable[[str, object], None]:
    """Tell httpx to call `leaving` before it sends."""

    def trace(name: str, _: object) -> None:
        if name.endswith((".send_request_headers.started", ".send_request_body.started")):  # without its body it is no request yet
            leaving()

    return trace


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
