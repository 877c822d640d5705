"""What commands print: JSON on standard output, everything for people on standard error or, without --json, standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from importer.api.values import CheckReport, RunReport
from importer.cli.language import say, terminal_language
from importer.errors import ConfigurationError, ErpUnavailable, ImporterError, LedgerUnavailable
from importer.issue_catalogue import render, title
from importer.messages import N_
from importer.models import Issue, Severity

if TYPE_CHECKING:
    from importer.pipeline.preview import Preview
    from importer.workbook.controls import ControlTotal

__all__ = [
    "check_json",
    "error_text",
    "fail",
    "issue_json",
    "print_issues",
    "print_json",
    "print_preview",
    "print_run",
    "run_json",
    "table",
    "tell",
    "warn",
]

COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "blue"}
SHOWN_DOCUMENTS = 10  # named on a terminal
SHOWN_GROUPS = 20  # sums on a terminal
SHOWN_ISSUES = 40  # on a terminal; the annotated workbook and --json have all of them


def tell(text: str, /, **values: object) -> None:
    """A sentence on standard output."""
    sys.stdout.write(say(text, **values) + "\n")


def warn(text: str, /, **values: object) -> None:
    """A sentence on standard error."""
    sys.stderr.write(say(text, **values) + "\n")


def print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """The command's one JSON document: always an array."""
    json.dump(list(rows), sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def table(rows: Iterable[Sequence[object]], headings: Sequence[str]) -> None:
    """A plain table on standard output, Chinese characters two columns wide."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        shown.add_column(heading, overflow="fold")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else str(cell) for cell in row))
    Console(file=sys.stdout, highlight=False, markup=False).print(shown)


# -- errors ----------------------------------------------------------------------------------------------------------


def error_text(error: ImporterError) -> str:
    """What went wrong, in the terminal's language."""
    return say(error.text, **error.values) if error.values else say(error.text)


def fail(error: Exception, *, as_json: bool) -> int:
    """Print an error as a sentence and return its exit code."""
    if isinstance(error, ConfigurationError):
        code = 2
    elif isinstance(error, ErpUnavailable | LedgerUnavailable):
        code = 4
    elif isinstance(error, ImporterError):
        code = 1
    elif isinstance(error, OSError):
        code, error = 2, ConfigurationError("{reason}", reason=f"{error.strerror or error}: {error.filename or ''}".strip(": "))
    else:
        code = 1
    text = error_text(error) if isinstance(error, ImporterError) else _unexpected(error)
    sys.stderr.write(text + "\n")
    if as_json:
        print_json([{"error": text, "exit_code": code}])
    return code


def _unexpected(error: Exception) -> str:
    """A fault of ours: the details go into a file, the user gets a sentence."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="importer-fault-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return say(
        N_("The importer came upon a fault of its own ({kind}). Nothing is lost; details for the developers: {file}"),
        kind=type(error).__name__,
        file=file.name,
    )


# -- check -----------------------------------------------------------------------------------------------------------


def issue_json(found: Issue, language: str) -> dict[str, Any]:
    """One issue as design §8 lists it."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": render(found, language),
        "sheet": found.sheet,
        "cell": found.cell,
        "row": found.row,
        "column": found.header,
        "field": found.field,
        "value": found.value,
    }


def check_json(report: CheckReport) -> dict[str, Any]:
    """One file of `check`."""
    return {
        "file": str(report.file),
        "document_type": report.document_type,
        "rows": report.rows,
        "documents": report.documents,
        "lines": report.lines,
        "already_imported": report.already_imported,
        "issues": [issue_json(found, report.language) for found in report.issues],
        "annotated": _path(report.annotated),
        **_preview_json(report.preview),
    }


def _preview_json(preview: Preview) -> dict[str, Any]:
    return {
        "totals": [_total_json(total) for total in preview.totals],
        "splits": [{"key": split.key, "lines": split.lines, "parts": split.parts} for split in preview.splits],
        "standing": [
            {"key": item.key, "doc_no": item.doc_no, "stage": item.stage.value, "rows": list(item.rows)} for item in preview.standing
        ],
    }


def _total_json(total: ControlTotal) -> dict[str, Any]:
    sums = [{"group": list(group), "sum": whole, "already_imported": done} for group, (whole, done) in sorted(total.sums.items())]
    return {"field": total.field, "by": list(total.by), "sums": sums}


def run_json(report: RunReport) -> dict[str, Any]:
    """One file of `run`, `demo` or `resume`."""
    return {
        "file": report.file,
        "batch": report.batch,
        "document_type": report.document_type,
        "rows": report.rows,
        "documents": report.documents,
        "lines": report.lines,
        "stages": dict(report.stages),
        "rejected": report.rejected,
        "unknown": report.unknown,
        "already_imported": report.already_imported,
        "issues": len(report.issues),
        "results": _path(report.results),
        "tofix": _path(report.tofix),
    }


