"""Words for people: one message catalogue, English texts as its keys, translated by the files below `locale/`.

The `.po` files are the source; `python -m importer.locale` (needs Babel) extracts new texts into them and compiles
the `.mo` files that an installed copy reads. Texts keep their `{placeholders}` in every language.
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["LANGUAGES", "N_", "language_of", "system_language", "translate"]

LANGUAGES: Final = ("zh_TW", "zh_CN", "en")
DOMAIN: Final = "importer"
LOCALE_DIR: Final = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Mark a text for extraction without translating it here."""
    return text


@cache
def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=[language], fallback=True)


def translate(text: str, language: str, /, **values: object) -> str:
    """The text in `language`, its placeholders filled with `values`; unknown languages and texts stay English."""
    translated = _translations(language).gettext(text) if text and language != "en" else text
    return translated.format(**values) if values else translated


def language_of(tag: str | None) -> str | None:
    """The catalogue's name of a language tag such as `zh-Hant-TW`, `zh_CN.UTF-8` or `en_US`; None when it has none."""
    name = (tag or "").split(".")[0].replace("-", "_").lower()
    if name.startswith(("zh_cn", "zh_hans", "zh_sg")) or name == "zh":
        return "zh_CN"
    if name.startswith("zh"):
        return "zh_TW"
    return "en" if name.startswith("en") else None


def system_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the terminal: IMPORTER_LANG, else the usual locale variables, else English."""
    for name in ("IMPORTER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if found := language_of(environ.get(name)):
            return found
    return language_of(locale.getlocale()[0]) or "en"
