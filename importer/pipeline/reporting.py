"""The results workbook of a batch and what is to be fixed of it, and the annotated workbook of a check."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Batch, Stage, reached
from importer.pipeline.checking import Checked
from importer.pipeline.kept import load_kept
from importer.pipeline.outcomes import Outcomes, batch_outcomes, checked_outcomes
from importer.pipeline.preview import Preview, preview
from importer.pipeline.tofix import repeated_cells, rows_to_fix
from importer.workbook.reader import Sheet, read_workbook
from importer.workbook.results import EARLIER, Facts, explained, results_path, write_results, write_tofix

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["Reported", "annotate", "report"]

NAME_BYTES: Final = 255 - len("_result_20260131-120000-999.xlsx") - len("..01234567.tmp")  # while it is written it has a longer name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The files that a report wrote."""

    results: Path
    tofix: Path | None  # None when there is nothing to correct


def report(
    ledger: Ledger,
    batch: Batch,
    *,
    mapping: DocumentType,
    mappings: Mapping[str, DocumentType],
    folder: Path | None,
    sheet: Sheet | None = None,
) -> Reported:
    """Write the results workbook of a batch from what the ledger knows now, and a to-fix workbook where rows need work.

    `sheet` is the data sheet as it was read when the batch was handed in, where the caller still has it.
    """
    source = Path(batch.file)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / source.name
        copy.write_bytes(ledger.workbook(batch.sha256))
        sheet = sheet or read_workbook(copy, mappings, document_type=batch.document_type)
        kept = load_kept(ledger.issues(batch.id))
        found = batch_outcomes(ledger, batch, mapping, sheet, kept)
        issues = [*kept.issues, *found.refusals]
        language = batch.language
        now = datetime.now()
        results = write_results(
            copy,
            _target(source, folder, now),
            sheet=sheet,
            outcomes=explained(found.rows, issues, language),
            issues=issues,
            facts=_facts(batch, mapping, found),
            language=language,
        )
        if not found.to_fix:
            return Reported(results=results, tofix=None)
        facts = Facts(
            file=source.name,
            document_type=mapping.title_in(language),
            batch=batch.id,
            profile=batch.profile,
            heading=N_("Rows to correct"),
            advice=N_("Only the documents that need work stand here. Correct them and hand in this file; all others are not in it."),
        )
        tofix = write_tofix(
            copy,
            _target(source, folder, now, "tofix"),
            sheet=sheet,
            outcomes=rows_to_fix(found, batch),
            issues=issues,
            repeats=repeated_cells(sheet, mapping, found, issues),
            facts=facts,
            language=language,
        )
    return Reported(results=results, tofix=tofix)


def _facts(batch: Batch, mapping: DocumentType, found: Outcomes) -> Facts:
    return Facts(
        file=Path(batch.file).name,
        document_type=mapping.title_in(batch.language),
        batch=batch.id,
        profile=batch.profile,
        until=batch.until.value,
        documents=found.documents,
        totals=found.totals,
        splits=found.splits,
        already=found.already,
    )


def _target(source: Path, folder: Path | None, now: datetime, kind: str = "result") -> Path:
    """Where results go: the folder asked for, else beside the workbook, else (it is gone or read-only) the working directory."""
    return results_path(_shortened(source), folder or _writable(source.parent), now, kind)


def _writable(folder: Path) -> Path:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path.cwd()


def _shortened(source: Path) -> Path:
    """The same name with room for the results' suffix: file systems take 255 bytes, which are 85 Chinese characters."""
    stem = EARLIER.sub("", source.stem).encode()[:NAME_BYTES].decode(errors="ignore")
    return source.with_name(stem + source.suffix)


def annotate(checked: Checked, *, folder: Path | None, seen: Preview | None = None) -> Path | None:
    """Write the user's workbook with every finding on its cell; None when there is no finding or no sheet to write to.

    `seen` is its preview where the caller has it already.
    """
    if checked.sheet is None or checked.mapping is None or not checked.issues or checked.sheet.rows.empty:
        return None
    seen = seen or preview(checked)
    facts = Facts(
        file=checked.path.name,
        document_type=checked.mapping.title_in(checked.language),
        documents=sum(1 for _ in checked.every_document),
        totals=seen.totals,
        splits=seen.splits,
        already=[(item.key, item.doc_no) for item in seen.standing if reached(item.stage, Stage.POSTED)],
    )
    return write_results(
        checked.path,
        _target(checked.path, folder, datetime.now()),
        sheet=checked.sheet,
        outcomes=explained(checked_outcomes(checked), checked.issues, checked.language),
        issues=checked.issues,
        facts=facts,
        language=checked.language,
    )
