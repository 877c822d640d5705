"""query and update: documents of the ERP into a workbook, and back."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from importer.api.opening import Site, limits_for, make_folder, require_url
from importer.errors import ConfigurationError, ErpUnavailable, UnreadableWorkbook
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Issue, Severity
from importer.workbook.extra import DOC_NO

__all__ = ["QueryReport", "UpdateReport", "query", "update"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReport:
    """What a query brought."""

    document_type: str
    documents: int
    lines: int
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What became of an edited workbook. Documents that are in none of the four numbers were not sent."""

    file: Path
    document_type: str | None
    documents: int
    updated: int
    unchanged: int
    refused: int
    unknown: int
    issues: Sequence[Issue]
    results: Path | None
    language: str
    interrupted: bool = False
    unavailable: ErpUnavailable | None = None

    @property
    def exit_code(self) -> int:
        """As design §8 lists them."""
        if self.interrupted:
            return 130
        if any(found.code == "file_not_found" for found in self.issues):
            return 2
        if self.unavailable:
            return 4
        if self.unknown:
            return 3
        return 1 if self.refused or any(found.severity is Severity.ERROR for found in self.issues) else 0


# -- query -----------------------------------------------------------------------------------------------------------


def query(document_type: str, site: Site, *, where: Sequence[str] = (), out: Path | None = None) -> QueryReport:
    """Write the documents that meet all conditions to a workbook: `out`, else one named by type and time in the working directory.

    Raises ConfigurationError for a bad condition, or when `out` is a file that no query made; ErpUnavailable without an ERP.
    """
    from importer.pipeline.querying import query as ask

    require_url(site.profile)
    mapping = site.mapping(document_type).untranslated()
    path = _target(mapping, site, out)
    make_folder(path.parent)
    scratch, name = _scratch(path)
    try:
        with scratch, limits_for(site) as limits:
            language = site.language or site.profile.language
            found = ask(mapping, where, profile=site.profile, language=language, file=scratch, limits=limits)
        name.replace(path)
    finally:
        name.unlink(missing_ok=True)
    return QueryReport(document_type=document_type, documents=found.documents, lines=found.lines, file=path)


def _scratch(path: Path) -> tuple[IO[bytes], Path]:
    """A file beside `path` with the rights that a new file has: what is written there takes the other's place when it is whole."""
    handle, name = tempfile.mkstemp(prefix=".query-", suffix=".tmp", dir=path.parent)
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    return os.fdopen(handle, "wb"), Path(name)


def _target(mapping: DocumentType, site: Site, out: Path | None) -> Path:
    """Where the workbook goes. A file that was not made by query is never overwritten."""
    if out is None or out.is_dir():
        return _free((out or Path()) / f"{mapping.document_type}_query_{datetime.now():%Y%m%d-%H%M%S}.xlsx")
    if out.suffix.lower() != ".xlsx":
        raise ConfigurationError(N_("{file}: a query is written as a workbook; give it a name that ends with .xlsx."), file=str(out))
    if out.exists() and not _made_by_query(out, site):
        raise ConfigurationError(N_("{file} is there already and was not made by query; nothing was changed."), file=str(out))
    return out


def _free(path: Path) -> Path:
    stem, number = path.stem, 2
    while path.exists():
        path = path.with_name(f"{stem}-{number}.xlsx")
        number += 1
    return path


def _made_by_query(path: Path, site: Site) -> bool:
    """By its columns; a results workbook has them, too, but is what somebody still needs."""
    from importer.workbook.reader import read_workbook

    try:
        columns = read_workbook(path, site.mappings, extra=[DOC_NO, "_result.status"]).columns
    except UnreadableWorkbook:
        return False
    return DOC_NO in columns and "_result.status" not in columns


# -- update ----------------------------------------------------------------------------------------------------------


def update(file: Path, site: Site, *, stop: threading.Event | None = None) -> UpdateReport:
    """Bring the ERP's unapproved documents to what an edited workbook says, and write its results beside it.

    Nothing is sent while the check finds an error. Raises ConfigurationError where the site cannot update, ErpUnavailable when
    the ERP is not there to begin with.
    """
    from importer.pipeline.edited import check_edited
    from importer.pipeline.update_results import write_update_results
    from importer.pipeline.updating import Result, Updated
    from importer.pipeline.updating import update as send

    require_url(site.profile)
    edited = check_edited(file, mappings=site.plain_mappings, profile=site.profile, language=site.language)
    mapping = edited.sheet.mapping if edited.sheet else None
    done, results = Updated(documents=[]), None
    if mapping is not None and not edited.errors:
        with limits_for(site) as limits:
            done = send(edited, mapping, profile=site.profile, stop=stop or threading.Event(), limits=limits)
    if mapping is not None and edited.sheet is not None and edited.sheet.readable:
        results = write_update_results(edited, mapping, done.documents, site.profile.name)
    counts = Counter(item.result for item in done.documents)
    return UpdateReport(
        file=file,
        document_type=mapping.document_type if mapping else None,
        documents=len(edited.documents) + len(edited.failed),
        updated=counts[Result.UPDATED],
        unchanged=counts[Result.UNCHANGED],
        refused=counts[Result.REFUSED],
        unknown=counts[Result.UNKNOWN],
        issues=edited.issues,
        results=results,
        language=edited.language,
        interrupted=done.interrupted,
        unavailable=done.unavailable,
    )
