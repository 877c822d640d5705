"""What Excel checks while a cell of a template is typed, and the message beside it. Pasting passes it by: `check` is what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from importer.messages import N_
from importer.models import column_letters
from importer.workbook.describe import Column
from importer.workbook.lists import Source

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

__all__ = ["validations"]

PROMPT_LENGTH, ERROR_LENGTH, TITLE_LENGTH = 255, 225, 32  # Excel's limits of a message; a longer one makes the file broken
NOT_LISTED: Final = N_("This code is not in the list that came with the template. Keep it only if you are sure that the ERP has it.")
NOT_WITHIN: Final = N_(
    "This code is not in the list that came with the template, or it does not belong to “{outer}” of this row."
    " Keep it only if you are sure that the ERP has it."
)


def validations(columns: Sequence[Column], sources: Mapping[str, Source], *, first_row: int, last_row: int) -> list[DataValidation]:
    """One for each column, from the first row of data to the last of the sheet."""
    made = []
    for position, column in enumerate(columns, 1):
        letter = column_letters(position)
        source = sources.get(column.name)
        validation = _listed(column, source, columns, position, first_row) if source else _limited(column)
        validation.promptTitle = column.label[:TITLE_LENGTH]
        validation.prompt = "\n".join(column.lines())[:PROMPT_LENGTH]
        validation.showInputMessage = True
        validation.add(f"{letter}{first_row}:{letter}{last_row}")
        made.append(validation)
    return made


def _listed(column: Column, source: Source, columns: Sequence[Column], position: int, row: int) -> DataValidation:
    """A drop-down. What is not in a list out of a file is questioned only, since such lists get old."""
    from openpyxl.worksheet.datavalidation import DataValidation

    outer = next((other for other in enumerate(columns, 1) if source.indexed and other[1].name == column.field.within), None)
    if source.shown:
        formula = source.formula(_value_of(*outer, column, row) if outer else "")
        validation = DataValidation(type="list", formula1=formula, allow_blank=True)
    else:
        validation = DataValidation(type="custom", formula1=source.test(f"{column_letters(position)}{row}"), allow_blank=True)
    if source.closed:
        return _refusing(validation, column, "\n".join(column.rules()), "stop")
    text = column.say(NOT_WITHIN, outer=outer[1].label) if outer else column.say(NOT_LISTED)
    return _refusing(validation, column, text, "warning")


def _value_of(position: int, outer: Column, inner: Column, row: int) -> str:
    """The cell of the outer code. For a line it may be the document's, which stands on the document's first row only."""
    letter = column_letters(position)
    if outer.part == inner.part:
        return f"${letter}{row}"
    return f'LOOKUP(2,1/(${letter}${row}:${letter}{row}<>""),${letter}${row}:${letter}{row})'


def _limited(column: Column) -> DataValidation:
    """A bound of length, size or age."""
    from openpyxl.worksheet.datavalidation import DataValidation

    kind, operator, bound = _condition(column)
    validation = DataValidation(type=kind, operator=operator, formula1=bound, allow_blank=True)  # type: ignore[arg-type]  # strings of the table below
    if kind is None:
        return validation
    text = "\n".join([*filter(None, [column.length]), *column.rules()]) or column.type
    return _refusing(validation, column, text, "warning" if kind == "date" else "stop")  # dates may also be typed as text


def _condition(column: Column) -> tuple[str | None, str | None, str | None]:
    field = column.field
    if field.type == "date":
        return "date", "greaterThan", "36525"  # any day after 1999
    if field.type in ("decimal", "integer"):
        kind = "whole" if field.type == "integer" else "decimal"
        for operator, limit in (
            ("greaterThan", field.min_exclusive),
            ("greaterThanOrEqual", field.min_inclusive),
            ("lessThanOrEqual", field.max_inclusive),
        ):
            if limit is not None:
                return kind, operator, str(limit)
        return kind, "greaterThan", "-1E+15"
    return ("textLength", "lessThanOrEqual", str(column.limit)) if column.limit is not None else (None, None, None)


def _refusing(validation: DataValidation, column: Column, text: str, style: str) -> DataValidation:
    validation.showErrorMessage = True
    validation.errorTitle = column.label[:TITLE_LENGTH]
    validation.error = text[:ERROR_LENGTH]
    validation.errorStyle = style  # type: ignore[assignment]  # stop or warning
    return validation
