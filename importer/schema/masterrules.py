"""Rules on what the ERP has: lists of codes, codes within others, open periods."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from importer.fieldtypes import shown
from importer.mapping import Field
from importer.mapping import Mapping as DocumentType
from importer.models import CodeList
from importer.schema.known import Known
from importer.schema.rule import Line, Rule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Suggestions", "date_rules", "list_rules", "open_period", "within_rule"]

NAMED: Final = 10  # codes of a short list that a message spells out
NEAREST: Final = 3
COMPARED: Final = 2_000  # codes of a list that are compared one by one; of a longer one only those that one slip of the finger leads to
SUGGESTED: Final = 300  # values of a field that get a suggestion; whoever has more wrong ones has another list
EARLIEST: Final = date(2000, 1, 1)
FAR: Final = timedelta(days=366)


# -- lists -----------------------------------------------------------------------------------------------------------


class Suggestions:
    """What may have been meant by a code that a list does not have."""

    def __init__(self, codes: CodeList) -> None:
        self._codes = codes.labels
        self._asked: dict[str, list[str]] = {}

    def spelled(self, value: str) -> str | None:
        """The code that differs in case or width alone."""
        return self._folded.get(_folded(value))

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {_folded(code): code for code in reversed(list(self._codes))}

    @cached_property
    def _bare(self) -> Mapping[str, str]:
        return {bare: code for code in reversed(list(self._codes)) if (bare := code.lstrip("0")) != code}

    @cached_property
    def _letters(self) -> str:
        return "".join(sorted({letter for code in self._codes for letter in code}))

    def named(self, value: str) -> list[str]:
        """A short list as a whole; of a long one the nearest codes, and an ellipsis for the rest."""
        if len(self._codes) <= NAMED:
            return list(self._codes)
        if value not in self._asked and len(self._asked) < SUGGESTED:
            self._asked[value] = self._nearest(value)
        return [*(self._asked.get(value) or list(self._codes)[:NAMED]), "…"]

    def _nearest(self, value: str) -> list[str]:
        zeros = [code] if (code := self._bare.get(value.lstrip("0"))) else []
        near = get_close_matches(value, self._codes, NEAREST, 0.7) if len(self._codes) <= COMPARED else self._one_slip_away(value)
        return list(dict.fromkeys([*zeros, *near]))[:NEAREST]

    def _one_slip_away(self, value: str) -> list[str]:
        """Codes that one letter more, less, other or swapped leads to: asked of the list, however long it is."""
        cuts = [(value[:at], value[at:]) for at in range(len(value) + 1)]
        tries = [left + right[1:] for left, right in cuts if right]
        tries += [left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1]
        tries += [left + letter + right[1:] for left, right in cuts if right for letter in self._letters]
        tries += [left + letter + right for left, right in cuts for letter in self._letters]
        return sorted({code for code in tries if code in self._codes})


def _folded(code: str) -> str:
    return unicodedata.normalize("NFKC", code).casefold()


def list_rules(name: str, codes: CodeList) -> Iterator[Rule]:
    """The value is a code of the list; one that is only spelled otherwise is told apart."""
    known = codes.labels
    suggestions = Suggestions(codes)

    def spelled_otherwise(value: object) -> bool:
        text = shown(value)
        return text not in known and suggestions.spelled(text) is not None

    yield Rule(
        code="not_in_list",
        field=name,
        holds=lambda value: shown(value) in known or spelled_otherwise(value),
        says=lambda value: {"allowed": suggestions.named(shown(value))},
    )
    yield Rule(
        code="spelled_otherwise",
        field=name,
        holds=lambda value: not spelled_otherwise(value),
        says=lambda value: {"meant": suggestions.spelled(shown(value))},
    )


def within_rule(name: str, about: Field, codes: CodeList, mapping: DocumentType, known: Known) -> Iterator[Rule]:
    """The code stands in the code of another field of the same line: a location in its warehouse. Unknown codes are another rule's."""
    outer_name = about.within
    if outer_name is None or not codes.within:
        return
    outer_codes = known.lists.get(mapping.fields[outer_name].lookup or "")

    def stands(pair: tuple[Any, Any]) -> bool:
        inner, outer = shown(pair[0]), shown(pair[1])
        if inner not in codes.labels or (outer_codes is not None and outer not in outer_codes.labels):
            return True
        return outer in codes.within.get(inner, ())

    def holds(frame: pd.DataFrame) -> Any:
        return _pairwise(frame, name, outer_name, stands)

    def says(line: Line) -> dict[str, object]:
        return {"outer": line[outer_name], "places": sorted(codes.within.get(shown(line[name]), ()))[:NAMED]}

    yield Rule(code="not_within", field=name, of_rows=[name, outer_name], holds=holds, says=says)


def _pairwise(frame: pd.DataFrame, name: str, other: str, stands: Callable[[tuple[Any, Any]], bool]) -> Any:
    """Asks once per distinct pair of values; where one of the two is blank there is nothing to ask."""
    import pandas as pd

    pairs = list(zip(frame[name].tolist(), frame[other].tolist(), strict=True))
    broken = {pair for pair in set(pairs) if None not in pair and not stands(pair)}
    if not broken:
        return True
    return pd.Series([pair not in broken for pair in pairs], index=frame.index, dtype=bool)


# -- dates -----------------------------------------------------------------------------------------------------------


def date_rules(name: str, known: Known) -> Iterator[Rule]:
    """A date that is years away was most likely mistyped; one in a closed period is told as that alone."""
    if known.today is None:
        return
    latest = known.today + FAR
    closed, end = known.close_date, known.period_end

    def holds(day: date) -> bool:
        return EARLIEST <= day <= latest or bool((closed and day <= closed) or (end and day > end))

    yield Rule(code="date_far_away", field=name, holds=holds)


def open_period(fields: Mapping[str, Any], _: DocumentType, known: Known) -> Iterator[Rule]:
    """The ERP refuses documents on or before the close date (mfg9999) and after the current period (mfg6091, protocol §5.2)."""
    name, closed, end = fields["date"], known.close_date, known.period_end
    if closed is not None:
        yield Rule(code="period_closed", field=name, holds=lambda day: day > closed, says=lambda _: {"close": closed})
    if end is not None:
        yield Rule(code="period_not_open", field=name, holds=lambda day: day <= end, says=lambda _: {"end": end})
