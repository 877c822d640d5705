"""Tables old code -> new code for a migration: `item_no.csv` for all document types, `transfer.in_warehouse_no.xlsx` for one.

The new code is what travels to the ERP. The workbook, the document's identity and its results keep the old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from importer.errors import ConfigurationError
from importer.mapping import Mapping as DocumentType
from importer.masterdata.words import plain_name
from importer.messages import N_
from importer.workbook.tables import TABLE_FORMATS, PlainTable, read_tables, write_table

__all__ = ["UNMAPPED", "translate_mappings", "write_unmapped"]

OLD: Final = frozenset(
    ["old", "oldcode", "from", "舊", "旧", "舊碼", "旧码", "舊代碼", "旧代码", "舊編號", "旧编号", "原代碼", "原代码", "原值"]
)
NEW: Final = frozenset(["new", "newcode", "to", "新", "新碼", "新码", "新代碼", "新代码", "新編號", "新编号", "新值"])
UNMAPPED: Final = "_unmapped"
"""End of the names of files that list what has no new code yet; they are no tables."""

Policy = Literal["error", "keep"]


def translate_mappings(
    mappings: Mapping[str, DocumentType], folder: Path | None, *, unmapped: Mapping[str, Policy] | None = None
) -> dict[str, DocumentType]:
    """The document types with the tables of a folder laid over their fields; `unmapped` says by table what a value without a new code is.

    Raises ConfigurationError for a table of a field that there is not, and for an old code with two new ones.
    """
    if folder is None:
        return dict(mappings)
    if not folder.is_dir():
        raise ConfigurationError(N_("{folder}: there is no such folder; `translate` of the profile names it."), folder=str(folder))
    tables = _tables(folder)
    policies = dict(unmapped or {})
    if unknown := [name for name in policies if name not in tables]:
        raise ConfigurationError(N_("unmapped: there is no table {name} in {folder}."), name=unknown[0], folder=str(folder))
    codes = {name: _codes(table) for name, table in tables.items()}
    used: set[str] = set()
    translated = {}
    for document_type, mapping in mappings.items():
        laid: dict[str, tuple[dict[str, str] | None, Policy]] = {}
        for field in mapping.columns:
            name = next((name for name in (f"{document_type}.{field}", field) if name in tables), None)
            if name is not None:
                used.add(name)
                laid[field] = (codes[name], policies.get(name, "error"))
                _refuse_numbers(mapping, field, tables[name])
        translated[document_type] = mapping.with_translations(laid) if laid else mapping
    if unused := [name for name in tables if name not in used]:
        text = N_("{file}: no document type has a field {name}; a table is named by its field, such as item_no.csv.")
        raise ConfigurationError(text, file=str(tables[unused[0]].path), name=unused[0])
    return translated


def _tables(folder: Path) -> dict[str, PlainTable]:
    found: dict[str, PlainTable] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in TABLE_FORMATS or path.name.startswith((".", "~$")) or path.stem.endswith(UNMAPPED):
            continue
        if path.stem in found:
            text = N_("The list {name} stands in two files, {first} and {second}. Remove one of them.")
            raise ConfigurationError(text, name=path.stem, first=str(found[path.stem].path), second=str(path))
        tables = read_tables(path)
        if not tables:
            raise ConfigurationError(N_("{file}: this table is empty; its first row names the columns."), file=str(path))
        found[path.stem] = tables[0]
    return found


def _refuse_numbers(mapping: DocumentType, field: str, table: PlainTable) -> None:
    kind = mapping.fields[field].type
    if kind not in ("code", "text"):
        text = N_("{file}: {field} of {document_type} is of type {kind}; only codes and texts can be translated.")
        raise ConfigurationError(text, file=str(table.path), field=field, document_type=mapping.document_type, kind=kind)


def _codes(table: PlainTable) -> dict[str, str]:
    """Old code -> new code. A row whose new code is still blank counts as not there."""
    heading_row, heading = table.heading()
    old_at, new_at = _columns(table, heading)
    codes: dict[str, str] = {}
    first: dict[str, int] = {}
    for number, cells in table.rows.items():
        if number == heading_row:
            continue
        old, new = (cells[at] if at < len(cells) else "" for at in (old_at, new_at))
        if not old:
            raise ConfigurationError(N_("{file}: row {row} has no old code."), file=table.place, row=number)
        if not new:
            continue
        if codes.setdefault(old, new) != new:
            text = N_("{file}: the old code {old} becomes {first} on row {first_row} and {second} on row {row}. Remove one of the two.")
            raise ConfigurationError(text, file=table.place, old=old, first=codes[old], first_row=first[old], second=new, row=number)
        first.setdefault(old, number)
    return codes


def _columns(table: PlainTable, heading: Sequence[str]) -> tuple[int, int]:
    names = [plain_name(text) for text in heading]
    old = next((at for at, name in enumerate(names) if name in OLD), None)
    new = next((at for at, name in enumerate(names) if name in NEW), None)
    if old is None or new is None:
        found = ", ".join(text for text in heading if text)
        raise ConfigurationError(
            N_("{file}: the first row must name the columns old and new. Found: {found}"), file=table.place, found=found
        )
    return old, new


def write_unmapped(folder: Path, name: str, values: Mapping[str, int]) -> Path:
    """A table ready to be filled: each value that has no new code, with how often it was met. Returns its path."""
    path = folder / f"{name}{UNMAPPED}.csv"
    often_first = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    write_table(path, [("old", "new", "count"), *((value, "", str(count)) for value, count in often_first)])
    return path
