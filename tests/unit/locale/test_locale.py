"""Every text that a person can meet is there in their language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from importer.issue_catalogue import issue, render
from importer.locale import check
from importer.messages import translate


def test_everything_is_translated_and_compiled() -> None:
    """No text of the source lacks a translation or a placeholder in it, and what is read is what was translated.

    Who adds a text runs `python -m importer.locale` and fills in what it names.
    """
    assert check() == []


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh_TW", "「數量」-3 必須大於 0。請改成大於這個值的數字。"),
        ("zh_CN", "“數量”-3 必须大于 0。请改成大于这个值的数字。"),
        ("en", "“數量” -3 must be greater than 0. Type a greater number."),
        ("fr", "“數量” -3 must be greater than 0. Type a greater number."),
    ],
)
def test_a_clerk_reads_their_language(language: str, message: str) -> None:
    """A warehouse clerk is told in their own language what is wrong and what to do; an unknown language is English."""
    found = issue("not_positive", header="數量*", field="qty", value="-3", limit=Decimal(0))
    assert render(found, language) == message


def test_words_of_the_trade() -> None:
    """Taiwan and the mainland each read their own words for the same thing."""
    text = "Correct that row; the document is imported as a whole."
    assert translate(text, "zh_TW") == "請修正那一列；單據會整張匯入。"
    assert translate(text, "zh_CN") == "请修正那一行；单据会整张导入。"
