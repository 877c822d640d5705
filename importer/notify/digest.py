"""What one message is about: files that have ended, and what else people should know."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Digest", "Item", "Notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file that has ended."""

    file: str  # as it lay in the inbox
    outcome: str  # done, tofix, failed
    path: str  # where it is now, below the watched folder
    results: Sequence[str] = ()  # what lies next to it, below the watched folder
    batch: str = ""
    document_type: str = ""
    documents: int = 0
    stages: Mapping[str, int] = field(default_factory=dict)
    rejected: int = 0
    unknown: int = 0
    already_imported: int = 0
    errors: int = 0  # issues that are errors
    message: str = ""  # why, in the user's language


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something else: an English text of the message catalogue and its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that one message tells."""

    folder: str  # the watched folder, as the watching machine has it
    at: datetime
    items: Sequence[Item] = ()
    notices: Sequence[Notice] = ()

    def count(self, outcome: str) -> int:
        """How many files ended so."""
        return sum(item.outcome == outcome for item in self.items)

    def dump(self) -> str:
        """As JSON; a file name that is no text stays what it is."""
        return json.dumps(dataclasses.asdict(self), default=lambda at: at.isoformat())

    @classmethod
    def load(cls, text: str) -> Digest:
        """Of `dump`."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            folder=found["folder"],
            at=datetime.fromisoformat(found["at"]),
            items=[Item(**item) for item in found["items"]],
            notices=[Notice(**notice) for notice in found["notices"]],
        )
