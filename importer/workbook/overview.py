"""What the first sheet of a results workbook says: control totals, then findings by rule, then the details."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from importer.issue_catalogue import render, title
from importer.messages import N_, translate
from importer.models import Issue, RowStatus, Severity
from importer.workbook.controls import ControlTotal, Split
from importer.workbook.patch import SummarySheet

__all__ = ["COLOUR", "SEVERITY_TEXTS", "Facts", "by_rule", "overview", "status_text"]

SUMMARY_TITLE: Final = "結果 Summary"
LISTED: Final = 1_000  # documents named in the summary; the data sheet has all of them

COLOUR: Final = {
    RowStatus.POSTED: "ok",
    RowStatus.APPROVED: "ok",
    RowStatus.CREATED: "ok",
    RowStatus.ALREADY_IMPORTED: "hint",
    RowStatus.CHECK_FAILED: "error",
    RowStatus.REFUSED: "error",
    RowStatus.UNKNOWN: "warning",
    RowStatus.NOT_SENT: "warning",
}
STATUS_TEXTS: Final = {
    RowStatus.POSTED: N_("posted"),
    RowStatus.APPROVED: N_("approved"),
    RowStatus.CREATED: N_("created"),
    RowStatus.ALREADY_IMPORTED: N_("already imported"),
    RowStatus.CHECK_FAILED: N_("check failed"),
    RowStatus.REFUSED: N_("refused"),
    RowStatus.UNKNOWN: N_("unknown"),
    RowStatus.NOT_SENT: N_("not sent"),
}
SEVERITY_TEXTS: Final = {Severity.ERROR: N_("error"), Severity.WARNING: N_("warning"), Severity.HINT: N_("hint")}

Row = list[str | int | Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the summary says besides counts of rows."""

    file: str
    document_type: str  # its title for people
    batch: str = ""
    profile: str = ""
    until: str = ""
    documents: int = 0
    totals: Sequence[ControlTotal] = ()
    splits: Sequence[Split] = ()
    already: Sequence[tuple[str, str]] = ()  # key and number of what the ERP had before
    heading: str = N_("Results")
    advice: str = ""  # what to do with this workbook


def status_text(status: RowStatus, language: str) -> str:
    """The status as the results show it: in the user's language, and in English, by which a consultant or a formula can go."""
    translated = translate(STATUS_TEXTS[status], language)
    return translated if translated == status.value else f"{translated} {status.value}"


def by_rule(issues: Collection[Issue]) -> list[tuple[Severity, str, int]]:
    """Severity, code and how often: errors first, then by number."""
    order = list(Severity)
    found = Counter((issue.severity, issue.code) for issue in issues)
    return [(severity, code, n) for (severity, code), n in sorted(found.items(), key=lambda item: (order.index(item[0][0]), -item[1]))]


def overview(statuses: Collection[RowStatus], issues: Sequence[Issue], facts: Facts, language: str) -> SummarySheet:
    """The summary of rows with these statuses and these findings."""
    page = _Page(language)
    page.facts(facts)
    page.rows(Counter(statuses))
    page.whole_totals(facts.totals)
    page.findings(issues)
    page.table((N_("Document key"), N_("Lines"), N_("Parts")), [(split.key, split.lines, split.parts) for split in facts.splits])
    page.table((N_("Already imported"), N_("Document number")), facts.already)
    page.totals(facts.totals)
    return page.sheet()


class _Page:
    """The sheet while it is being written, row by row."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._rows: list[Row] = []
        self._bold: set[int] = set()
        self._shades: dict[tuple[int, int], str] = {}

    def facts(self, facts: Facts) -> None:
        """Where it comes from."""
        self._heading(self._say(facts.heading))
        if facts.advice:
            self._rows.append([self._say(facts.advice)])
        named = (
            (N_("File"), facts.file),
            (N_("Document type"), facts.document_type),
            (N_("Batch"), facts.batch),
            (N_("Profile"), facts.profile),
            (N_("As far as"), self._say(facts.until) if facts.until else ""),
            (N_("Documents"), facts.documents),
        )
        self._rows += [[self._say(label), value] for label, value in named if value != ""]

    def rows(self, counts: Mapping[RowStatus, int]) -> None:
        """How many rows have which status, and their sum."""
        self._heading(self._say(N_("Status")), self._say(N_("Rows")))
        for status in RowStatus:
            if number := counts.get(status, 0):
                self._shades[len(self._rows), 0] = COLOUR[status]
            self._rows.append([status_text(status, self._language), number])
        self._bold.add(len(self._rows))
        self._rows.append([self._say(N_("Rows read")), sum(counts.values())])

    def whole_totals(self, totals: Sequence[ControlTotal]) -> None:
        """The sums over everything, one row per summed field."""
        if not totals:
            return
        self._heading(self._say(N_("Control total")), self._say(N_("workbook")), self._say(N_("done")))
        for label, sums in {total.headings[-1]: total.sums for total in totals}.items():
            whole, done = (sum((pair[side] for pair in sums.values()), Decimal(0)) for side in (0, 1))
            self._rows.append([label, whole, done])

    def findings(self, issues: Sequence[Issue]) -> None:
        """Which rules were broken how often; what concerns the whole file in words."""
        if not issues:
            return
        self._heading(self._say(N_("Finding")), self._say(N_("Count")), self._say(N_("Severity")))
        for severity, code, count in by_rule(issues):
            self._shades[len(self._rows), 2] = severity.value
            self._rows.append([title(code, self._language), count, self._say(SEVERITY_TEXTS[severity])])
        self._rows += [[render(issue, self._language)] for issue in issues if issue.row is None]

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
        """A list of documents; nothing without any."""
        if not rows:
            return
        self._heading(*(self._say(heading) for heading in headings))
        self._rows += [list(row) for row in rows[:LISTED]]
        if len(rows) > LISTED:
            self._rows.append([self._say(N_("... and {more} more"), more=len(rows) - LISTED)])

    def totals(self, totals: Sequence[ControlTotal]) -> None:
        """The sums of each group."""
        for total in totals:
            *by, summed = total.headings
            self._heading(*by, f"{summed}: {self._say(N_('workbook'))}", f"{summed}: {self._say(N_('done'))}")
            self._rows += [[*group, whole, done] for group, (whole, done) in sorted(total.sums.items())]

    def sheet(self) -> SummarySheet:
        """What was written."""
        return SummarySheet(
            title=SUMMARY_TITLE, rows=self._rows, bold_rows=frozenset(self._bold), widths=(34, 22, 22, 22), shades=self._shades
        )

    def _heading(self, *cells: str) -> None:
        if self._rows:
            self._rows.append([])
        self._bold.add(len(self._rows))
        self._rows.append(list(cells))

    def _say(self, text: str, **values: object) -> str:
        return translate(text, self._language, **values)
