"""The results workbook of an update: the person's own workbook with what became of every row.

The status words are those of an import: what is updated or unchanged stands in the ERP and says `created`, the message says which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from importer.issue_catalogue import issue, render
from importer.mapping import Mapping as DocumentType
from importer.messages import N_, translate
from importer.models import Issue, Line, RowStatus
from importer.pipeline.edited import Edited
from importer.pipeline.updating import DocumentUpdate, Result
from importer.workbook.results import Facts, RowOutcome, results_path, write_results

__all__ = ["write_update_results"]

STATUS: Final = {
    Result.UPDATED: RowStatus.CREATED,
    Result.UNCHANGED: RowStatus.CREATED,
    Result.REFUSED: RowStatus.REFUSED,
    Result.UNKNOWN: RowStatus.UNKNOWN,
    Result.NOT_SENT: RowStatus.NOT_SENT,
}
STEP: Final = N_("update")


def write_update_results(edited: Edited, mapping: DocumentType, done: Sequence[DocumentUpdate], profile: str) -> Path:
    """Write the results beside the workbook; the path. `done` is empty where nothing was sent because of errors."""
    sheet = edited.sheet
    if sheet is None:
        raise LookupError("a file that cannot be read has no results workbook")
    texts = _row_texts(edited.issues, edited.language)
    outcomes = _failed(edited, texts) if edited.errors else {}
    for item in done:
        outcomes.update(_Rows(item, mapping, edited.language, texts).outcomes())
    for row in sheet.rows.index:
        outcomes.setdefault(int(row), RowOutcome(status=RowStatus.NOT_SENT, message=texts.get(int(row), "")))
    facts = Facts(
        file=edited.path.name,
        document_type=mapping.title_in(edited.language),
        profile=profile,
        documents=len(edited.documents) + len(edited.failed),
    )
    target = results_path(edited.path, None, datetime.now())
    return write_results(edited.path, target, sheet=sheet, outcomes=outcomes, issues=edited.issues, facts=facts, language=edited.language)


def _row_texts(issues: Sequence[Issue], language: str) -> dict[int, str]:
    texts: dict[int, list[str]] = defaultdict(list)
    for found in issues:
        if found.row:
            texts[found.row].append(render(found, language))
    return {row: "\n".join(lines) for row, lines in texts.items()}


def _failed(edited: Edited, texts: Mapping[int, str]) -> dict[int, RowOutcome]:
    outcomes = {}
    for document in edited.failed:
        wrong = next((row for row in document.rows if row in texts), "")
        other = render(issue("document_has_errors", other_row=wrong), edited.language)
        for row in document.rows:
            outcomes[row] = RowOutcome(status=RowStatus.CHECK_FAILED, doc_no=document.key, step="check", message=texts.get(row, other))
    return outcomes


class _Rows:
    """The rows of one document."""

    def __init__(self, item: DocumentUpdate, mapping: DocumentType, language: str, texts: Mapping[int, str]) -> None:
        self._item = item
        self._mapping = mapping
        self._language = language
        self._texts = texts

    def outcomes(self) -> Iterator[tuple[int, RowOutcome]]:
        item = self._item
        numbers = item.changes.numbers if item.changes else {}
        for position, line in enumerate(item.document.lines):
            number = numbers.get(line.row)
            yield (
                line.row,
                RowOutcome(
                    status=STATUS[item.result],
                    doc_no=item.document.key,
                    line_no=int(number) if number is not None else None,
                    step="" if item.result in (Result.UNCHANGED, Result.NOT_SENT) else STEP,
                    code=item.code,
                    message="\n".join(text for text in (self._message(line, first=position == 0), self._texts.get(line.row, "")) if text),
                ),
            )

    def _message(self, line: Line, *, first: bool) -> str:
        item = self._item
        if item.result in (Result.UPDATED, Result.UNCHANGED):
            return self._changed(line, first=first)
        text = self._say(item.text, **(item.values or {})) if item.text else ""
        if item.result is Result.UNKNOWN:
            advice = N_("Nobody knows whether the ERP has done this. Run the same update again later: it looks in the ERP first.")
            return f"{text} {self._say(advice)}".strip()
        return text

    def _changed(self, line: Line, *, first: bool) -> str:
        """What was changed by this row; the header's fields are told on the first one."""
        changes = self._item.changes
        header = list(changes.header) if changes and first else []
        if changes and line.row in changes.added:
            names, text = header, N_("updated: line added")
        else:
            names = header + list(changes.rows.get(line.row, ()) if changes else ())
            text = N_("updated") if names else N_("unchanged")
        labels = ", ".join(self._mapping.fields[name].label_in(self._language) for name in names)
        return f"{self._say(text)}: {labels}" if labels else self._say(text)

    def _say(self, text: str, **values: object) -> str:
        return translate(text, self._language, **values)
