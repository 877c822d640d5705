"""The measuring itself works: nobody finds on the day of a release that the table cannot be made."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.measuring import growth
from benchmarks.stub import Erp
from integration.ledger.conftest import postgresql  # noqa: F401 - skips where there is none

ROOT = Path(__file__).parents[3]


def test_the_whole_table_at_a_tiny_size() -> None:
    """One command makes workbook, ERP, load generator and table; every stage has its time, and what is not measured is not invented."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks",
        "--sizes",
        "20",
        "--repeat",
        "1",
        "--peers",
        "0",
        "--simulated",
        "0",
        "--far-away",
        "20",
        "--one-by-one",
        "20",
        "--format",
        "xml",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "### 20 lines (6 calls)" in done.stdout
    for row in (
        "importer check |",
        "importer run, whole job |",
        "over bare sockets",
        "importer, stage send |",
        "20 ms: pandas.read_excel, one call after the other |",
        *(f"stage: {name} |" for name in ("read", "group", "send", "results")),
    ):
        assert row in done.stdout
    assert "frictionless" not in done.stdout


@pytest.mark.usefixtures("postgresql")
def test_how_soon_a_small_batch_starts_behind_a_large_one() -> None:
    """The script runs with the real commands, and its moments come in the order in which they must."""
    command = [sys.executable, "-m", "tests.benchmarks.behind", "--documents", "120", "--small", "3", "--lanes", "2", "--latency", "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    named = r"recorded ([\d.]+), enqueued ([\d.]+), claimed ([\d.]+), first create ([\d.]+) .*reported ([\d.]+)"
    found = re.search(named, done.stdout)
    assert found, done.stdout
    moments = [float(moment) for moment in found.groups()]
    assert moments == sorted(moments)


def test_a_create_gets_a_number_that_no_other_has() -> None:
    """Runs that are measured end as they do at a real ERP, so each document has its own number, and later calls get it back."""
    erp = Erp(None)
    head = b'POST /CROSS/RESTful HTTP/1.1\r\ndigi-service: {"prod":"TIPTOP","name":"tt.oapi.x.data.create"}'
    body = b'{"std_data":{"parameter":{"list":[{"doc_type_no":"I01"}]}}}'
    numbers = [_success(erp.answer(head, body))[0]["doc_no"] for _ in range(3)]
    assert len(set(numbers)) == 3
    key = b'{"std_data":{"parameter":{"datakeys":[{"doc_type_no":"I01","doc_no":"%s"}]}}}' % numbers[1].encode()
    assert _success(erp.answer(head.replace(b"create", b"post"), key)) == [{"doc_type_no": "I01", "doc_no": numbers[1]}]
    assert _success(erp.answer(head.replace(b"data.create", b"list.data.query.get"), key)) == []


def _success(answer: bytes) -> list[dict[str, str]]:
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    found: list[dict[str, str]] = body["std_data"]["parameter"]["result"]["success"]
    return found


@pytest.mark.parametrize(("seconds", "exponent"), [(10.0, 1.0), (100.0, 2.0), (1.0, 0.0)])
def test_growth(seconds: float, exponent: float) -> None:
    """Ten times the lines in ten times the time is exponent 1, in a hundred times 2."""
    assert growth((1000, 1.0), (10_000, seconds)) == pytest.approx(exponent)
