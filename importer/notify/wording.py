"""A digest in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from importer.messages import N_, translate
from importer.notify.digest import Digest, Item

__all__ = ["HEADINGS", "SHOWN", "cut", "lines", "subject", "text"]

SHOWN: Final = 100  # files named in one message; the trouble first
HEADINGS: Final = {"failed": N_("Failed"), "tofix": N_("To fix"), "done": N_("Done")}  # in the order of telling


def subject(digest: Digest, language: str) -> str:
    """One line with the counts."""
    parts = [f"{translate(HEADINGS[name], language)} {number}" for name in HEADINGS if (number := digest.count(name))]
    if digest.notices:
        parts.append(translate(N_("Trouble"), language))
    return translate(N_("Import {folder}: {counts}"), language, folder=_one_line(digest.folder), counts=", ".join(parts))


def lines(digest: Digest, language: str, link: str = "") -> Iterator[str]:
    """The whole message, the trouble first; `link` is how people reach the watched folder."""
    for notice in digest.notices:
        yield f"! {translate(notice.text, language, **notice.values)}"
    left = SHOWN
    for outcome, heading in HEADINGS.items():
        found = [item for item in digest.items if item.outcome == outcome]
        if found:
            yield ""
            yield f"{translate(heading, language)}: {len(found)}"
        for item in found[: max(left, 0)]:
            yield from _item(item, language, link or digest.folder)
        left -= len(found)
    if left < 0:
        yield translate(N_("... and {more} more files"), language, more=-left)


def _item(item: Item, language: str, link: str) -> Iterator[str]:
    counts = ", ".join(f"{translate(stage, language)} {number}" for stage, number in item.stages.items())
    extra = (
        (N_("already imported: {number}"), item.already_imported),
        (N_("refused by the ERP: {number}"), item.rejected),
        (N_("unknown, to be settled: {number}"), item.unknown),
        (N_("mistakes in the workbook: {number}"), item.errors),
    )
    facts = [counts] if counts else []
    facts += [translate(words, language, number=number) for words, number in extra if number]
    yield f"- {item.file}" + (f": {', '.join(facts)}" if facts else "")
    if item.message:
        yield f"    {item.message.splitlines()[0]}"
    yield f"    {joined(link, [*item.results, item.path][0])}"


def joined(link: str, path: str) -> str:
    """A path below a folder, divided as the folder's own name is."""
    divider = "\\" if "\\" in link and "/" not in link else "/"
    return link.rstrip("/\\") + divider + path.replace("/", divider)


def text(digest: Digest, language: str, link: str = "") -> str:
    """The whole message."""
    return "\n".join(map(_one_line, lines(digest, language, link))).strip() + "\n"


def cut(found: str, length: int, language: str) -> str:
    """At most so many characters, whole lines, and a word that there is more."""
    if not length or len(found) <= length:
        return found
    more = translate(N_("... the rest is in the watched folder"), language)
    kept = found[: length - len(more) - 1]
    return (kept.rpartition("\n")[0] or kept) + "\n" + more


def _one_line(name: str) -> str:
    """Names of files may hold anything, line breaks and what is no text at all."""
    return "".join(sign if sign.isprintable() else " " for sign in name)
