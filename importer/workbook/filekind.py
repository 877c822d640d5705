"""What a file is by its content, whatever its name says; nothing is read that is no file, or too big to be held in memory."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Final, Literal

from importer.errors import UnreadableWorkbook

__all__ = ["OLE_MAGIC", "TEXT_FORMATS", "ZIP_MAGIC", "Kind", "Version", "kind_of", "prove_file", "version_of"]

ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old binary formats, and encrypted workbooks
TEXT_FORMATS: Final = (".csv", ".txt", ".tsv")
LIMIT_FILE: Final = 512 << 20  # bytes on disk
LIMIT_TEXT: Final = 256 << 20  # of a text file, whose cells all go into memory
Kind = Literal["xlsx", "xlsb", "ods", "ole", "text"]
Version = tuple[int, int, int]
"""Of a file: when it was written, its size, which one it is. Another one means that somebody has saved the file meanwhile."""

_OTHERS: Final = (  # beginnings of files that get handed in as workbooks, and what people call them
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"PK", "ZIP"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
)


def prove_file(path: Path) -> None:
    """Raises UnreadableWorkbook where there is no file, none that can be read to an end, or one too big."""
    try:
        about = path.stat()
    except FileNotFoundError:
        raise UnreadableWorkbook("file_not_found", file=path.name) from None
    except (OSError, ValueError) as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=getattr(error, "strerror", None) or str(error)) from None
    if not stat.S_ISREG(about.st_mode):
        raise UnreadableWorkbook(
            "file_not_workbook", file=path.name or str(path), found="DIR" if stat.S_ISDIR(about.st_mode) else stat.filemode(about.st_mode)
        )
    limit = LIMIT_TEXT if path.suffix.lower() in TEXT_FORMATS else LIMIT_FILE
    if about.st_size > limit:
        raise UnreadableWorkbook("file_too_large", file=path.name, size=about.st_size >> 20, limit=limit >> 20)


def version_of(path: Path) -> Version:
    """Raises UnreadableWorkbook where there is no file any more."""
    try:
        about = path.stat()
    except OSError as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=error.strerror or str(error)) from None
    return about.st_mtime_ns, about.st_size, about.st_ino


def kind_of(path: Path) -> Kind:
    """Raises UnreadableWorkbook that says what the file is if it is no workbook; text is one only under the name of a text file."""
    prove_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=error.strerror or str(error)) from None
    if start.startswith(OLE_MAGIC):
        return "ole"
    if start.startswith(ZIP_MAGIC):
        return _kind_of_zip(path)
    if path.suffix.lower() in TEXT_FORMATS and start and _name_of(start) in ("text", "binary"):
        return "text"
    raise UnreadableWorkbook("file_not_workbook", file=path.name, found=_name_of(start))


def _kind_of_zip(path: Path) -> Kind:
    """By the names of its parts; a package whose directory cannot be read goes by the name of the file, and is refused later."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return "xlsx"
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    return "ods" if "content.xml" in names and "META-INF/manifest.xml" in names else "xlsx"


def _name_of(start: bytes) -> str:
    """What a file is that is no workbook, in a word that every language has."""
    for magic, name in _OTHERS:
        if start.startswith(magic):
            return name
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "HTML"
    if text.startswith(b"<?xml"):
        return "HTML" if b"<html" in text else "XML"
    if not start:
        return "0 bytes"
    return "text" if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in start else "binary"
