"""Which language a person reads."""

from __future__ import annotations

import pytest

from importer.messages import LANGUAGES, language_of, system_language, translate


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh_TW", "zh_TW"), ("zh-Hant-TW", "zh_TW"), ("zh_HK.UTF-8", "zh_TW"), ("zh-Hant", "zh_TW"),
        ("zh_CN.GB18030", "zh_CN"), ("zh-Hans", "zh_CN"), ("zh_SG", "zh_CN"), ("zh", "zh_CN"),
        ("en_US.UTF-8", "en"), ("EN", "en"), ("fr_FR", None), ("C", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_language_tags_of_all_systems(tag: str | None, language: str | None) -> None:
    """Windows, macOS, Linux and browsers spell one language differently."""
    assert language_of(tag) == language
    assert language is None or language in LANGUAGES


def test_the_importers_own_variable_comes_first() -> None:
    """IMPORTER_LANG, then the usual ones in their usual order."""
    everything = {"LANG": "en_US", "LC_MESSAGES": "zh_CN", "LC_ALL": "zh_TW", "IMPORTER_LANG": "en"}
    seen = []
    for name in ("IMPORTER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        seen.append(system_language(everything))
        del everything[name]
    assert seen == ["en", "zh_TW", "zh_CN", "en"]


def test_a_text_without_translation_stays_english() -> None:
    """Never an empty message, never an error; braces that stand for nothing stay."""
    assert translate("Nobody has translated this {x}.", "zh_TW", x=1) == "Nobody has translated this 1."
    assert translate("{not a placeholder", "zh_TW") == "{not a placeholder"
    assert translate("", "zh_TW") == ""
