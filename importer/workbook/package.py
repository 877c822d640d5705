"""The zip package around a workbook's XML: opened without trusting its declared sizes, streamed part by part.

A part is named as in the package (`xl/worksheets/sheet1.xml`). Everything that makes a file unreadable as a whole is
raised here as UnreadableWorkbook with its issue code.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from importer.errors import UnreadableWorkbook
from importer.workbook.filekind import ZIP_MAGIC

__all__ = ["Package", "elements", "forbid_entities", "open_package", "prove_package"]

LIMIT_BYTES: Final = 2 << 30  # unpacked; a workbook of a million rows and 20 columns has about 0.8 GB
RATIO_FROM: Final = 64 << 20  # below this size nobody is hurt, however well it was packed
LIMIT_RATIO: Final = 120  # unpacked to packed; real sheets have 5 to 60, a gigabyte of blanks 230 to 1000
CHUNK: Final = 1 << 20
HEAD: Final = 4096  # of a part; its root element is in there
SHARED_TEXTS: Final = 1_000_000  # that a file may announce without having them, as some writers count wrongly
_COUNT: Final = re.compile(rb"""uniqueCount\s*=\s*["'](\d{1,20})["']""")
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_STORED_AND_DEFLATED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Package:
    """A checked zip package; `stream` gives a part's bytes in chunks."""

    def __init__(self, path: Path, parts: dict[str, zipfile.ZipInfo]) -> None:
        self.path = path
        self._parts = parts

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def size(self, part: str) -> int:
        """Unpacked bytes of a part, as the package declares them."""
        return self._parts[part].file_size

    def stream(self, part: str) -> Iterator[bytes]:
        """The unpacked bytes of a part. Raises UnreadableWorkbook where they are not what the package declares."""
        info = self._parts[part]
        with self.path.open("rb") as file:
            file.seek(max(info.header_offset, 0))
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size or not header.startswith(ZIP_MAGIC):
                raise UnreadableWorkbook("file_broken", file=self.path.name, reason=part)
            _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            file.seek(name_length + extra_length, 1)
            yield from self._checked(info, _inflated(file, info))

    def _checked(self, info: zipfile.ZipInfo, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size = checksum = 0
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > info.file_size:
                    break
                checksum = zlib.crc32(chunk, checksum)
                yield chunk
        except zlib.error as error:
            raise UnreadableWorkbook("file_broken", file=self.path.name, reason=f"{info.filename}: {error}") from None
        if size != info.file_size or checksum != info.CRC:
            raise UnreadableWorkbook("file_broken", file=self.path.name, reason=info.filename)

    def read(self, part: str) -> bytes:
        """A small part as a whole; empty when the package has no such part."""
        return b"".join(self.stream(part)) if part in self._parts else b""

    def prove_sizes(self, *, leaving_out: Collection[str]) -> None:
        """Unpack every part once to prove that its size is the declared one; sheets are proven when they are streamed."""
        for part in self._parts:
            if part not in leaving_out:
                for _ in self.stream(part):
                    pass

    def prove_counts(self) -> None:
        """calamine makes room for as many shared texts as the file announces, be they there or not."""
        for part, info in self._parts.items():
            if posixpath.basename(part).lower() == "sharedstrings.xml":
                head = next(self.stream(part), b"")[:HEAD]
                announced = max((int(number) for number in _COUNT.findall(head)), default=0)
                if announced > max(info.file_size, SHARED_TEXTS):
                    raise UnreadableWorkbook("file_broken", file=self.path.name, reason=f"{part}: uniqueCount {announced}")

    def workbook_part(self) -> str | None:
        """The main part of a workbook; None when the package is something else (a text document, any zip file)."""
        for attributes in elements(self.read("_rels/.rels"), "Relationship"):
            if attributes.get("Type", "").endswith("/officeDocument"):
                part = posixpath.normpath(attributes.get("Target", "")).lstrip("/")
                return part if part.startswith("xl/") and part in self._parts else None
        return None

    def sheet_parts(self) -> dict[str, str]:
        """Sheet name -> part, in the order of the tabs."""
        workbook = self.workbook_part() or ""
        targets = self.targets(workbook)
        found = {}
        for attributes in elements(self.read(workbook), "sheet"):
            relation = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            if (part := targets.get(relation)) in self._parts:
                found[attributes.get("name", "")] = str(part)
        return found

    def part_of(self, name: str) -> str:
        """The part of this file name, in whatever folder; empty when there is none."""
        return next((part for part in self._parts if posixpath.basename(part) == name), "")

    def targets(self, part: str) -> dict[str, str]:
        """What a part's relationships name: identifier -> part."""
        folder, name = posixpath.split(part)
        relations = self.read(f"{folder}/_rels/{name}.rels")
        return {
            attributes.get("Id", ""): posixpath.normpath(posixpath.join(folder, attributes.get("Target", ""))).lstrip("/")
            for attributes in elements(relations, "Relationship")
        }

    def styles(self) -> bytes:
        """The styles part; empty when the workbook has none."""
        folder = posixpath.dirname(self.workbook_part() or "")
        return self.read(f"{folder}/styles.xml")


def open_package(path: Path) -> Package:
    """Open and check a workbook's package: complete, not encrypted, no bigger than declared, and that within the limit.

    Raises UnreadableWorkbook: file_broken, file_encrypted, file_too_large, file_not_workbook.
    """
    package = _declared(path)
    try:
        is_workbook = package.workbook_part() is not None
        package.prove_sizes(leaving_out=package.sheet_parts().values())
        package.prove_counts()
    except expat.ExpatError as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None
    if not is_workbook:
        raise UnreadableWorkbook("file_not_workbook", file=path.name, found="ZIP")
    return package


def prove_package(path: Path) -> Package:
    """The same checks for a zip package of another format."""
    package = _declared(path)
    package.prove_sizes(leaving_out=())
    return package


def _declared(path: Path) -> Package:
    """The package as far as its directory tells."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None
    _refuse_large(path, infos)
    if any(info.flag_bits & 1 for info in infos):
        raise UnreadableWorkbook("file_encrypted", file=path.name)
    if any(info.compress_type not in _STORED_AND_DEFLATED for info in infos):
        raise UnreadableWorkbook("file_broken", file=path.name, reason="compression method")
    parts = {info.filename: info for info in infos}
    if len(parts) < len(infos):
        twice = next(name for name, count in Counter(info.filename for info in infos).items() if count > 1)
        raise UnreadableWorkbook("file_broken", file=path.name, reason=f"{twice}: 2")
    return Package(path, parts)


def _refuse_large(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    size = sum(info.file_size for info in infos)
    packed = path.stat().st_size
    limit = min(LIMIT_BYTES, max(RATIO_FROM, LIMIT_RATIO * packed))
    if size > limit:
        raise UnreadableWorkbook("file_too_large", file=path.name, size=size >> 20, limit=limit >> 20)


def _inflated(file: object, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a part by hand: zipfile stops at the declared size, and so would not notice that there is more."""
    left = info.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (packed := file.read(min(CHUNK // 4, left))):  # type: ignore[attr-defined]  # an open binary file
        left -= len(packed)
        if info.compress_type == zipfile.ZIP_STORED:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, CHUNK)
            packed = inflate.unconsumed_tail
    if info.compress_type == zipfile.ZIP_DEFLATED:
        yield inflate.flush()


def forbid_entities(parser: expat.XMLParserType) -> None:
    """No workbook declares entities of its own; who does wants to read other files, or to fill the memory."""

    def refuse(name: str, *_: object) -> None:
        raise expat.ExpatError(f"entity {name}")

    parser.EntityDeclHandler = refuse


def elements(xml: bytes, *names: str, inside: str = "") -> Iterator[dict[str, str]]:
    """The attributes of all elements of these local names, in document order, whatever the namespace prefix.

    `inside` takes only those within an element of that local name.
    """
    found: list[dict[str, str]] = []
    open_parents: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in names and (not inside or inside in open_parents):
            found.append(attributes)
        open_parents.append(local)

    def end(_: str) -> None:
        open_parents.pop()

    if xml:
        parser = expat.ParserCreate()
        forbid_entities(parser)
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(xml, True)  # noqa: FBT003 - expat's own signature
    return iter(found)
