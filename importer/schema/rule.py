"""One rule: what is demanded, and what is said where it is not met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Line", "Rule"]

Line = Mapping[str, Any]
"""The values of one line by field; None is blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What pandera checks, and what an issue says about a cell that breaks it."""

    code: str
    field: str  # the cell that an issue names
    of_rows: Sequence[str] = ()  # fields of one line that the rule compares; none for a rule on single values
    holds: Callable[[Any], Any]  # value -> bool; for a rule on lines: DataFrame -> boolean Series, or True
    says: Callable[[Any], dict[str, object]] = lambda _: {}  # placeholders, from the value or from the line's values by field

    @property
    def name(self) -> str:
        """Unique among the rules of a mapping."""
        return f"{self.code}:{self.field}"
