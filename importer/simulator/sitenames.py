"""Names that one site uses in place of the defaults of protocol §9: the judge of a mapping that overrides them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNames:
    """What one document type is called on the wire at this site; "" = as in §9."""

    kind: str  # misc_issue, ...
    prefix: str = ""  # of its services
    header_list: str = ""
    line_list: str = ""
    header: tuple[tuple[str, str], ...] = ()  # (standard field, the site's)
    lines: tuple[tuple[str, str], ...] = ()


def names_from_json(values: dict[str, Any]) -> SiteNames:
    """Raise ValueError for a name that is none of the above."""
    if unknown := set(values) - {field.name for field in fields(SiteNames)}:
        raise ValueError(f"not a setting of site names: {', '.join(sorted(unknown))}")
    pairs: dict[str, Any] = {part: tuple((str(a), str(b)) for a, b in values.get(part, ())) for part in ("header", "lines")}
    merged: dict[str, Any] = {**values, **pairs}
    return SiteNames(**merged)
