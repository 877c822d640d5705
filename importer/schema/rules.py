"""What a mapping demands of values and lines: one rule per issue code and field, in the mapping's own terms.

A rule knows nothing of tables: it holds or does not hold for one value, or for the lines of a frame. Rules on master data and
on the calendar are in `masterrules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from importer.fieldtypes import plain, shown
from importer.mapping import DOC_KEY, KEY_FIELD, Field
from importer.mapping import Mapping as DocumentType
from importer.schema.known import Known
from importer.schema.masterrules import date_rules, list_rules, open_period, within_rule
from importer.schema.rule import Line, Rule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHECKS", "Line", "Rule", "rules_of"]

TOKEN_MARK: Final = "[IMP:"  # noqa: S105 - the importer's reference, no secret
NAMED_CHOICES: Final = 10  # allowed values that a message spells out
EXACT: Final = Context(prec=200)  # no product of a quantity and a rate has more digits
_CONTROL: Final = re.compile(  # also what only turns or hides the characters around it, but not what joins them
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]"
)


def rules_of(mapping: DocumentType, *, text_bytes: bool, known: Known) -> list[Rule]:
    """The limits of all columns of a mapping, and its named checks."""
    rules: list[Rule] = []
    for name, about in {DOC_KEY: KEY_FIELD, **mapping.columns}.items():
        if about.type in ("code", "text"):
            limit = mapping.max_length(name) if name in mapping.fields else about.max_length
            rules += _text_rules(name, limit, text_bytes=text_bytes)
        if about.type in ("decimal", "integer"):
            rules += _number_rules(name, about)
        if about.type == "date":
            rules += date_rules(name, known)
        codes = known.lists.get(about.lookup) if about.lookup else None
        if about.choices:
            rules.append(_in_list(name, about.choices))
        elif codes is not None:
            rules += list_rules(name, codes)
            rules += within_rule(name, about, codes, mapping, known)
    for check in mapping.checks:
        for kind, fields in check.items():
            rules += CHECKS[kind](fields, mapping, known)
    return rules


def _text_rules(name: str, limit: int | None, *, text_bytes: bool) -> Iterator[Rule]:
    def length(text: str) -> int:
        return len(text.encode("utf-8", "surrogatepass")) if text_bytes else len(text)

    if limit is not None:
        code = "too_long_bytes" if text_bytes else "too_long"
        yield Rule(
            code=code, field=name, holds=lambda text: length(text) <= limit, says=lambda text: {"length": length(text), "limit": limit}
        )
    yield Rule(code="token_in_text", field=name, holds=lambda text: TOKEN_MARK not in text)
    yield Rule(code="control_character", field=name, holds=lambda text: text.isprintable() or not _CONTROL.search(text))


def _number_rules(name: str, about: Field) -> Iterator[Rule]:
    for code, limit, compare in (
        ("not_positive", about.min_exclusive, Decimal.__gt__),
        ("too_small", about.min_inclusive, Decimal.__ge__),
        ("too_large", about.max_inclusive, Decimal.__le__),
    ):
        if limit is not None:
            yield Rule(code=code, field=name, holds=_against(compare, limit), says=_always({"limit": limit}))
    if about.digits is not None:
        precision, scale = about.digits
        yield Rule(
            code="too_many_decimals",
            field=name,
            holds=lambda number: -number.as_tuple().exponent <= scale or _decimals(number) <= scale,
            says=lambda number: {"decimals": _decimals(number), "limit": scale},
        )
        yield Rule(
            code="too_many_digits",
            field=name,
            holds=_against(lambda number, bound: -bound < number < bound, Decimal(10) ** (precision - scale)),
            says=lambda number: {"digits": len(plain(abs(number)).partition(".")[0]), "limit": precision - scale},
        )


def _always(values: dict[str, object]) -> Callable[[Any], dict[str, object]]:
    return lambda _: values


def _against(holds: Callable[[Decimal, Decimal], bool], limit: Decimal) -> Callable[[Decimal], bool]:
    return lambda number: holds(number, limit)


def _decimals(number: Decimal) -> int:
    return len(plain(number).partition(".")[2].rstrip("0"))


def _in_list(name: str, allowed: Collection[str]) -> Rule:
    known = frozenset(allowed)
    named = [*list(allowed)[:NAMED_CHOICES], *(["…"] if len(allowed) > NAMED_CHOICES else [])]
    return Rule(code="not_in_list", field=name, holds=lambda value: shown(value) in known, says=_always({"allowed": named}))


# -- named checks over several fields of one line --------------------------------------------------------------------


def _different(fields: Mapping[str, Any], _: DocumentType, __: Known) -> Iterator[Rule]:
    """Two groups of fields, compared one by one, must not be equal; blank equals blank."""
    left, right = fields["left"], fields["right"]

    def holds(frame: pd.DataFrame) -> Any:
        same = frame[left[0]].notna().to_numpy()
        for first, second in zip(left, right, strict=True):
            same = same & (frame[first].to_numpy() == frame[second].to_numpy())
        return _series(~same, frame)

    yield Rule(
        code="same_place",
        field=right[0],
        of_rows=[*left, *right],
        holds=holds,
        says=lambda line: {"place": " / ".join(str(line[name]) for name in right if line[name] is not None)},
    )


def _series(holds: Any, frame: pd.DataFrame) -> pd.Series[bool]:
    import pandas as pd

    return pd.Series(holds, index=frame.index, dtype=bool)


def _conversion(fields: Mapping[str, Any], mapping: DocumentType, _: Known) -> Iterator[Rule]:
    """In-quantity is out-quantity times rate. Both are needed when the units differ; without different units the rate is 1."""
    out_unit, out_qty, in_unit, rate, in_qty = (fields[name] for name in ("out_unit", "out_qty", "in_unit", "rate", "in_qty"))
    step = Decimal(1).scaleb(-(mapping.fields[in_qty].digits or (0, 0))[1])

    def differ(line: Line) -> bool:
        return line[out_unit] is not None and line[in_unit] is not None and line[out_unit] != line[in_unit]

    def given(line: Line, name: str) -> bool:
        return not differ(line) or line[name] is not None

    def not_one(line: Line) -> bool:
        return not differ(line) and line[rate] not in (None, Decimal(1))

    def expected(line: Line) -> Decimal:
        return (EXACT.multiply(line[out_qty], line[rate] or Decimal(1))).quantize(step, ROUND_HALF_UP, EXACT)

    def adds_up(line: Line) -> bool:
        known = line[out_qty] is not None and line[in_qty] is not None and (line[rate] is not None or not differ(line))
        return not known or not_one(line) or bool(line[in_qty] == expected(line))

    used = [out_unit, out_qty, in_unit, rate, in_qty]
    for name in (rate, in_qty):
        holds = _on_lines(partial(given, name=name), used, having=in_unit)
        yield Rule(code="conversion_missing", field=name, of_rows=used, holds=holds, says=_units(out_unit, in_unit))
    yield Rule(code="conversion_not_one", field=rate, of_rows=used, holds=_on_lines(lambda line: not not_one(line), used, having=rate))
    holds = _on_lines(adds_up, used, having=in_qty)
    yield Rule(code="conversion_differs", field=in_qty, of_rows=used, holds=holds, says=lambda line: {"expected": expected(line)})


def _units(out_unit: str, in_unit: str) -> Callable[[Line], dict[str, object]]:
    return lambda line: {"out_unit": line[out_unit], "in_unit": line[in_unit]}


def _on_lines(holds: Callable[[Any], bool], names: Sequence[str], *, having: str) -> Callable[[pd.DataFrame], Any]:
    """A check of the lines that have a value in `having`; it asks once per distinct line."""

    def check(frame: pd.DataFrame) -> Any:
        some = frame[having].notna()
        lines = list(zip(*(frame.loc[some, name].tolist() for name in names), strict=True))
        broken = {line for line in set(lines) if not holds(dict(zip(names, line, strict=True)))}
        if not broken:
            return True
        answers = iter(lines)
        return _series([not has or next(answers) not in broken for has in some.tolist()], frame)

    return check


def _over_documents(_: Mapping[str, Any], __: DocumentType, ___: Known) -> Iterator[Rule]:
    """A check over whole documents, in the order of posting, is made where these are known (`pipeline.stockcheck`)."""
    return iter(())


CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], DocumentType, Known], Iterator[Rule]]]] = {
    "conversion": _conversion,
    "different": _different,
    "open_period": open_period,
    "stock_not_exceeded": _over_documents,
}
