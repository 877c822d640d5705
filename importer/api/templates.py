"""The blank templates of a site: its own document types, with drop-downs from its own lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from importer.api.opening import Site, make_folder
from importer.errors import ConfigurationError
from importer.messages import N_

if TYPE_CHECKING:
    from importer.mapping import Mapping as DocumentType
    from importer.models import CodeList

__all__ = ["WrittenTemplate", "write_templates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTemplate:
    """One file."""

    document_type: str
    language: str
    path: Path
    lists: Sequence[str]  # names of the site's lists that its drop-downs offer


def write_templates(site: Site, types: Sequence[str], folder: Path, *, language: str) -> list[WrittenTemplate]:
    """Write the templates of some document types, or of all, into a folder that is made if need be.

    Raises ConfigurationError for an unknown type, a list that cannot be read, and a file that cannot be written.
    """
    mappings = [site.mapping(name) for name in types] or list(site.mappings.values())
    lists = _lists(site, mappings)
    make_folder(folder)
    return [_write(mapping, folder, lists, language) for mapping in mappings]


def _lists(site: Site, mappings: Sequence[DocumentType]) -> Mapping[str, CodeList]:
    from importer.masterdata import load_lists

    wanted = {field.lookup for mapping in mappings for field in mapping.columns.values() if field.lookup}
    return load_lists(site.profile.lists, files=site.profile.list_files, names=wanted)


def _write(mapping: DocumentType, folder: Path, lists: Mapping[str, CodeList], language: str) -> WrittenTemplate:
    from importer.workbook.template import template_name, write_template

    path = folder / template_name(mapping, language)
    try:
        used = write_template(mapping, language, path, lists=lists)
    except OSError as error:  # also a template that is open in Excel
        raise ConfigurationError(N_("{file}: cannot be written: {reason}"), file=str(path), reason=error.strerror or str(error)) from None
    return WrittenTemplate(document_type=mapping.document_type, language=language, path=path.resolve(), lists=used)
