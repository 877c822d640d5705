"""One pass over a worksheet part, row by row, without building a tree: 60 MB of XML in tenths of a second.

A byte scanner is only right on plain XML. Parts with comments, CDATA, processing instructions or another encoding than UTF-8 raise
`NotPlain`; `plain_xml` rewrites such a part (expat, no DTD) and the scanner starts again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from importer.workbook.patch.text import escape
from importer.workbook.patch.values import UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_DECLARATION = 512  # bytes
BUFFER_LIMIT = 64 * 2**20  # bytes of one row, or of what stands before the rows or after them
_DECLARATION = re.compile(rb"^\xef\xbb\xbf|^\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]*\bencoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet[\s>]")
TAG_BODY = rb"""((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>"""


class NotPlain(Exception):  # a signal between two functions, no error
    """The part needs `plain_xml` before it can be scanned."""


class Row(NamedTuple):
    """One `<row>`: its XML, and inside it the places where the cells begin and end (0, 0 if the row closes itself)."""

    raw: bytes
    start: int
    stop: int
    attributes: bytes


class SheetScan:
    """`head` is there at once; iterate `rows` to the end and `tail` is there too. head + rows + tail = the whole part."""

    def __init__(self, chunks: Iterable[bytes], *, proven: bool = False) -> None:
        """Raises NotPlain unless an earlier pass has `proven` the part, or UnpatchableWorkbook if this is no worksheet."""
        self._chunks = iter(chunks) if proven else _checked(chunks)
        self._buffer = b""
        self.tail = b""
        while (root := _ROOT.search(self._buffer)) is None:
            self._more()
        self.prefix = root[1]
        self.head = self._read_head()

    def rows(self) -> Iterator[Row]:
        """Every row in turn. Raises UnpatchableWorkbook if the part breaks off."""
        opening = re.compile(rb"\s*<" + self.prefix + rb"row(?=[\s/>])" + TAG_BODY)
        closing = b"</" + self.prefix + b"row"
        ending = re.compile(rb"\s*</" + self.prefix + rb"sheetData\s*>")
        position = 0
        while True:
            tag = opening.match(self._buffer, position)
            if tag is None:
                if ending.match(self._buffer, position):
                    break
            elif tag[1].endswith(b"/"):
                position = tag.end()
                yield Row(tag[0], 0, 0, tag[1][:-1])
                continue
            else:
                stop = self._buffer.find(closing, tag.end())
                end = self._buffer.find(b">", stop) + 1 if stop >= 0 else 0
                if end:
                    start, position = tag.start(), end
                    yield Row(self._buffer[start:end], tag.end() - start, stop - start, tag[1])
                    continue
            self._buffer = self._buffer[position:]
            position = 0
            self._more()
        self._read_tail(position)

    def _read_head(self) -> bytes:
        pattern = re.compile(rb"<" + self.prefix + rb"sheetData(?=[\s/>])" + TAG_BODY)
        while (match := pattern.search(self._buffer)) is None:
            self._more()
        head, self._buffer = self._buffer[: match.end()], self._buffer[match.end() :]
        if match[1].endswith(b"/"):
            self._buffer = b"</" + self.prefix + b"sheetData>" + self._buffer
            return head[: match.start()] + b"<" + self.prefix + b"sheetData>"
        return head

    def _read_tail(self, position: int) -> None:
        pieces = [self._buffer[position:]]
        size = 0
        for chunk in self._chunks:
            size += len(chunk)
            if size > BUFFER_LIMIT:
                raise UnpatchableWorkbook("the sheet's XML is damaged")
            pieces.append(chunk)
        self.tail = b"".join(pieces)

    def _more(self) -> None:
        chunk = next(self._chunks, b"")
        if not chunk or len(self._buffer) > BUFFER_LIMIT:
            raise UnpatchableWorkbook("the sheet's XML is damaged")
        self._buffer += chunk


def _checked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as they are; raises NotPlain where the scanner could go wrong."""
    carry = b""
    for index, chunk in enumerate(_with_long_first(chunks)):
        looked_at = chunk
        if index == 0:
            if _ENCODING.search(chunk) or b"\x00" in chunk[:4] or chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise NotPlain
            looked_at = _DECLARATION.sub(b"", _DECLARATION.sub(b"", chunk, count=1), count=1)
        if b"<!" in looked_at or b"<?" in looked_at or carry + chunk[:1] in (b"<!", b"<?"):
            raise NotPlain
        carry = chunk[-1:]
        yield chunk


def _with_long_first(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes; the first piece is long enough to hold any XML declaration."""
    first = b""
    for chunk in chunks:
        if len(first) >= _LONGEST_DECLARATION:
            yield chunk
            continue
        first += chunk
        if len(first) >= _LONGEST_DECLARATION:
            yield first
    if len(first) < _LONGEST_DECLARATION:
        yield first


def plain_xml(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same document in UTF-8, without comments, CDATA and processing instructions. Raises UnpatchableWorkbook."""
    out: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, pairs: out.append(_start_tag(name, pairs))
    parser.EndElementHandler = lambda name: out.append(f"</{name}>")
    parser.CharacterDataHandler = lambda text: out.append(escape(text).replace("\r", "&#13;"))
    yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    try:
        for chunk in chunks:
            parser.Parse(chunk)
            yield "".join(out).encode()
            out.clear()
        parser.Parse(b"", True)  # noqa: FBT003  # expat's own signature
    except expat.ExpatError as error:
        raise UnpatchableWorkbook("the sheet's XML is damaged") from error
    yield "".join(out).encode()


def _start_tag(name: str, pairs: list[str]) -> str:
    attributes = "".join(f' {key}="{_attribute(value)}"' for key, value in zip(pairs[::2], pairs[1::2], strict=True))
    return f"<{name}{attributes}>"


def _attribute(value: str) -> str:
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def _refuse_doctype(*_: object) -> None:
    raise UnpatchableWorkbook("the sheet's XML is damaged")
