"""Conditions, order and pages of a list query (protocol §2.4, §9, §9.1 11), on rows of plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cmp_to_key
from typing import Any, Final

MAX_PAGE: Final = 10_000
Row = Mapping[str, Any]
Test = Callable[[Row, Sequence[Row]], bool]  # header row, line rows


class BadQuery(ValueError):
    """The query itself is not understood; the text goes into `execution.description`."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    has_next: bool


_COMPARE: Final[Mapping[str, Callable[[int], bool]]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
}


@dataclass(frozen=True, slots=True)
class _Dialect:
    line_list: str
    operators: Mapping[str, str]  # of the site -> of protocol §9


def operators_of(site: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The operators of §9, some of them under a site's name: their own is unknown there."""
    own = {standard: name for name, standard in site}
    return {own.get(standard, standard): standard for standard in (*_COMPARE, "like")}


def condition(spec: Any, *, form: str = "object", line_list: str = "", operators: Mapping[str, str] | None = None) -> Test:
    """A test of one document. `{}` = all; an array is another dialect, and refused as that one refuses objects."""
    dialect = _Dialect(line_list, operators or operators_of(()))
    if form == "array":
        if not isinstance(spec, list):
            raise BadQuery("conditions not found.")
        return _all([_group(part, dialect) for part in spec])
    if spec is None or spec == {}:
        return _all([])
    if not isinstance(spec, dict):
        raise BadQuery("conditions not found.")
    return _group(spec, dialect)


def _group(spec: Any, dialect: _Dialect) -> Test:
    if not isinstance(spec, dict):
        raise BadQuery("conditions not found.")
    if isinstance(spec.get("group"), dict):
        return _group(spec["group"], dialect)
    if "field_name" in spec:
        return _one(spec, dialect)
    if not spec:
        return _all([])
    operator, members = spec.get("operator", "and"), spec.get("fields", [])
    if operator not in ("and", "or") or not isinstance(members, list):
        raise BadQuery(f"conditions: operator {operator!r} is not 'and' or 'or'")
    tests = [_group(member, dialect) for member in members]
    return _all(tests) if operator == "and" or not tests else lambda row, lines: any(test(row, lines) for test in tests)


def _all(tests: list[Test]) -> Test:
    return lambda row, lines: all(test(row, lines) for test in tests)


def _one(spec: dict[str, Any], dialect: _Dialect) -> Test:
    name, wanted = str(spec["field_name"]), spec.get("value")
    operator = dialect.operators.get(str(spec.get("operator")))
    if operator is None:
        raise BadQuery(f"conditions: unknown operator {spec.get('operator')!r}")
    matches = _like(str(wanted)) if operator == "like" else _comparison(operator, wanted)
    node = str(spec.get("node_name") or "")
    if node and node == dialect.line_list:
        return lambda _row, lines: any(matches(line.get(name)) for line in lines)
    return lambda row, lines: matches(row[name]) if name in row else any(matches(line[name]) for line in lines if name in line)


def _like(pattern: str) -> Callable[[Any], bool]:
    """`%` any text, `_` one character (§9.1 11)."""
    parts = (".*" if char == "%" else "." if char == "_" else re.escape(char) for char in pattern)
    regex = re.compile("".join(parts), re.DOTALL)
    return lambda value: regex.fullmatch(plain(value)) is not None


def _comparison(operator: str, wanted: Any) -> Callable[[Any], bool]:
    accept = _COMPARE[operator]

    def matches(value: Any) -> bool:
        sign = _sign(value, wanted)
        return operator == "<>" if sign is None else accept(sign)

    return matches


def _sign(value: Any, wanted: Any) -> int | None:
    """-1, 0 or 1; None when the two cannot be compared."""
    if isinstance(value, date):
        other: Any = _as_date(wanted)
    elif isinstance(value, Decimal | int):
        other = _as_number(wanted)
    else:
        value, other = plain(value).rstrip(), plain(wanted).rstrip()
    return None if other is None else (value > other) - (value < other)


def _as_date(value: Any) -> date | None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(str(value), form).date()
        except ValueError:
            continue
    return None


def _as_number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def plain(value: Any) -> str:
    """A value as text, nothing as an empty one."""
    return "" if value is None else str(value)


def in_order(rows: Iterable[Row], orders: Any) -> list[Row]:
    """Sorted by `orders` (a list of {field_name, order_type}), else by document number."""
    orders = orders or []
    if not isinstance(orders, list) or not all(isinstance(order, dict) for order in orders):
        raise BadQuery("orders is a list of {field_name, order_type}")
    found = sorted(rows, key=lambda row: plain(row.get("doc_no")))
    for order in reversed(orders):
        name = str(order.get("field_name", ""))
        descending = str(order.get("order_type", "asc")).lower() == "desc"
        found.sort(key=cmp_to_key(lambda a, b, name=name: _sign(a.get(name), b.get(name)) or 0), reverse=descending)  # type: ignore[misc]
    return found


def page_of(rows: list[Row], number: Any, size: Any) -> Page:
    """Page `number` (from 1) of `size` rows."""
    size = 100 if size is None else size
    number = 1 if number is None else number
    if not isinstance(size, int) or not 1 <= size <= MAX_PAGE:
        raise BadQuery(f"page_size must be 1 to {MAX_PAGE}")
    if not isinstance(number, int) or number < 1:
        raise BadQuery("page_no starts at 1")
    start = (number - 1) * size
    return Page(rows[start : start + size], len(rows) > start + size)


def columns_of(spec: Any) -> list[str]:
    """`selectedColumns`; [] = all."""
    if spec and (not isinstance(spec, list) or not all(isinstance(name, str) for name in spec)):
        raise BadQuery("selectedColumns is a list of field names")
    return spec or []


def required(spec: Any, name: str) -> Iterator[tuple[str, str]]:
    """Conditions on one field that every match must meet: (operator, value), for looking up instead of scanning."""
    for group in spec if isinstance(spec, list) else [spec]:
        if isinstance(group, dict) and group.get("operator", "and") == "and":
            for member in group.get("fields") or ():
                if isinstance(member, dict) and member.get("field_name") == name and isinstance(member.get("value"), str):
                    yield str(member.get("operator")), member["value"]
