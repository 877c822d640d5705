"""README's generated tables: `python tests/unit/docs/readme_tables.py` writes them, a test holds that they are up to date."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from importer.issue_catalogue import CATALOGUE, title
from importer.mapping import DOC_KEY, KEY_FIELD, Field, Mapping, load_mappings

README: Final = Path(__file__).parents[3] / "README.md"


def fields() -> str:
    """One table per document type, from its mapping."""
    return "\n\n".join(_table_of(mapping) for mapping in load_mappings().values())


def _table_of(mapping: Mapping) -> str:
    rows = [
        f"**{mapping.title_in('zh_TW')} `{mapping.document_type}`**",
        "",
        "| field | 欄位 | meaning | type | length | required | column |",
    ]
    rows.append("|---|---|---|---|---|---|---|")
    columns = {**({DOC_KEY: KEY_FIELD} if mapping.has_key_column else {}), **mapping.columns}
    rows += [_row(mapping, name, field) for name, field in columns.items()]
    return "\n".join(rows)


def _row(mapping: Mapping, name: str, field: Field) -> str:
    length = field.max_length if name == DOC_KEY else mapping.max_length(name)
    size = length or (f"{field.digits[0]},{field.digits[1]}" if field.digits else "")
    part = "yes" if field.required else ""
    return f"| `{name}` | {field.label_in('zh_TW')} | {field.label_in('en')} | `{field.type}` | {size} | {part} | {field.column or ''} |"


def issues() -> str:
    """Every code of the issue catalogue."""
    rows = ["| code | severity | what it means | 說明 |", "|---|---|---|---|"]
    rows += [f"| `{code}` | {entry.severity.value} | {title(code, 'en')} | {title(code, 'zh_TW')} |" for code, entry in CATALOGUE.items()]
    return "\n".join(rows)


TABLES: Final[dict[str, Callable[[], str]]] = {"fields": fields, "issues": issues}


def generated(text: str) -> str:
    """README with its tables made anew."""
    for name, make in TABLES.items():
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda found, make=make: f"{found[1]}{make()}\n{found[2]}", text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
