"""What the ledger keeps of a check besides the documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from importer.models import Issue, Severity

__all__ = ["Kept", "load_kept"]

ISSUE_FIELDS = ("code", "severity", "sheet", "row", "column", "header", "field", "value", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Findings, and where the rows of documents that are not sent belong."""

    issues: Sequence[Issue]
    wrong_rows: Mapping[int, int]  # rows of documents that are not sent -> the row to be corrected
    refs: Mapping[int, str]  # `_ref` cells of those rows
    keys: Mapping[int, str] = dataclasses.field(default_factory=dict)  # document keys of those rows
    origins: Sequence[str] = ()  # batches whose to-fix workbooks the rows came in

    def dump(self) -> bytes:
        """As JSON."""
        content = {
            "issues": [{name: getattr(found, name) for name in ISSUE_FIELDS} for found in self.issues],
            "wrong_rows": self.wrong_rows,
            "refs": self.refs,
            "keys": self.keys,
            "origins": self.origins,
        }
        return orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS)


def load_kept(content: bytes) -> Kept:
    """From `Kept.dump`; what an earlier version did not keep is empty."""
    found = orjson.loads(content or b"{}")

    def by_row(name: str) -> dict[int, str]:
        return {int(row): text for row, text in found.get(name, {}).items()}

    return Kept(
        issues=[Issue(**{**item, "severity": Severity(item["severity"])}) for item in found.get("issues", ())],
        wrong_rows={int(row): wrong for row, wrong in found.get("wrong_rows", {}).items()},
        refs=by_row("refs"),
        keys=by_row("keys"),
        origins=found.get("origins", ()),
    )
