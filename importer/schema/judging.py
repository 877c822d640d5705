"""pandera judges, once per distinct value, and once per distinct line for the rules that compare fields.

The only place that knows pandera. 100,000 rows have few distinct warehouses and units, so its work hardly grows with the rows.
A pandera check is named `code:field` after its rule.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from importer.models import Value
from importer.schema.rule import Rule

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

__all__ = ["failures", "load_early"]

PANDERA: Final = "pandera.pandas"

Columns = Mapping[str, Sequence[Value | None]]
"""Field -> its values by position, None for blank; all of one length."""


def load_early(*more: str) -> None:
    """Begin to load pandas and pandera, which takes half a second, and then `more` modules, while the caller waits for something else."""
    if not {PANDERA, *more} <= sys.modules.keys():
        threading.Thread(target=_load, args=more, name="load pandera").start()


def _load(*more: str) -> None:
    if PANDERA not in sys.modules:
        with _unseen("hypothesis"):
            list(_of_values("warm", [""], [], required=False))  # pandera loads a part of itself with the first schema that judges
    for name in more:
        import_module(name)


@contextmanager
def _unseen(package: str) -> Iterator[None]:
    """Where a developer has hypothesis, pandera loads it for a tenth of a second, to make up examples; nobody asks for any here."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # importing it says that it is not there
    try:
        yield
    finally:
        del sys.modules[package]


def failures(columns: Columns, rules: Sequence[Rule], required: Collection[str]) -> Iterator[tuple[Rule, list[int]]]:
    """Each rule that something breaks, and the positions where; a blank in a required column breaks the rule `required_missing`."""
    for name, column in columns.items():
        single = [rule for rule in rules if rule.field == name and not rule.of_rows]
        yield from _of_values(name, column, single, required=name in required)
    together: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules:
        if rule.of_rows:
            together.setdefault(tuple(dict.fromkeys([*rule.of_rows, rule.field])), []).append(rule)
    for names, compared in together.items():
        yield from _of_lines(names, list(zip(*(columns[name] for name in names), strict=True)), compared)


def _of_values(name: str, column: Sequence[Value | None], rules: Sequence[Rule], *, required: bool) -> Iterator[tuple[Rule, list[int]]]:
    import pandera.pandas as pa

    distinct = list(dict.fromkeys(column))
    if not distinct or (not required and distinct == [None]):
        return
    checks = [pa.Check(_each(rule.holds), name=rule.name, ignore_na=False) for rule in rules]
    schema = pa.DataFrameSchema({name: pa.Column(None, checks, nullable=not required)})
    for rule, broken in _broken(schema, [*rules, _required(name)], _frame({name: distinct})):
        values = {distinct[position] for position in broken}
        yield rule, [position for position, value in enumerate(column) if value in values]


def _of_lines(names: Sequence[str], lines: Sequence[tuple[Value | None, ...]], rules: Sequence[Rule]) -> Iterator[tuple[Rule, list[int]]]:
    import pandera.pandas as pa

    if not lines:
        return
    distinct = list(dict.fromkeys(lines))
    frame = _frame(dict(zip(names, zip(*distinct, strict=True), strict=True)))
    schema = pa.DataFrameSchema(checks=[pa.Check(rule.holds, name=rule.name, ignore_na=False) for rule in rules])
    for rule, broken in _broken(schema, rules, frame):
        values = {distinct[position] for position in broken}
        yield rule, [position for position, line in enumerate(lines) if line in values]


def _frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()})


def _each(holds: Callable[[Any], bool]) -> Callable[[pd.Series[Any]], Any]:
    """A check of a whole column out of a rule on one value."""

    def check(column: pd.Series[Any]) -> Any:
        import pandas as pd

        answers = [value is None or holds(value) for value in column.tolist()]
        return True if all(answers) else pd.Series(answers, index=column.index, dtype=bool)

    return check


def _broken(schema: pa.DataFrameSchema, rules: Sequence[Rule], frame: pd.DataFrame) -> Iterator[tuple[Rule, list[int]]]:
    """Each rule that something in the frame breaks, and where in the frame."""
    import pandera.errors

    by_name = {rule.name: rule for rule in rules}
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for error in errors.schema_errors:
            name = getattr(error.check, "name", None) or _required(error.schema.name).name
            holds = frame[error.schema.name].notna() if error.check_output is None else error.check_output
            yield by_name[name], [int(position) for position in (~holds.to_numpy(dtype=bool)).nonzero()[0]]


def _required(name: str) -> Rule:
    """pandera's own check for blanks, as a rule."""
    return Rule(code="required_missing", field=name, holds=lambda value: value is not None)
