"""The service names that a specification mentions, and what they are the names of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from importer.catalogue.vendor.fields import Finding, Place
from importer.catalogue.vendor.known import Known
from importer.catalogue.vendor.words import CUSTOM_NAME, PROGRAM, SERVICE_NAME
from importer.messages import N_
from importer.models import Operation
from importer.workbook.grid import Grid, place

__all__ = ["Names", "names_in"]

TITLES = re.compile(r"(單據名稱|单据名称|單據|单据|作業名稱|作业名称|document(?: name)?)\s*(?:[:：]\s*(.*))?", re.IGNORECASE | re.DOTALL)
TITLE_LENGTH = 40  # a longer text is no title


@dataclass(slots=True, kw_only=True)
class Names:
    """What is written somewhere in the workbook."""

    operations: dict[Operation, tuple[str, Place]] = field(default_factory=dict)  # suffix after the prefix
    prefix: str = ""
    custom: tuple[str, Place] | None = None
    program: tuple[str, Place] | None = None
    title: tuple[str, Place] | None = None
    services: dict[str, Operation] = field(default_factory=dict)  # the document's own, whole and in lower case
    findings: list[Finding] = field(default_factory=list)


def names_in(grids: Sequence[Grid], known: Known) -> Names:
    """All names, the first of each kind. Services whose prefix is not that of most are findings."""
    names = Names()
    split = [(found, *_split(found.value, known.suffixes)) for found in _matches(grids, SERVICE_NAME)]
    prefixes = Counter(prefix for _, prefix, operation, _ in split if operation)
    names.prefix = prefixes.most_common(1)[0][0] if prefixes else ""
    for found, prefix, operation, suffix in split:
        if operation is None:
            names.findings.append(Finding(place=found, reason=N_("no known operation has a service name that ends like this")))
        elif prefix != names.prefix:
            names.findings.append(Finding(place=found, reason=N_("a service of another document")))
        else:
            names.operations.setdefault(operation, (suffix, found))
            names.services[found.value.lower()] = operation
    names.custom = _only(names, list(_matches(grids, CUSTOM_NAME)))
    names.program = next(((found.value, found) for found in _matches(grids, PROGRAM)), None)
    names.title = next(_titles(grids), None)
    return names


def _only(names: Names, found: Sequence[Place]) -> tuple[str, Place] | None:
    """The first combined service; further ones are findings, because a mapping has one."""
    others = [item for item in found if item.value != found[0].value]
    names.findings += [Finding(place=item, reason=N_("a mapping has one combined service; this is a further one")) for item in others]
    return (found[0].value, found[0]) if found else None


def _split(name: str, suffixes: Mapping[str, Operation]) -> tuple[str, Operation | None, str]:
    """Prefix, operation and suffix of a service name."""
    for suffix in sorted(suffixes, key=len, reverse=True):
        if name.lower().endswith(f".{suffix}"):
            return name[: -len(suffix)], suffixes[suffix], name[-len(suffix) :]
    return name, None, ""


def _matches(grids: Sequence[Grid], pattern: re.Pattern[str]) -> Iterator[Place]:
    """Every text that fits, once, at its first place; the place's value is the text found."""
    seen = set()
    for grid in grids:
        for (row, column), cell in sorted(grid.cells.items()):
            for found in pattern.finditer(cell.text):
                if found.group() not in seen:
                    seen.add(found.group())
                    yield Place(sheet=grid.sheet, cell=place(row, column), value=found.group())


def _titles(grids: Sequence[Grid]) -> Iterator[tuple[str, Place]]:
    """What stands behind a word such as 單據名稱, in its cell or in the next one."""
    for grid in grids:
        for (row, column), cell in sorted(grid.cells.items()):
            match = TITLES.fullmatch(cell.text.strip())
            if not match:
                continue
            right = next((other for other in grid.row(row) if other > column), None)
            text = (match.group(2) or "").strip() or (grid.text(row, right) if right and len(grid.row(row)) <= 4 else "")
            if text and len(text) <= TITLE_LENGTH and not TITLES.fullmatch(text):
                yield text, Place(sheet=grid.sheet, cell=place(row, column), value=cell.text.strip())
