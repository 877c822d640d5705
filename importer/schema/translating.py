"""Old codes into new ones, column by column."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapping import Field
from importer.models import Value

__all__ = ["new_codes"]


def new_codes(values: Sequence[Value | None], field: Field) -> tuple[list[Value | None], list[int]]:
    """A column as it travels, and the positions of values that have no new code and need one."""
    table = field.translate or {}
    new: dict[Value | None, Value | None] = {value: field.translated(value) for value in set(values) if value is not None}
    new[None] = None
    strict = field.unmapped == "error"
    without = {value for value in new if strict and value is not None and value not in table}
    missing = [position for position, value in enumerate(values) if value in without] if without else []
    return [new[value] for value in values], missing
