"""Every issue that the importer can raise has words, and the words are complete."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import importer
from importer.issue_catalogue import CATALOGUE, issue, render, title
from importer.messages import LANGUAGES
from importer.models import Severity

ALWAYS = {"value", "header", "field", "row", "cell", "sheet"}
PLACEHOLDERS = {
    "file_not_found": {"file"},
    "file_not_workbook": {"file", "found"},
    "file_encrypted": {"file"},
    "file_broken": {"file", "reason"},
    "file_changing": {"file"},
    "file_too_large": {"file", "size", "limit"},
    "csv_encoding_unknown": {"file", "found"},
    "csv_broken": {"file", "at", "found"},
    "row_too_long": {"cells", "columns"},
    "rows_short": {"count", "rows"},
    "sheets_left_out": {"names"},
    "columns_hidden": {"names"},
    "sheet_too_large": {"last_row", "last_column"},
    "document_type_unknown": {"known"},
    "document_type_mismatch": {"found", "asked"},
    "template_outdated": {"found", "current"},
    "sheet_missing": {"title"},
    "column_twice": {"first", "second"},
    "columns_unknown": {"names"},
    "rows_hidden": {"count", "rows"},
    "number_format_hides": {"shown"},
    "number_shown_otherwise": {"shown"},
    "cells_merged": {"range"},
    "code_as_number": {"text"},
    "code_full_width": {"text"},
    "date_roc": {"date"},
    "not_a_date": {"format"},
    "date_ambiguous": {"first", "second"},
    "date_as_number": {"date"},
    "date_with_time": {"date"},
    "too_long": {"length", "limit"},
    "too_long_bytes": {"length", "limit"},
    "not_positive": {"limit"},
    "too_small": {"limit"},
    "too_large": {"limit"},
    "too_many_decimals": {"decimals", "limit"},
    "too_many_digits": {"digits", "limit"},
    "not_in_list": {"allowed"},
    "spelled_otherwise": {"meant"},
    "period_closed": {"close"},
    "period_not_open": {"end"},
    "not_within": {"outer", "places"},
    "line_twice": {"first_row"},
    "document_twice": {"key", "first_key", "first_row"},
    "stock_short": {"item", "place", "needed", "available"},
    "stock_unit_differs": {"item", "unit", "stock_unit"},
    "lists_missing": {"names"},
    "untranslated_values": {"count", "values"},
    "conversion_missing": {"out_unit", "in_unit"},
    "conversion_differs": {"expected"},
    "same_place": {"place"},
    "header_disagrees": {"first", "first_row"},
    "document_has_errors": {"other_row"},
    "document_split": {"key", "lines", "parts", "limit"},
    "changed_after_import": {"number"},
    "erp_refused": {"text"},
    "key_seen_before": {"key", "number"},
}
"""What an issue of a code carries in `values`; whoever raises it has to give these."""


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CATALOGUE)
def test_texts_are_complete(code: str) -> None:
    """Every code has a title, says what is wrong and what to do, and asks only for values that its issues carry."""
    entry = CATALOGUE[code]
    assert entry.title and entry.text.endswith(".") and entry.remedy.endswith(".")
    assert _placeholders(entry.text + entry.remedy) <= ALWAYS | PLACEHOLDERS.get(code, set())
    assert PLACEHOLDERS.get(code, set()) <= _placeholders(entry.text + entry.remedy)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CATALOGUE)
def test_messages_have_no_holes(code: str, language: str) -> None:
    """In every language a message is filled in completely: no braces, no ellipsis where a value belongs."""
    values = {name: f"<{name}>" for name in PLACEHOLDERS.get(code, set())}
    message = render(issue(code, sheet="S", row=7, column=3, header="數量*", field="qty", value="-3", **values), language)
    assert not set("{}…") & set(message)
    assert all(text in message for text in values.values())
    assert title(code, language)
    assert language == "en" or any("\u4e00" <= character <= "\u9fff" for character in message), "not translated"


def test_message_for_a_clerk() -> None:
    """A message names the column without its star, what was found, and what to do; long values are shortened."""
    found = issue("not_positive", header="數量*", field="qty", value="-3", limit=Decimal(0))
    assert render(found, "en") == "“數量” -3 must be greater than 0. Type a greater number."
    assert len(render(issue("not_a_number", value="x" * 500), "en")) < 150


def _codes(tree: ast.AST) -> Iterator[str]:
    """First text arguments of, or `code=` given to, whatever makes an issue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("Issue", "Finding", "Rule", "UnreadableWorkbook", "issue"):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:1]
                yield from (value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str))


def test_every_code_that_is_used_is_known() -> None:
    """No message can fail because its code has no entry: all codes in the source are in the catalogue."""
    used = {code: path for path in Path(importer.__path__[0]).rglob("*.py") for code in _codes(ast.parse(path.read_text("utf-8")))}
    assert len(used) > 30
    assert {code: str(path) for code, path in used.items() if code not in CATALOGUE} == {}


def test_findings_are_as_grave_as_their_entries() -> None:
    """A finding that lets the value pass is a warning in the catalogue, all others are errors."""
    tree = ast.parse((Path(importer.__path__[0]) / "fieldtypes.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"]
    assert len(calls) > 5
    for call in calls:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        passes = "error" in given
        assert CATALOGUE[ast.literal_eval(given["code"])].severity is (Severity.WARNING if passes else Severity.ERROR)
