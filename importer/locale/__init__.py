"""The message catalogue on disk: texts out of the source into the `.po` files, and those into the `.mo` files that are read.

`python -m importer.locale` does both and lists what still needs a translation; `--check` changes nothing and fails where
something is missing, does not fit, or was not compiled. Only this module needs Babel.
"""

from __future__ import annotations

import io
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.messages import DOMAIN, LANGUAGES, LOCALE_DIR

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = ["TRANSLATED", "check", "update"]

TRANSLATED: Final = tuple(language for language in LANGUAGES if language != "en")
SOURCE: Final = LOCALE_DIR.parent
KEYWORDS: Final = {"_": None, "N_": None, "translate": None, "say": None}
METHODS: Final = [("**/locale/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]
WRITTEN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)  # fixed, so that files change only when texts do
HEADER: Final = "# Texts come from the source by `python -m importer.locale`; translate them here."


def update() -> list[str]:
    """Bring texts from the source into the `.po` files, keep their translations, compile; returns what is wrong still."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    texts = _extracted()
    for language in TRANSLATED:
        catalog = _merged(texts, _read_po(language), language)
        with _path(language, ".po").open("wb") as file:
            write_po(file, catalog, width=0, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
        with _path(language, ".mo").open("wb") as file:
            write_mo(file, catalog)
    return check()


def check() -> list[str]:
    """What is wrong with the catalogue, one sentence each; nothing is changed."""
    texts = _extracted()
    return [problem for language in TRANSLATED for problem in _problems(texts, language)]


def _problems(texts: Catalog, language: str) -> Iterator[str]:
    translations = _translations(_read_po(language))
    known = {str(message.id) for message in texts if message.id}
    for text in sorted(known):
        translated = translations.get(text, "")
        if not translated:
            yield f"{language}: no translation of {text!r}"
        elif _placeholders(translated) != _placeholders(text):
            yield f"{language}: other placeholders in {translated!r} than in {text!r}"
    for text in sorted(set(translations) - known):
        yield f"{language}: not in the source any more: {text!r}"
    if _compiled(language) != {text: translated for text, translated in translations.items() if translated}:
        yield f"{language}: the .mo file is not made from the .po file"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _path(language: str, suffix: str) -> Path:
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _extracted() -> Catalog:
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir

    catalog = Catalog()
    found = extract_from_dir(str(SOURCE), METHODS, keywords=KEYWORDS)
    for file, line, text, *_ in sorted(found, key=lambda item: (str(item[0]), item[1])):
        if text:  # the empty text is the catalogue's own header
            catalog.add(text, locations=[(f"importer/{file}", line)])
    return catalog


def _merged(texts: Catalog, known: Catalog, language: str) -> Catalog:
    from babel.messages.catalog import Catalog

    translations = _translations(known)
    about = {"project": DOMAIN, "version": "1", "last_translator": DOMAIN, "language_team": DOMAIN, "msgid_bugs_address": "-"}
    merged = Catalog(locale=language, header_comment=HEADER, creation_date=WRITTEN_AT, revision_date=WRITTEN_AT, fuzzy=False, **about)
    for message in texts:
        if message.id:
            merged.add(message.id, translations.get(str(message.id), ""), locations=message.locations)
    return merged


def _read_po(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    path = _path(language, ".po")
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=language)


def _translations(catalog: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string or "") for message in catalog if message.id}


def _compiled(language: str) -> dict[str, str]:
    from babel.messages.mofile import read_mo

    path = _path(language, ".mo")
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return _translations(read_mo(file))
