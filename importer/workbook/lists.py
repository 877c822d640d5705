"""The hidden sheet `清單` of a template: the codes that drop-downs offer, with their names, and the named ranges over them.

A list that stands within another (locations in warehouses) is sorted by the outer code, and a small index beside it says where each
outer code's part begins and how long it is. Drop-downs find their part by that index and not by INDIRECT, because codes such as
`W-1` or `01` are no legal names; and not by COUNTIF or MATCH, which take `01` for `1` and `*` for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from importer.messages import N_
from importer.models import CodeList, column_letters
from importer.workbook.describe import Column
from importer.workbook.meta import LISTS_SHEET

__all__ = ["LISTS_FIRST_ROW", "ListColumn", "Lists", "Source"]

LISTS_FIRST_ROW: Final = 2  # of values; below the headings
LONGEST_DROP_DOWN: Final = 32_767  # Excel shows no more of a list
_NAME_LENGTH: Final = 20  # keeps formulas well below the 255 characters that a drop-down may have
_ILLEGAL: Final = re.compile(r"[^\w.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """One column of the sheet."""

    heading: str
    values: Sequence[str | int | None]  # from LISTS_FIRST_ROW down
    width: float = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the values of one field's drop-down stand."""

    name: str  # named range of the codes
    closed: bool  # whether nothing else is valid, by the mapping; lists out of files get old
    shown: bool = True  # whether Excel can show it as a drop-down
    indexed: bool = False  # whether the part to be shown depends on another cell

    def formula(self, outer: str = "") -> str:
        """What the drop-down offers; `outer` is the cell (or an expression) that holds the code which the part depends on.

        Where that code is blank or has no part, a single blank: nothing to choose, and nothing that would be refused.
        """
        if not self.indexed:
            return self.name
        first, count = (f"SUMPRODUCT(EXACT({self.name}_in,{outer})*{self.name}_{what})" for what in ("at", "n"))
        return f"OFFSET({self.name},{first},0,MAX(1,{count}),1)"

    def test(self, cell: str) -> str:
        """Whether the code in a cell is in a list that is too long to be shown."""
        return f'ISNUMBER(MATCH({cell}&"",{self.name},0))'


@dataclass(slots=True)
class Lists:
    """The sheet while it grows: columns from left to right, and the names over them."""

    columns: list[ListColumn] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # named range -> reference
    sources: dict[str, Source] = field(default_factory=dict)  # field -> its values
    used: list[str] = field(default_factory=list)  # names of the site's lists that stand there

    @classmethod
    def of(cls, columns: Sequence[Column], lists: Mapping[str, CodeList]) -> Lists:
        """Everything that the columns of a template draw upon; a list that several of them share stands there once.

        Fields with old codes that are translated on the way have no drop-down: lists hold the ERP's own.
        """
        made = cls()
        known: dict[tuple[str, bool], Source] = {}
        fields = {column.name: column.field for column in columns}
        for column in columns:
            if column.field.choices and column.field.translate is None:
                made.sources[column.name] = made._choices(column)
                continue
            found = lists.get(column.field.lookup or "")
            if found is None or not found.labels or column.field.translate is not None:  # what is typed there is no code of the ERP
                continue
            outer = fields.get(column.field.within or "")
            key = (found.name, outer is not None and outer.translate is None and any(found.within.values()))
            if key not in known:
                known[key] = made._indexed(found, column) if key[1] else made._plain(found, column)
            made.sources[column.name] = known[key]
        made.used = list(dict.fromkeys(name for name, _ in known))
        return made

    def rows(self) -> Iterator[dict[str, object]]:
        """The values row by row, by column letters."""
        letters = [column_letters(number) for number in range(1, len(self.columns) + 1)]
        for values in zip_longest(*(column.values for column in self.columns)):
            yield dict(zip(letters, values, strict=True))

    def _choices(self, column: Column) -> Source:
        """The values that the mapping itself allows."""
        choices = column.field.choices or {}
        name = self._free(f"list_{column.name}")
        self._put(name, list(choices))
        self._put_names([labels.get(column.language) or next(iter(labels.values()), "") for labels in choices.values()], column)
        return Source(name=name, closed=True)

    def _plain(self, found: CodeList, column: Column) -> Source:
        name, codes = self._free(f"codes_{found.name}"), sorted(found.labels)
        self._put(name, codes)
        self._put_names([found.labels[code] for code in codes], column)
        return Source(name=name, closed=False, shown=len(codes) <= LONGEST_DROP_DOWN)

    def _indexed(self, found: CodeList, column: Column) -> Source:
        """Index (outer code, where, how many), then the list itself: outer code, code, name. Its first row is left blank: place 0."""
        pairs = sorted((outer, code) for code, outers in found.within.items() for outer in outers)
        first: dict[str, int] = {}
        count: dict[str, int] = {}
        for place, (outer, _) in enumerate(pairs, 1):
            first.setdefault(outer, place)
            count[outer] = count.get(outer, 0) + 1
        name = self._free(f"codes_{found.name}", "_in", "_at", "_n")
        self._put(f"{name}_in", list(first))
        self._put(f"{name}_at", list(first.values()))
        self._put(f"{name}_n", list(count.values()))
        self.columns.append(ListColumn(heading=f"{name}_within", values=[None, *(outer for outer, _ in pairs)]))
        self._put(name, [None, *(code for _, code in pairs)])
        self._put_names([None, *(found.labels.get(code, "") for _, code in pairs)], column)
        return Source(name=name, closed=False, shown=max(count.values()) <= LONGEST_DROP_DOWN, indexed=True)

    def _put(self, name: str, values: Sequence[str | int | None]) -> None:
        """A column with a named range over its values."""
        self.columns.append(ListColumn(heading=name, values=values))
        letter = column_letters(len(self.columns))
        self.names[name] = f"'{LISTS_SHEET}'!${letter}${LISTS_FIRST_ROW}:${letter}${LISTS_FIRST_ROW + len(values) - 1}"

    def _put_names(self, values: Sequence[str | None], column: Column) -> None:
        """What people call the codes, beside them."""
        self.columns.append(ListColumn(heading=column.say(N_("Name")), values=values, width=28))

    def _free(self, wanted: str, *suffixes: str) -> str:
        """A legal name that is not taken, also not with a suffix."""
        plain = name = _ILLEGAL.sub("_", wanted)[:_NAME_LENGTH]
        taken = {known.casefold() for known in self.names}
        number = 1
        while taken & {f"{name}{suffix}".casefold() for suffix in ("", *suffixes)}:
            number += 1
            name = f"{plain}_{number}"
        return name
