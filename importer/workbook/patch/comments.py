"""Comments on cells: ours under a line that says so, the user's own untouched above it.

Our text is recognised by that line and not by its author, whom LibreOffice drops when it saves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.workbook.patch import columns, dom, vml
from importer.workbook.patch.package import COMMENTS_TYPE, VML_TYPE, Relationships
from importer.workbook.patch.text import clean, space

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from importer.workbook.patch.archive import Archive
    from importer.workbook.patch.book import Book

AUTHOR = "importer"
LINE = "── importer ──"  # begins our text in a comment
COMMENT_LIMIT = 10_000  # Excel gets slow with more boxes on a sheet; further marks have their fill only
_TEXT_LIMIT = 8_000  # characters in one comment
_REFERENCE = re.compile(r"^\$?([A-Za-z]+)\$?(\d+)")
_THREADED = "tc="  # authors of comments that belong to a thread begin so; Excel writes their text from the thread

Place = tuple[int, int]  # row, column, 1-based


class Comments:
    """The comments of one sheet and the drawing with their boxes."""

    def __init__(self, archive: Archive, book: Book, sheet_part: str) -> None:
        self._archive = archive
        self._book = book
        self._relationships = Relationships(archive, sheet_part)
        self._comments = self._relationships.of_kind("comments")
        self._drawing = self._relationships.of_kind("vmlDrawing")
        self._root = None if self._comments is None else dom.parse(archive.read(self._comments.part), self._comments.part)
        self._gone: set[Place] = set()
        self._moved: dict[Place, int] = {}  # -> the row where the comment is now
        self._new: list[tuple[Place, str]] = []
        self._changed = False

    def remove_ours(self) -> None:
        """Take the texts of an earlier round away, and the comments that held nothing else."""
        for comment in dom.children(dom.child(self._root, "commentList"), "comment"):
            before = _remove_own_text(comment)
            if before is None:
                continue
            self._changed = True
            if not before:
                self._gone.add(_place(comment))
                dom.discard(comment)
        self._forget_author()

    def add(self, texts: Mapping[Place, str]) -> None:
        """Put texts on cells; a cell in a thread keeps its thread alone."""
        if not texts:
            return
        if self._root is None:
            self._root = dom.parse(f'<comments xmlns="{self._book.namespace}"><authors/><commentList/></comments>'.encode(), "comments")
        known = {_place(comment): comment for comment in dom.children(dom.child(self._root, "commentList"), "comment")}
        authors = [author.text or "" for author in dom.children(dom.child(self._root, "authors"), "author")]
        for place, text in sorted(texts.items())[:COMMENT_LIMIT]:
            self._put(known.get(place), place, clean(text, _TEXT_LIMIT), authors)
        self._changed = True

    def move(self, row_of: Callable[[int], int | None]) -> None:
        """Rows have moved: so do their comments, and those of rows that are gone (None) go."""
        for comment in dom.children(dom.child(self._root, "commentList"), "comment"):
            place = _place(comment)
            row = row_of(place[0])
            self._changed = True
            if row is None:
                self._gone.add(place)
                dom.discard(comment)
            elif row != place[0]:
                self._moved[place] = row
                comment.set("ref", f"{columns.letters(place[1])}{row}")

    def save(self, grid: vml.Grid, link: str | None) -> str | None:
        """Write the parts. `link` is the id in the sheet's legacyDrawing; returns the id that belongs there, None for no link."""
        if not self._changed or self._root is None:
            return link
        self._save_comments(self._root)
        return self._save_drawing(grid, link)

    def _put(self, own: dom.Element | None, place: Place, text: str, authors: list[str]) -> None:
        if own is None:
            self._new.append((place, f"{LINE}\n{text}"))
            parent = dom.child(self._root, "commentList")
            assert parent is not None  # noqa: S101  # schema: always there
            reference = f"{columns.letters(place[1])}{place[0]}"
            own = dom.add(parent, "comment", ref=reference, authorId=str(self._author()))
            dom.add(own, "text")
            _append_text(own, "", text)
        elif not authors[int(own.get("authorId", "0"))].startswith(_THREADED):
            _append_text(own, "\n", text)

    def _author(self) -> int:
        authors = dom.child(self._root, "authors")
        assert authors is not None  # noqa: S101  # schema: always there
        names = [author.text for author in authors]
        if AUTHOR not in names:
            dom.add(authors, "author").text = AUTHOR
            return len(names)
        return names.index(AUTHOR)

    def _forget_author(self) -> None:
        authors = dom.children(dom.child(self._root, "authors"), "author")
        used = {comment.get("authorId") for comment in dom.children(dom.child(self._root, "commentList"), "comment")}
        if self._changed and authors and authors[-1].text == AUTHOR and str(len(authors) - 1) not in used:
            dom.discard(authors[-1])

    def _save_comments(self, root: dom.Element) -> None:
        if not dom.children(dom.child(root, "commentList"), "comment"):
            if self._comments is not None:
                self._relationships.remove(self._comments.id)
                self._archive.drop(self._comments.part)
                self._book.types.forget(self._comments.part)
            return
        part = self._comments.part if self._comments else self._archive.free_name("xl/comments{}.xml")
        if self._comments is None:
            self._relationships.add(f"{self._book.relation_types}/comments", part)
            self._book.types.declare(part, COMMENTS_TYPE)
        self._archive.put(part, dom.dump(root))

    def _save_drawing(self, grid: vml.Grid, link: str | None) -> str | None:
        drawing = next((r for r in self._relationships.all() if r.id == link and r.kind == "vmlDrawing"), None)
        text = self._archive.read(drawing.part).decode("utf-8", "surrogateescape") if drawing else None
        if text is not None:
            text = vml.moved_boxes(vml.without_boxes(text, self._gone), self._moved)
        if self._new:
            part = drawing.part if drawing else self._archive.free_name("xl/drawings/vmlDrawing{}.vml")
            text = vml.with_boxes(text, self._new, grid, int("".join(filter(str.isdigit, part)) or 1))
            self._archive.put(part, text.encode("utf-8", "surrogateescape"))
            self._book.types.declare_extension("vml", VML_TYPE)
            return drawing.id if drawing else self._relationships.add(f"{self._book.relation_types}/vmlDrawing", part)
        if drawing is None or text is None or not vml.is_empty(text):
            if drawing is not None and text is not None:
                self._archive.put(drawing.part, text.encode("utf-8", "surrogateescape"))
            return link
        self._relationships.remove(drawing.id)
        self._archive.drop(drawing.part)
        self._book.types.forget(drawing.part)
        return None


