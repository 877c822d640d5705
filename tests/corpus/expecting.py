"""What is expected of a workbook, and what came of it, in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

TOKEN: Final = re.compile(r" ?\[IMP:[A-Z0-9]+\]$")


def outcome(answer: dict[str, Any]) -> dict[str, Any]:
    """From the checking process: exit code, counts, issues as `severity code cell`, values by field in the order of the requests."""
    (report,) = answer["report"]
    found = {
        "exit": answer["code"],
        "documents": report["documents"],
        "lines": report["lines"],
        "issues": [_named(issue) for issue in report["issues"]],
    }
    values: dict[str, list[Any]] = {}
    for name, value in _values(answer["documents"]):
        values.setdefault(name, []).append(TOKEN.sub("", value) if isinstance(value, str) else value)
    return {**found, "values": {name: column for name, column in values.items() if any(value != "" for value in column)}}


def _named(issue: dict[str, Any]) -> str:
    place = issue["cell"] or (f"row {issue['row']}" if issue["row"] else "")
    return f"{issue['severity']} {issue['code']} {place}".strip()


def _values(content: Any) -> Iterator[tuple[str, Any]]:
    """Field and value of headers and lines, wherever they stand in a request."""
    if isinstance(content, list):
        for item in content:
            yield from _values(item)
    elif isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, list | dict):
                yield from _values(value)
            elif name != "seq":
                yield name, value
