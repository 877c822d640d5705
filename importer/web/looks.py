"""What a page shows of a checked workbook, remembered so that a reload of 100,000 rows does not read them again.

A release never goes by what is remembered: the desk checks anew before anything is handed on.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from importer.ledger import Upload
from importer.models import Issue, Severity
from importer.pipeline.checking import Checked
from importer.web.preview import Preview, preview_of
from importer.workbook.reader import Sheet

__all__ = ["GRAVITY", "Look", "Looks", "Previewed", "look_of"]

GRAVITY: Final = (Severity.ERROR, Severity.WARNING, Severity.HINT)
MOST: Final = 400_000  # rows and issues that are remembered at once, about 1 kB each
GOOD_FOR_S: Final = 600.0  # lists of codes and the stages of documents may have changed after that


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """An upload as it would be sent now."""

    upload: Upload
    checked: Checked
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What of it is shown; the documents themselves are not kept."""

    digest: str
    sheet: Sheet | None
    issues: Sequence[Issue]  # the gravest first
    preview: Preview

    @property
    def weight(self) -> int:
        """How much memory it takes, in rows."""
        return 100 + (len(self.sheet.rows) if self.sheet else 0) + len(self.issues)


def look_of(seen: Previewed) -> Look:
    """The part that pages need."""
    checked = seen.checked
    issues = sorted(checked.issues, key=lambda found: (GRAVITY.index(found.severity), found.row or 0, found.column or 0))
    return Look(digest=seen.digest, sheet=checked.sheet, issues=issues, preview=preview_of(checked))


class Looks:
    """The latest ones, up to a weight. Safe to use from many threads; two that ask for the same one wait for one making."""

    def __init__(self, most: int = MOST, good_for_s: float = GOOD_FOR_S) -> None:
        self._most = most
        self._good_for_s = good_for_s
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, ...], tuple[float, Look]] = OrderedDict()
        self._making: dict[tuple[str, ...], threading.Lock] = {}

    def get(self, key: tuple[str, ...], make: Callable[[], Look]) -> Look:
        """The one that is remembered, else a new one."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                return self._remembered(key) or self._keep(key, make())
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def forget(self, upload_id: str) -> None:
        """What was shown of an upload is not so any more."""
        with self._lock:
            for key in [key for key in self._known if key[0] == upload_id]:
                del self._known[key]

    def _remembered(self, key: tuple[str, ...]) -> Look | None:
        with self._lock:
            at, look = self._known.get(key, (0.0, None))
            if look is None or time.monotonic() - at > self._good_for_s:
                return None
            self._known.move_to_end(key)
            return look

    def _keep(self, key: tuple[str, ...], look: Look) -> Look:
        with self._lock:
            self._known[key] = (time.monotonic(), look)
            self._known.move_to_end(key)
            while len(self._known) > 1 and sum(kept.weight for _, kept in self._known.values()) > self._most:
                self._known.popitem(last=False)
            if look.weight > self._most:
                self._known.pop(key)
        return look
