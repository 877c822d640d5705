"""Documents with awkward content, within what each field of a mapping may hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from importer.mapping import Field
from importer.mapping import Mapping as DocumentType
from importer.models import Value

AWKWARD = (
    "&",
    "<",
    ">",
    '"',
    "'",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#10;",
    "<!--",
    "?>",
    "%",
    "{now}",
    "\\",
    "\n",
    "\t",
    "\r\n",
    "\u2028",
    "\ufeff",
)
SPACED = (" ", "  ", "\u3000", "\u00a0")
PLAIN = ("0", "007", "A-1", "1E5", "true", "null", "雜發", "单据", "é", "😀", "𠮷", "👩‍🔧")
ANY = st.characters(exclude_categories=["Cc", "Cs", "Cn"])


def texts(limit: int) -> st.SearchStrategy[str]:
    pieces = st.one_of(st.sampled_from(AWKWARD + SPACED + PLAIN), ANY)
    mixed = st.lists(pieces, min_size=1, max_size=12).map(lambda found: "".join(found)[:limit])
    full = st.sampled_from(["&", "<", "]]>", "雜", "😀", " x"]).map(lambda piece: (piece * limit)[:limit])
    return st.one_of(mixed, full)


def decimals(digits: tuple[int, int]) -> st.SearchStrategy[Decimal]:
    precision, scale = digits
    top = Decimal(10) ** (precision - scale) - Decimal(1).scaleb(-scale)
    exact = st.integers(min_value=0, max_value=scale).flatmap(lambda places: st.decimals(-top, top, places=places, allow_nan=False))
    return st.one_of(exact, exact.map(Decimal.normalize), st.sampled_from([top, -top, Decimal("1E+2"), Decimal("1E-3"), Decimal("5.000")]))


def value_of(field: Field) -> st.SearchStrategy[Value]:
    if field.type in ("code", "text"):
        return texts(field.max_length or 40)
    if field.type == "date":
        return st.dates(date(1900, 1, 1), date(2199, 12, 31))
    return decimals(field.digits or (9, 0))


def fields_of(fields: Mapping[str, Field]) -> st.SearchStrategy[dict[str, Value]]:
    required = {name: value_of(field) for name, field in fields.items() if field.required or field.generated}
    optional = {name: value_of(field) for name, field in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def documents(mapping: DocumentType) -> st.SearchStrategy[tuple[dict[str, Value], list[dict[str, Value]]]]:
    return st.tuples(fields_of(mapping.header), st.lists(fields_of(mapping.lines), min_size=1, max_size=3))
