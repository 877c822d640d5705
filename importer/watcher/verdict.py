"""What a report means for its file: where it goes and why, or that it stays and is taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from importer.api.values import RunReport
from importer.issue_catalogue import render
from importer.messages import N_, translate
from importer.models import Severity

__all__ = ["Verdict", "cancelled", "damaged", "given_up", "gone", "of_report", "stays"]

Words = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One attempt's end."""

    outcome: str  # done, tofix, failed; empty: the file stays in `working`
    exit_code: int
    message: str = ""  # in the user's language
    language: str = "en"
    facts: Mapping[str, object] = field(default_factory=dict)  # numbers for messages to people
    batch: str = ""
    interrupted: bool = False  # stays, and not because of trouble


def of_report(report: RunReport, language: str) -> Verdict:
    """Of a run or resume that came to its end."""
    language = report.language or language
    base = Verdict(outcome="", exit_code=report.exit_code, language=language, facts=_facts(report), batch=report.batch or "")
    if report.interrupted:
        return replace(base, interrupted=True)
    if report.unavailable is not None:
        return replace(base, message=translate(report.unavailable.text, language, **report.unavailable.values))
    if report.unknown:
        return replace(base, message=translate(UNKNOWN, language, number=report.unknown))
    outcome, words = _end(report)
    lines = [translate(text, language, **values) for text, values in words]
    return replace(base, outcome=outcome, message="\n".join([*lines, *_issue_lines(report, language)]))


UNKNOWN = N_("The ERP has not said yet what became of {number} documents. They are asked about again; never enter them by hand.")


def _end(report: RunReport) -> tuple[str, list[Words]]:
    errors = [found for found in report.issues if found.severity is Severity.ERROR]
    if report.twice:
        return "failed", [(N_("{count} documents stand in the ERP under several numbers; the results say which."), {"count": report.twice})]
    if any(found.code.startswith("file_") for found in errors):
        return "failed", [
            (N_("This file cannot be read, and nothing of it was sent. Save it anew in Excel and drop it into the inbox."), {})
        ]
    words: list[Words] = []
    if errors and report.batch is None:
        words.append((N_("The workbook has mistakes, and nothing of it was sent. Correct them and drop it into the inbox again."), {}))
    elif errors:
        words.append((N_("Some documents have mistakes and were not sent. Correct them and drop the workbook into the inbox again."), {}))
    if report.rejected:
        text = N_("The ERP refused {number} documents. Correct the to-fix workbook, or the results where there is none, and drop that in.")
        words.append((text, {"number": report.rejected}))
    return ("tofix" if words else "done"), words


def _issue_lines(report: RunReport, language: str) -> list[str]:
    """Every issue with its place."""
    lines = []
    for found in report.issues:
        place = f"{found.sheet or ''}!{found.cell or found.row}" if found.row else (found.sheet or "")
        lines.append(f"{place}: {render(found, language)}" if place else render(found, language))
    return lines


def _facts(report: RunReport) -> dict[str, object]:
    return {
        "document_type": report.document_type or "",
        "rows": report.rows,
        "documents": report.documents,
        "lines": report.lines,
        "stages": dict(report.stages),
        "rejected": report.rejected,
        "unknown": report.unknown,
        "already_imported": report.already_imported,
        "errors": sum(found.severity is Severity.ERROR for found in report.issues),
    }


def stays(exit_code: int, message: str, language: str, batch: str) -> Verdict:
    """The attempt could not be made; there will be another one."""
    return Verdict(outcome="", exit_code=exit_code, message=message, language=language, batch=batch)


def damaged(reason: str, language: str) -> Verdict:
    """Not imported: a part of the file is missing."""
    text = N_("The file is damaged or was not copied completely ({reason}), and nothing of it was sent. Copy it into the inbox again.")
    return Verdict(outcome="failed", exit_code=1, message=translate(text, language, reason=reason), language=language)


def gone(language: str) -> Verdict:
    """Somebody took it out of `working` before anything of it was recorded."""
    text = N_("The file was taken out of the working folder before it was imported; nothing of it was sent.")
    return Verdict(outcome="failed", exit_code=1, message=translate(text, language), language=language)


def cancelled(batch: str, language: str) -> Verdict:
    """A person cancelled or undid its batch."""
    text = N_("Batch {batch} was cancelled or undone. To import the file anew, drop it into the inbox again.")
    return Verdict(outcome="failed", exit_code=1, message=translate(text, language, batch=batch), language=language, batch=batch)


def given_up(last: Verdict, hours: float) -> Verdict:
    """After so many hours of trouble."""
    text = N_(
        "Given up after {hours} hours. Nothing is lost and nothing will be posted twice: drop the file into the inbox again,"
        " or run: importer resume {batch}"
    )
    words = [translate(text, last.language, hours=f"{hours:g}", batch=last.batch), last.message]
    return Verdict(
        outcome="failed",
        exit_code=last.exit_code,
        message="\n".join(word for word in words if word),
        language=last.language,
        facts=last.facts,
        batch=last.batch,
    )
