from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from integration.simulator.wire import Client

from importer.simulator import FaultKind, FaultRule, Simulator
from importer.simulator.faults import BEFORE

F = FaultKind
CUSTOM_ONLY = {F.AWS_086}
NO_ANSWER = {F.RESET_BEFORE, F.CLOSE_BEFORE, F.LOST_ANSWER, F.RESET_AFTER, F.CUT}
STATUS = {
    F.HTTP_429: 429,
    F.HTTP_500_BEFORE: 500,
    F.HTTP_502: 502,
    F.HTTP_503: 503,
    F.HTML_GB2312: 500,
    F.HTTP_500_AFTER: 500,
    F.HTTP_502_AFTER: 502,
}


def _create(client: Client) -> httpx.Response | None:
    """The answer to a create, or None when the connection broke."""
    try:
        return client.create("misc_issue").http
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in CUSTOM_ONLY])
def test_each_fault_happens_once_and_on_its_side_of_the_commit(erp: Simulator, client: Client, kind: FaultKind) -> None:
    """Before: the ERP has nothing. After: it has the document, whatever the client saw. The next call is answered well."""
    erp.add_faults(FaultRule(kind=kind, operation="create", times=1))
    answer = _create(client)
    assert len(erp.documents()) == (0 if kind in BEFORE else 1)
    assert (answer is None) == (kind in NO_ANSWER)
    if answer is not None:
        assert answer.status_code == STATUS.get(kind, 200)
    number = client.made("misc_issue")
    assert number == ("I01-24010001" if kind in BEFORE else "I01-24010002")
    faulty = erp.calls("create")[0]
    assert (faulty.fault, faulty.delivered) == ("" if kind in (F.SLOW, F.SLOW_BEFORE) else kind.value, kind not in NO_ANSWER)


def test_the_answers_are_as_ugly_as_they_say(erp: Simulator, client: Client) -> None:
    """429 names a time, the lock its SQL code, pages are no JSON, half a body is half a body."""

    def answer_with(kind: FaultKind) -> httpx.Response:
        erp.add_faults(FaultRule(kind=kind, times=1, retry_after_s=7))
        answer = _create(client)
        assert answer is not None
        return answer

    assert answer_with(F.HTTP_429).headers["retry-after"] == "7"
    assert answer_with(F.LOCK_263).json()["std_data"]["execution"]["sql_code"] == "-263"
    false = answer_with(F.FALSE_SUCCESS).json()["std_data"]
    assert false["execution"]["code"] == "0"
    assert false["parameter"]["result"]["error"]
    assert answer_with(F.MINUS_ZERO).json()["std_data"]["execution"]["code"] == "-0"
    assert answer_with(F.SRVCODE_100).headers["digi-srvcode"] == "100"
    assert answer_with(F.HTML_GB2312).content.decode("gb2312").startswith("<html>")
    assert answer_with(F.WRONG_CONTENT_TYPE).headers["content-type"] == "text/html"
    empty = answer_with(F.EMPTY_SUCCESS).json()["std_data"]["parameter"]["result"]
    assert empty == {"success": [], "error": []}
    for kind in (F.TRUNCATED, F.NON_UTF8, F.HTML_200):
        with pytest.raises(ValueError, match=r"."):
            answer_with(kind).json()


def test_a_late_erp_acts_although_nobody_waits_any_more(erp: Simulator, client: Client) -> None:
    """The client gives up, finds nothing, and then the document appears: why "not found" needs a grace period."""
    erp.add_faults(FaultRule(kind=F.SLOW_BEFORE, operation="create", times=1, delay_ms=400))
    client.http.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        client.create("misc_issue")
    client.http.timeout = httpx.Timeout(10)
    assert client.query("misc_issue").parameter["result"]["rows"] == []
    deadline = time.monotonic() + 10
    while not erp.documents() and time.monotonic() < deadline:
        client.query("misc_issue")
    assert [made.doc_no for made in erp.documents()] == ["I01-24010001"]
    assert not erp.calls("create")[0].delivered


def test_a_slow_answer_comes_after_the_work(erp: Simulator, client: Client) -> None:
    """The document is there while its create still waits for the answer."""
    erp.add_faults(FaultRule(kind=F.SLOW, operation="create", times=1, delay_ms=300))
    client.http.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        client.create("misc_issue")
    assert len(erp.documents()) == 1


def test_latency_and_capacity_bound_the_erp(erp: Simulator) -> None:
    """Each call takes its time, and no more are at work than the ERP has places: three calls of 30 ms at one place take 90."""
    erp.configure(latency_ms=30.0, capacity=1)

    def look(_: int) -> None:
        with Client(erp.standard_url) as client:
            client.query("transfer")

    begin = time.perf_counter()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(look, range(3)))
    assert time.perf_counter() - begin >= 0.09