def _path(path: Path | None) -> str | None:
    return str(path.resolve()) if path else None


def print_issues(issues: Sequence[Issue], language: str) -> None:
    """The issues of a file: how many of which rule, then the first ones with their cells."""
    from rich.text import Text

    from importer.workbook.overview import SEVERITY_TEXTS, by_rule

    counts = {severity: sum(found.severity is severity for found in issues) for severity in Severity}
    tell(
        N_("{errors} errors, {warnings} warnings, {hints} hints"),
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        hints=counts[Severity.HINT],
    )
    words = {severity: Text(say(text), style=COLOURS[severity]) for severity, text in SEVERITY_TEXTS.items()}
    if len(issues) > 1:
        rules = [[words[severity], count, title(code, language)] for severity, code, count in by_rule(issues)]
        table(rules, [say(heading) for heading in (N_("Severity"), N_("Count"), N_("Finding"))])
    order = list(Severity)
    first = sorted(issues, key=lambda found: order.index(found.severity))[:SHOWN_ISSUES]
    for found in first:
        place = f"{found.sheet or ''}!{found.cell or found.row}" if found.row else (found.sheet or "")
        sys.stdout.write(f"  {place:<12} {words[found.severity].plain}: {render(found, language)}\n")
    if len(issues) > SHOWN_ISSUES:
        tell(N_("  ... and {more} more; the annotated workbook has them all."), more=len(issues) - SHOWN_ISSUES)


def print_preview(preview: Preview, issues: Sequence[Issue]) -> None:
    """What a check found would be sent: long documents where the issues did not name them, what the ERP has already, quantities."""
    if len(issues) > SHOWN_ISSUES:
        for split in preview.splits[:SHOWN_DOCUMENTS]:
            tell(N_("  {key}: {lines} lines become {parts} documents"), key=split.key, lines=split.lines, parts=split.parts)
        _tell_more(len(preview.splits))
    for item in preview.standing[:SHOWN_DOCUMENTS]:
        tell(N_("  {key} is in the ERP: {number}, {stage}"), key=item.key, number=item.doc_no, stage=say(item.stage.value))
    _tell_more(len(preview.standing))
    for total in preview.totals:
        some_done = any(done for _, done in total.sums.values())
        groups = sorted(total.sums.items())
        rows = [[*group, f"{whole:f}", *([f"{done:f}"] if some_done else [])] for group, (whole, done) in groups[:SHOWN_GROUPS]]
        if len(groups) > 1:
            sums = [sum((pair[side] for pair in total.sums.values()), Decimal(0)) for side in ((0, 1) if some_done else (0,))]
            hidden = [["..."]] if len(groups) > SHOWN_GROUPS else []
            rows += [*hidden, [say(N_("all {count}"), count=len(groups)), *[""] * (len(total.by) - 1), *(f"{number:f}" for number in sums)]]
        if rows:
            table(rows, [*total.headings, *([say(N_("Already imported"))] if some_done else [])])


def _tell_more(count: int) -> None:
    if count > SHOWN_DOCUMENTS:
        tell(N_("  ... and {more} more; --json has them all."), more=count - SHOWN_DOCUMENTS)


def print_run(report: RunReport) -> None:
    """The outcome of one file for people."""
    language = terminal_language()
    tell(
        N_("{file}: {documents} documents, {lines} lines: {stages}"),
        file=report.file,
        documents=report.documents,
        lines=report.lines,
        stages=", ".join(f"{say(stage)} {number}" for stage, number in report.stages.items()) or "-",
    )
    for text, number in (
        (N_("  already imported: {number}"), report.already_imported),
        (N_("  refused by the ERP: {number}"), report.rejected),
        (N_("  unknown, to be settled: {number}"), report.unknown),
    ):
        if number:
            tell(text, number=number)
    if report.issues:
        print_issues(report.issues, report.language or language)
    if report.unavailable:
        warn("{text}", text=error_text(report.unavailable))
    if report.interrupted or report.unavailable:
        warn(N_("Nothing is lost. Carry on with: importer resume {batch}"), batch=report.batch or "")
    if report.results:
        tell(N_("  results: {path}"), path=report.results)
    if report.tofix:
        tell(N_("  to correct and hand in again: {path}"), path=report.tofix)


STAGE_TEXTS = (N_("new"), N_("created"), N_("approved"), N_("posted"), N_("void"), N_("deleted"))
