"""What the ERP reports, as values of a workbook."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.documents import with_token
from importer.mapping import Field
from importer.pipeline.erpvalues import same, split_token, typed
from importer.settings import Wire

TOKEN = "ABCDEFGHIJKLMN27"


def _field(kind: str, **more: object) -> Field:
    return Field(label={"en": "x"}, type=kind, **more)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("code", " ", None),
        ("code", "", None),
        ("code", None, None),
        ("text", "\u3000 ", None),
        ("code", "00123", "00123"),
        ("code", 7, "7"),
        ("text", " two  blanks ", " two  blanks "),
        ("decimal", Decimal("5.000"), Decimal("5.000")),
        ("decimal", "12345678901234567.123", Decimal("12345678901234567.123")),
        ("decimal", 5, Decimal(5)),
        ("decimal", "n/a", "n/a"),
        ("integer", "3", Decimal(3)),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("date", "20260131", date(2026, 1, 31)),
        ("date", "2026/01/31 00:00:00", date(2026, 1, 31)),
        ("date", "0000-00-00", "0000-00-00"),
    ],
)
def test_each_type_comes_back_exactly(kind: str, value: object, expected: object) -> None:
    """Codes keep their zeros, numbers their digits, a blank location is blank; what is no value of the type is shown as it is."""
    found = typed(value, _field(kind), Wire())
    assert (type(found), found) == (type(expected), expected)


def test_a_code_of_a_list_comes_back_bare() -> None:
    """`Y.已審核` of a list of codes is the code Y, which is what is sent."""
    field = _field("code", choices={"Y": {"en": "yes"}, "N.5": {"en": "half"}})
    assert [typed(text, field, Wire()) for text in ("Y.已審核", "N.5", "Z.other")] == ["Y", "N.5", "Z.other"]


@given(st.text().map(str.strip).filter(lambda text: "[IMP:" not in text))
def test_a_remark_and_its_token_come_apart_as_they_were_joined(text: str) -> None:
    """Whatever the remark says, a user sees it as it was typed, and the token is known."""
    assert split_token(with_token(text, TOKEN)) == (text, TOKEN)


def test_what_was_typed_behind_the_token_is_the_users() -> None:
    """A note that somebody added in the ERP behind the reference is shown and not lost."""
    assert split_token(f"before [IMP:{TOKEN}] after") == ("before after", TOKEN)
    assert split_token("before [IMP:torn") == ("before", "")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, " ", True),
        ("a", " a ", True),
        ("a", "A", False),
        ("007", "7", False),
        (Decimal("5.0"), Decimal(5), True),
        (Decimal("5.001"), Decimal(5), False),
        (Decimal(0), None, False),
        (date(2026, 1, 31), date(2026, 1, 31), True),
        (date(2026, 1, 31), None, False),
    ],
)
def test_only_what_a_person_would_call_a_difference_is_one(first: object, second: object, expected: bool) -> None:
    """Blanks around a text and zeros behind a decimal point are no change; a leading zero is."""
    assert same(first, second) is expected
