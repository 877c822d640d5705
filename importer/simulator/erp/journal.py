"""Undoing the work of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Journal:
    """While a transaction is open, changes leave how to undo them; without one, they cost nothing."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] | None = None

    @property
    def open(self) -> bool:
        return self._undo is not None

    def note(self, undo: Callable[[], None]) -> None:
        if self._undo is not None:
            self._undo.append(undo)

    def roll_back(self) -> None:
        """Undo what the open transaction did so far."""
        while self._undo:
            self._undo.pop()()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._undo = []
        try:
            yield
        finally:
            self._undo = None
