"""Requests as they came over the wire, in a file: what the stub hears and the load generator says again."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["Recorded", "Recorder", "recorded"]

_LENGTHS: Final = struct.Struct("<II")  # of head and body
_OWN: Final = (b"host", b"content-length", b"connection", b"accept", b"accept-encoding", b"user-agent")
"""Headers that every client makes itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One request."""

    target: str  # path and query
    headers: list[tuple[bytes, bytes]]  # without those that a client makes itself
    body: bytes


class Recorder:
    """Writes the first `most` requests into a file."""

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._left = most

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def keep(self, head: bytes, body: bytes) -> None:
        """Add one request: its head without the blank line, and its body."""
        if self._left > 0:
            self._left -= 1
            self._file.write(_LENGTHS.pack(len(head), len(body)) + head + body)


def recorded(path: Path) -> Iterator[Recorded]:
    """The requests of a recording."""
    with path.open("rb") as file:
        while lengths := file.read(_LENGTHS.size):
            head, body = (file.read(length) for length in _LENGTHS.unpack(lengths))
            first, *lines = head.split(b"\r\n")
            headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
            kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
            yield Recorded(target=first.split(b" ")[1].decode(), headers=kept, body=body)
