"""Is a file whole? Nobody has it open to write, and no part of a zip is missing (opening alone accepts files with holes)."""

from __future__ import annotations

import os
import signal
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["damage", "is_open"]

ZIP_FORMATS: Final = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".ods")
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old or an encrypted workbook
LARGEST: Final = 4 << 30  # bytes unpacked; what claims to be more is left to the reader, which refuses it
CHUNK: Final = 1 << 20


def is_open(path: Path) -> bool:
    """Whether somebody seems to have the file open: an owner file of Excel or LibreOffice lies next to it, or the system says so."""
    if any(path.with_name(name).exists() for name in (f"~${path.name}", f".~lock.{path.name}#")):
        return True
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except PermissionError:  # Windows, while a writer shares nothing
        return os.name == "nt"
    except OSError:
        return False
    try:
        return _is_held(handle)
    finally:
        os.close(handle)


def _is_held(handle: int) -> bool:
    """By a lock, or (Linux, own files) by anybody who may write: a read lease is granted only where nobody has it open for that."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        pass  # a share without locks
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    with suppress(OSError):  # a signal that is ignored by default, should a writer come in this very moment
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        pass  # not our file, or a file system without leases
    return False


def damage(path: Path) -> str:
    """What is wrong with a workbook's package, every byte of it unpacked; empty when nothing is, or when it is no package."""
    with path.open("rb") as file:
        start = file.read(len(OLE_MAGIC))
    if path.suffix.lower() not in ZIP_FORMATS or start == OLE_MAGIC:
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > LARGEST or any(info.flag_bits & 1 for info in infos):
                return ""
            for info in infos:
                _read_all(archive, info)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        return str(error) or type(error).__name__
    return ""


def _read_all(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    with archive.open(info) as part:
        while part.read(CHUNK):
            pass
