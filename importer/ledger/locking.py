"""Locks between processes on a SQLite file: who sends, and who writes at this moment."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from importer.errors import LedgerUnavailable
from importer.messages import N_

__all__ = ["FileLocks", "NoLocks"]

WRITE_POLL_S: Final = 0.002
SEND_POLL_S: Final = 0.1


class NoLocks:
    """A database server keeps its own order."""

    def close(self) -> None:
        """Nothing was held."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Nothing to wait for."""
        yield

    @contextmanager
    def sending(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> Iterator[None]:  # noqa: ARG002 - as FileLocks
        """Several processes may send."""
        yield


class FileLocks:
    """`<ledger>.lock` is held while a process sends, `<ledger>.write` for the length of one transaction.

    The second is handed on in order of asking. It keeps two processes from writing or moving the log at the same instant, which
    can corrupt a WAL database (SQLite before 3.51.3). Both end with their process, however it ends.
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._sending = FileLock(f"{ledger}.lock", thread_local=False)
        self._writing = _Turn(Path(f"{ledger}.write"))
        self._holder = Path(f"{ledger}.holder")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """For one transaction."""
        try:
            self._writing.acquire()
        except OSError as error:
            raise self._no_lock(error) from error
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def sending(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> Iterator[None]:
        """For as long as anything is claimed. LedgerUnavailable names the holder when not waiting."""
        try:
            self._acquire(wait=wait, on_wait=on_wait)
        except OSError as error:
            raise self._no_lock(error) from error
        try:
            self._tell_holder()
            yield
        finally:
            with suppress(OSError):
                self._holder.unlink()
            self._sending.release()

    def close(self) -> None:
        """Let go of the files."""
        self._writing.close()

    def _acquire(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> None:
        try:
            self._sending.acquire(timeout=0)
        except Timeout:
            if not wait:
                raise LedgerUnavailable(
                    N_("The ledger {ledger} is in use by {holder}; only one process may send at a time."),
                    ledger=self._ledger,
                    holder=self._read_holder(),
                ) from None
            if on_wait:
                on_wait(self._read_holder())
            self._sending.acquire(poll_interval=SEND_POLL_S)

    def _tell_holder(self) -> None:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        new = Path(f"{self._holder}.new")
        with suppress(OSError):  # only a courtesy to those who wait
            new.write_text(json.dumps(holder), encoding="utf-8")
            new.replace(self._holder)

    def _read_holder(self) -> str:
        """For people: which process holds the sending lock."""
        try:
            found = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"process {found['pid']} on {found['host']} (since {found['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def _no_lock(self, error: OSError) -> LedgerUnavailable:
        return LedgerUnavailable(
            N_("The ledger {ledger} cannot be locked: {reason}."), ledger=self._ledger, reason=error.strerror or str(error)
        )


class _Turn:
    """A file lock taken some thousand times a second: its file stays open, and the system lets the waiting in one after another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._polled = FileLock(path, thread_local=False)

    def acquire(self) -> None:
        """Wait for it."""
        if fcntl is None:
            self._polled.acquire(poll_interval=WRITE_POLL_S)
            return
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next one in."""
        if fcntl is None:
            self._polled.release()
        elif self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
