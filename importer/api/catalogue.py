"""apis and spec: the API catalogue, and a vendor's message specification as a mapping to finish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.api.opening import Site
from importer.catalogue.services import Service, services
from importer.errors import ConfigurationError, ImporterError, UnreadableWorkbook
from importer.messages import N_, translate

if TYPE_CHECKING:
    from importer.catalogue.vendor.reading import Specification

__all__ = ["SpecReport", "apis", "read_spec", "write_catalogue"]

TYPE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecReport:
    """What became of a vendor's specification."""

    file: Path
    document_type: str
    mapping: Path | None  # the mapping file, where it was written
    specification: Specification

    @property
    def exit_code(self) -> int:
        """1 when the workbook holds no fields at all."""
        return 0 if self.specification.fields else 1


def apis(site: Site, document_type: str | None = None, *, language: str = "en") -> dict[str, list[Service]]:
    """The services by document type: of all, or of one. No ERP is asked and none needs to be configured."""
    mappings = [site.mapping(document_type)] if document_type else list(site.mappings.values())
    return {mapping.document_type: list(services(mapping, site.profile, language)) for mapping in mappings}


def write_catalogue(catalogue: dict[str, list[Service]], site: Site, path: Path, *, language: str) -> None:
    """The catalogue as a workbook. Raises ConfigurationError where the file cannot be one."""
    from importer.catalogue.sheets import sheets
    from importer.workbook.catalogue_book import write_book

    if path.suffix.lower() != ".xlsx":
        raise ConfigurationError(N_("{file}: the catalogue is a workbook; give it a name that ends with .xlsx."), file=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_book(path, translate(N_("API catalogue"), language), sheets(catalogue, site.mappings, language))


def read_spec(file: Path, site: Site, *, document_type: str, out: Path | None = None, language: str = "en") -> SpecReport:
    """A vendor's specification workbook as a mapping file to finish.

    Raises ConfigurationError for a file that is not there, a name that no document type may have, and an `out` that exists;
    ImporterError for a file that is no workbook. Without any field nothing is written.
    """
    from importer.catalogue.vendor.reading import read_specification
    from importer.workbook.grid import read_grids

    _refuse_wrong_arguments(file, document_type, out)
    try:
        grids = read_grids(file)
    except UnreadableWorkbook as error:
        raise ImporterError("{details}", details=_in_words(error, language)) from None
    found = read_specification(grids, document_type, file.name, list(site.mappings.values()), language)
    written = out if found.fields else None
    if written is not None:
        written.parent.mkdir(parents=True, exist_ok=True)
        with written.open("x", encoding="utf-8", newline="\n") as target:  # never over a file that came in between
            target.write(found.text)
    return SpecReport(file=file, document_type=document_type, mapping=written, specification=found)


def _refuse_wrong_arguments(file: Path, document_type: str, out: Path | None) -> None:
    if not TYPE_NAME.fullmatch(document_type):
        raise ConfigurationError(
            N_("{name} cannot be a document type. Use small letters, digits and _ only, a letter first."), name=document_type
        )
    if not file.is_file():
        raise ConfigurationError(N_("The file {file} does not exist."), file=str(file))
    if out is not None and out.exists():
        raise ConfigurationError(N_("{file} is there already; nothing was changed."), file=str(out))


def _in_words(error: UnreadableWorkbook, language: str) -> str:
    from importer.issue_catalogue import render
    from importer.models import Issue

    return render(Issue(code=error.code, values=error.values), language)
