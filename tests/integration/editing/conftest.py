from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from site_folder import SiteFolder, sound_rows

from importer.api.editing import QueryReport, UpdateReport, query, update
from importer.models import Stage
from importer.simulator import Simulator
from importer.simulator.erp.documents import Document


class Editing:
    """A person with the two commands, at a site whose ERP has open documents."""

    def __init__(self, site: SiteFolder, erp: Simulator) -> None:
        self.site = site
        self.erp = erp

    def fill(self, document_type: str = "misc_issue", rows: list[dict[str, Any]] | None = None, **shape: int) -> list[str]:
        """Create documents in the ERP through an import, one after the other; their numbers in the order of the rows."""
        self.site.configure(concurrency=1)
        before = {document.doc_no for document in self.erp.documents()}
        path = self.site.workbook(rows or sound_rows(document_type, **shape), document_type=document_type)
        report = self.site.run(path, until=Stage.CREATED)
        assert report.exit_code == 0
        self.site.configure()
        return [document.doc_no for document in self.erp.documents(document_type) if document.doc_no not in before]

    def query(self, *where: str, document_type: str = "misc_issue", name: str = "q.xlsx") -> QueryReport:
        return query(document_type, self.site.site(), where=where, out=self.site.folder / name)

    def found(self, *where: str, document_type: str = "misc_issue") -> list[str]:
        """The numbers that a query brings, in their order."""
        numbers = [row["_doc_no"] for row in rows_of(self.query(*where, document_type=document_type).file)]
        return list(dict.fromkeys(numbers))

    def edit(self, changes: Mapping[int, Mapping[str, Any] | None], *, name: str = "q.xlsx") -> Path:
        """Change cells by worksheet row and technical name; None deletes the row."""
        return self.site.edit(self.site.folder / name, lambda row: changes.get(row["_row"], {}), name="edited.xlsx")

    def update(self, path: Path | str = "edited.xlsx") -> UpdateReport:
        return update(self.site.folder / path, self.site.site())

    def results(self, report: UpdateReport) -> list[dict[str, Any]]:
        assert report.results is not None
        return self.site.results_rows(report.results)

    def updates(self) -> int:
        """Calls of `data.update` that the ERP has seen."""
        return self.erp.call_counts().get("update", 0)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The data rows of a queried workbook by technical name."""
    sheet = openpyxl.load_workbook(path).worksheets[1]
    names = [cell.value for cell in sheet[1]]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=3, values_only=True)]


def contents(erp: Simulator) -> dict[str, Document]:
    """Everything that the ERP holds, by number."""
    return {document.doc_no: document for document in erp.documents()}


@pytest.fixture
def editing(site: SiteFolder, erp: Simulator) -> Editing:
    return Editing(site, erp)


@pytest.fixture
def look() -> Callable[[Path], list[dict[str, Any]]]:
    return rows_of
