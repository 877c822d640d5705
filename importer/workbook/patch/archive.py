"""The zip around a workbook: read parts, change some, copy all others with their compressed bytes untouched."""

from __future__ import annotations

import copy
import secrets
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Self, TypeAlias
from urllib.parse import unquote

from importer.workbook.patch.values import UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

PART_LIMIT = 64 * 2**20  # bytes of a part that is held in memory
STREAM_LIMIT = 3 * 2**29  # bytes of a sheet; above, zip64 would be needed, which not every reader knows
CHUNK = 2**20
_OLE = b"\xd0\xcf\x11\xe0"  # compound file: encrypted .xlsx, or .xls
_LOCAL_HEADER = 30  # bytes before the name in a local file header

Content: TypeAlias = "bytes | Callable[[], Iterable[bytes]]"


class Archive:
    """A workbook's zip opened for reading, with changes kept aside until `save`. A context manager."""

    def __init__(self, path: Path) -> None:
        """Raises UnpatchableWorkbook if `path` is no readable zip."""
        self._path = path
        if _is_compound_file(path):
            raise UnpatchableWorkbook("the file is encrypted, or an old .xls")
        with _translated():
            self._zip = zipfile.ZipFile(path)
        self._infos = {_key(info.filename): info for info in self._zip.infolist()}
        self._changed: dict[str, Content] = {}
        self._last: dict[str, Callable[[], bytes]] = {}
        self._added: dict[str, str] = {}  # key -> name
        self._dropped: set[str] = set()

    def __enter__(self) -> Self:
        """The archive itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the source."""
        self._zip.close()

    def __contains__(self, part: str) -> bool:
        """True if the part is there, or was added."""
        key = self._find(part)
        return (key in self._infos or key in self._added) and key not in self._dropped

    def read(self, part: str) -> bytes:
        """The whole part, with changes made so far. Raises UnpatchableWorkbook if it is missing, damaged or above PART_LIMIT."""
        content = self._changed.get(self._find(part))
        if isinstance(content, bytes):
            return content
        info = self._info(part, PART_LIMIT)
        with _translated():
            return self._zip.read(info)

    @contextmanager
    def open(self, part: str) -> Iterator[BinaryIO]:
        """The part of the source as a stream. Raises as `read`, with STREAM_LIMIT."""
        with _translated(), self._zip.open(self._info(part, STREAM_LIMIT)) as stream:
            yield stream  # type: ignore[misc]  # IO[bytes] that is read only

    def chunks(self, part: str) -> Iterator[bytes]:
        """The part of the source in pieces of CHUNK bytes; the law of `open`."""
        with self.open(part) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def put(self, part: str, content: Content) -> None:
        """Replace or add a part: bytes, or a function that is called at `save` and yields them."""
        key = self._find(part)
        self._dropped.discard(key)
        self._changed[key] = content
        if key not in self._infos:
            self._added.setdefault(key, part)

    def put_last(self, part: str, content: Callable[[], bytes]) -> None:
        """Replace or add a part whose content is known only when all others are written."""
        self.put(part, b"")
        self._last[self._find(part)] = content

    def drop(self, part: str) -> None:
        """Leave a part out; nothing happens if it is not there."""
        key = self._find(part)
        self._dropped.add(key)
        for known in (self._changed, self._added, self._last):
            known.pop(key, None)

    def free_name(self, pattern: str) -> str:
        """The first of pattern.format(1), pattern.format(2), ... that no part has."""
        number = 1
        while pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    def save(self, target: Path) -> None:
        """Write to a temporary file beside `target`, then move it into place; the source may be the target."""
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with _translated(), zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
                out.comment = self._zip.comment
                self._write_all(out)
            self._zip.close()
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def _write_all(self, out: zipfile.ZipFile) -> None:
        with self._path.open("rb") as raw:
            for key, info in self._infos.items():
                if key in self._last or key in self._dropped:
                    continue
                if key in self._changed:
                    _write(out, info.filename, self._changed[key])
                else:
                    _copy_raw(out, raw, info)
        for key, name in self._added.items():
            if key not in self._last:
                _write(out, name, self._changed[key])
        for key, content in self._last.items():
            _write(out, self._added.get(key) or self._infos[key].filename, content())

    def _find(self, part: str) -> str:
        key = _key(part)
        if key not in self._infos and _key(unquote(part)) in self._infos:
            return _key(unquote(part))
        return key

    def _info(self, part: str, limit: int) -> zipfile.ZipInfo:
        info = self._infos.get(self._find(part))
        if info is None or self._find(part) in self._dropped:
            raise UnpatchableWorkbook("part {part} is missing", part=part)
        if info.flag_bits & 0x01:
            raise UnpatchableWorkbook("the file is encrypted")
        if info.file_size > limit:
            raise UnpatchableWorkbook("part {part} is too large", part=part)
        return info


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()  # part names are case-insensitive (OPC, ECMA-376 part 2)


def _write(out: zipfile.ZipFile, name: str, content: Content) -> None:
    with out.open(name, "w") as member:
        for chunk in (content,) if isinstance(content, bytes) else content():
            member.write(chunk)


def _copy_raw(out: zipfile.ZipFile, raw: BinaryIO, source: zipfile.ZipInfo) -> None:
    """Append a member with its compressed bytes as they are; zipfile has no public call for that."""
    raw.seek(source.header_offset)
    name_length, extra_length = struct.unpack("<26xHH", raw.read(_LOCAL_HEADER))
    raw.seek(name_length + extra_length, 1)
    info = copy.copy(source)
    info.flag_bits &= ~0x08  # sizes stand in the header, no data descriptor follows
    stream = out.fp
    assert stream is not None  # noqa: S101  # open for writing
    stream.seek(out.start_dir)
    info.header_offset = stream.tell()
    stream.write(info.FileHeader())
    left = info.compress_size
    while left:
        chunk = raw.read(min(CHUNK, left))
        if not chunk:
            raise zipfile.BadZipFile("truncated member")
        stream.write(chunk)
        left -= len(chunk)
    out.filelist.append(info)
    out.NameToInfo[info.filename] = info
    out.start_dir = stream.tell()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise UnpatchableWorkbook("the file is damaged or no .xlsx workbook") from error


def _is_compound_file(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_OLE)) == _OLE