def _place(comment: dom.Element) -> Place:
    match = _REFERENCE.match(comment.get("ref", ""))
    return (int(match[2]), columns.number(match[1])) if match else (0, 0)


def _texts(comment: dom.Element) -> list[dom.Element]:
    """The `t` elements of a comment's plain or formatted text, in order."""
    body = dom.child(comment, "text")
    runs = [dom.child(run, "t") for run in dom.children(body, "r")]
    return [t for t in [*dom.children(body, "t"), *runs] if t is not None]


def _remove_own_text(comment: dom.Element) -> str | None:
    """Cut a comment at our line; what stands above it, or None if the line is not there."""
    texts = _texts(comment)
    whole = "".join(t.text or "" for t in texts)
    before, line, _ = whole.partition(LINE)
    if not line:
        return None
    left = len(before.removesuffix("\n"))
    for t in texts:
        length = len(t.text or "")
        if length <= left:
            left -= length
        elif left:
            t.text, left = (t.text or "")[:left], 0
        else:
            run = t.getparent()
            dom.discard(t if run is None or dom.local(run) == "text" else run)
    _simplify(comment)
    return before.removesuffix("\n")


def _append_text(comment: dom.Element, lead: str, text: str) -> None:
    body = dom.child(comment, "text")
    assert body is not None  # noqa: S101  # schema: always there
    for plain in dom.children(body, "t"):  # plain text cannot stand beside formatted text
        dom.add(body, "r").append(plain)
    _run(body, lead + LINE, bold=True)
    _run(body, f"\n{text}", bold=False)


def _run(body: dom.Element, text: str, *, bold: bool) -> None:
    run = dom.add(body, "r")
    look = dom.add(run, "rPr")
    if bold:
        dom.add(look, "b")
    dom.add(look, "sz", val="9")
    dom.add(look, "color", indexed="81")
    dom.add(look, "rFont", val="Tahoma")
    dom.add(look, "family", val="2")
    t = dom.add(run, "t")
    t.text = text
    if space(text):
        t.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _simplify(comment: dom.Element) -> None:
    """One run without a look is plain text again, as it was before ours was appended."""
    body = dom.child(comment, "text")
    runs = dom.children(body, "r")
    if body is not None and len(runs) == 1 and len(body) == 1 and dom.child(runs[0], "rPr") is None:
        t = dom.child(runs[0], "t")
        if t is not None:
            body.replace(runs[0], t)
