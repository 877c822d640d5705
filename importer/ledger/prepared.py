"""Statements of the hot path, compiled once: SQLAlchemy writes the SQL, the driver gets the values without a detour.

Executing a Core statement with a list of values costs several times what the database needs for it; this is worth its
thirty lines only where every document passes several times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Delete, Dialect, Insert, Update

__all__ = ["Prepared"]

REMEMBERED: Final = 1000
_COUNTED: Final = {"preserve_rowcount": True}


class Prepared:
    """One INSERT or UPDATE whose parameters are always the same names."""

    def __init__(self, statement: Insert | Update | Delete, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._by_dialect: dict[str, tuple[str, Callable[[Mapping[str, object]], Any]]] = {}

    def run(self, connection: Connection, values: Sequence[Mapping[str, object]]) -> int:
        """Execute for each; returns how many rows were met in all."""
        if not values:
            return 0
        dialect = connection.dialect
        known = self._by_dialect.get(dialect.name)
        if known is None:
            known = self._by_dialect[dialect.name] = self._compile(dialect)
        sql, bind = known
        return connection.exec_driver_sql(sql, [bind(some) for some in values], _COUNTED).rowcount

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, object]], Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names) if isinstance(self._statement, Insert) else None)
        processors: Mapping[str, Any] = compiled._bind_processors  # what Core would apply to each value
        fixed = {name: value for name, value in compiled.params.items() if name not in self._names}
        fixed = {name: processors[name](value) if name in processors else value for name, value in fixed.items()}
        processed = [(name, _remembering(process)) for name in self._names if (process := processors.get(name))]
        order: Sequence[str] | None = compiled.positiontup  # None where the driver takes names

        def bind(values: Mapping[str, object]) -> Any:
            bound = {**fixed, **values}
            for name, process in processed:
                bound[name] = process(bound[name])
            return bound if order is None else tuple([bound[name] for name in order])

        return str(compiled), bind


def _remembering(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Few values differ within a transaction: its times and its enumerations, which travel in several statements each."""
    known: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        if value not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[value] = process(value)
        return known[value]

    return remembered
