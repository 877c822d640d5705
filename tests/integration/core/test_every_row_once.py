"""The law of results: every data row exactly once with one status, and totals that add up, whatever becomes of the documents."""

from __future__ import annotations

import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_folder import Movements, Rows, SiteFolder, clean, moved_in, movements_of, sound_rows

from importer.simulator import FaultKind, FaultRule, Simulator

STATUS = {"good": "posted", "bad": "check failed", "refused": "refused", "unknown": "unknown", "there": "already imported"}
FATES = st.lists(st.tuples(st.sampled_from(sorted(STATUS)), st.integers(1, 3)), min_size=1, max_size=7)


def _documents(fates: list[tuple[str, int]], seed: int) -> list[tuple[str, Rows]]:
    """What each document is to become, and its rows; keys stand on the first row only."""
    rows = sound_rows(documents=len(fates), lines=3, seed=seed)
    made = []
    for position, (fate, lines) in enumerate(fates):
        mine = [dict(row) for row in rows[3 * position : 3 * position + lines]]
        if fate == "bad":
            mine[-1]["qty"] = "a dozen"
        if fate == "refused":
            mine[-1]["item_no"] = "NO-SUCH-ITEM"
        made.append((fate, mine))
    return made


def _quantities(documents: list[tuple[str, Rows]], *fates: str) -> Movements:
    rows = [row for fate, rows in documents if fate in fates for row in rows]
    return {place: -number for place, number in movements_of("misc_issue", rows).items()}


def _typed(value: object) -> object:
    return value if isinstance(value, str) else Decimal(str(value))


def _summary(path: Path) -> tuple[dict[str, Any], dict[tuple[str, str], tuple[Decimal, Decimal]]]:
    """Status -> rows, and per item and warehouse the sums of the workbook and of what is done, as the first sheet says."""
    rows = [[cell.value for cell in row[:4]] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]
    heads = [index for index, row in enumerate(rows) if row[:2] == ["Item", "Warehouse"]]
    sums = (
        {(str(row[0]), str(row[1])): (Decimal(str(row[2])), Decimal(str(row[3]))) for row in rows[heads[0] + 1 :] if row[0]}
        if heads
        else {}
    )
    return {str(row[0]): row[1] for row in rows}, sums


@given(fates=FATES, seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_every_row_once_and_totals_exact(fates: list[tuple[str, int]], seed: int) -> None:
    """Good, wrong, refused, unknown and already imported documents in any mixture: rows, counts, sums and to-fix file are right."""
    documents = _documents(fates, seed)
    every = [row for _, rows in documents for row in rows]
    with tempfile.TemporaryDirectory() as folder, Simulator() as erp:
        site = SiteFolder(Path(folder), erp.standard_url, grace_s=3600, concurrency=1)
        if there := [row for fate, rows in documents if fate == "there" for row in rows]:
            site.run(site.workbook(there, name="before.xlsx"))
        sent = [fate for fate, _ in documents if fate in ("good", "refused", "unknown")]
        lost = [position for position, fate in enumerate(sent) if fate == "unknown"]
        for earlier, position in enumerate(lost):  # a rule does not count the calls that an earlier one has hit
            erp.add_faults(FaultRule(kind=FaultKind.RESET_BEFORE, operation="create", skip=position - earlier, times=1))
        report = site.run(site.workbook(every), policy="good", wait=False)
        _judge(site, report, documents)
        assert moved_in(erp) == movements_of("misc_issue", [row for fate, rows in documents if fate in ("good", "there") for row in rows])
        clean(erp)


def _judge(site: SiteFolder, report: Any, documents: list[tuple[str, Rows]]) -> None:
    expected = [STATUS[fate] for fate, rows in documents for _ in rows]
    if report.batch is None:  # nothing sound in it: the annotated workbook, and nothing to fix apart
        assert {fate for fate, _ in documents} == {"bad"}
        assert report.tofix is None
    results = site.results_rows(report.results)
    assert [row["_row"] for row in results] == list(range(3, 3 + len(expected)))
    assert [row["_result.status"] for row in results] == expected
    told, sums = _summary(report.results)
    counts = Counter(expected)
    assert {status: told[status] for status in STATUS.values()} == {status: counts[status] for status in STATUS.values()}
    assert told["Rows read"] == len(expected)
    assert {place: whole for place, (whole, _) in sums.items() if whole} == _quantities(documents, "good", "refused", "unknown", "there")
    assert {place: done for place, (_, done) in sums.items() if done} == _quantities(documents, "good", "there")
    to_fix = [row for fate, rows in documents if fate in ("bad", "refused") for row in rows]
    if report.batch and to_fix:
        rows = site.results_rows(report.tofix)
        assert [row["item_no"] for row in rows] == [row["item_no"] for row in to_fix]
        assert [_typed(row["qty"]) for row in rows] == [_typed(row["qty"]) for row in to_fix]
        assert all(row["doc_key"] and row["doc_date"] for row in rows)
    else:
        assert report.tofix is None
