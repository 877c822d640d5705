"""Other tools at the same work: `python -m tests.benchmarks.peers PEER FILE [URL]`.

    frictionless  validate the sheet against a schema with the mapping's types, lengths, required fields, texts without control characters
                  and without our mark, quantities above zero and of so many digits and decimals, no row twice: our rules that it has
    django        django-import-export: import the rows in a dry run into a model with the same fields (SQLite in memory)
    dlt           a custom destination that makes the three calls of each document
    naive         pandas.read_excel, groupby, and one call after the other: what one writes in an afternoon

None of them remembers across crashes what it has sent.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from importer.mapping import DOC_KEY, KEY_FIELD, Field, load_mappings
from importer.mapping import Mapping as DocumentType

from .floors import DATA_SHEET, calamine
from .workbooks import TYPE

__all__ = ["CHECKING", "NO_ODOO", "PEERS", "SENDING", "missing"]

HEADER_ROWS: Final = 2
SOUND_TEXT: Final = r"^(?!.*\[IMP:)[^\x00-\x1f\x7f-\x9f]*$"
NO_ODOO: Final = "calls Odoo's own `load` over XML-RPC, many rows at once; it cannot make these calls"
SERVICES: Final = ("create", "approve", "post")


@cache
def _mapping() -> DocumentType:
    return load_mappings()[TYPE]


def _fields() -> dict[str, Field]:
    return {name: field for name, field in _mapping().columns.items() if not field.generated}


# -- checking --------------------------------------------------------------------------------------------------------


def frictionless(file: Path, _: str) -> None:
    from frictionless import Checklist, Dialect, Resource, Schema, checks, formats

    required = {name for name, field in _mapping().lines.items() if field.required}
    descriptors = []
    rules: list[Any] = [checks.duplicate_row()]
    for name, field in {DOC_KEY: KEY_FIELD, **_fields()}.items():
        kind = {"date": "date", "decimal": "number", "integer": "integer"}.get(field.type, "string")
        limits: dict[str, object] = {"required": name in required}
        if kind == "string":
            limits |= {"pattern": SOUND_TEXT, **({"maxLength": field.max_length} if field.max_length else {})}
        if field.min_exclusive is not None:
            rules.append(checks.row_constraint(formula=f"{name} > {field.min_exclusive}"))
        if field.digits is not None:
            precision, scale = field.digits
            rules.append(checks.row_constraint(formula=f"{name} < {10 ** (precision - scale)}"))
            rules.append(checks.row_constraint(formula=f"{name} * {10**scale} == int({name} * {10**scale})"))
        descriptors.append({"name": name, "type": kind, "constraints": limits})
    dialect = Dialect(header_rows=[1], comment_rows=[HEADER_ROWS], controls=[formats.ExcelControl(sheet=DATA_SHEET + 1)])
    schema = Schema.from_descriptor({"fields": descriptors})
    with Resource(path=file.name, basepath=str(file.parent), dialect=dialect, schema=schema) as data:
        report = data.validate(Checklist(checks=rules))
    if not report.valid or not report.tasks[0].stats["rows"]:
        raise SystemExit(str(report.flatten(["rowNumber", "fieldName", "message"])[:3]))


def django(file: Path, _: str) -> None:
    import tablib
    from django.conf import settings

    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}, INSTALLED_APPS=["import_export"], USE_TZ=False
    )
    import django as framework

    framework.setup()
    from django.db import connection, models
    from import_export import resources

    kinds: dict[str, Callable[[Field], Any]] = {
        "date": lambda _: models.DateField(null=True, blank=True),
        "decimal": lambda field: models.DecimalField(max_digits=field.digits[0], decimal_places=field.digits[1], null=True),
    }
    text: Callable[[Field], Any] = lambda field: models.CharField(max_length=field.max_length)  # noqa: E731
    columns = {name: kinds.get(field.type, text)(field) for name, field in _fields().items()}
    meta = type("Meta", (), {"app_label": "import_export"})  # a model must belong to an installed app
    model = type("Row", (models.Model,), {"__module__": __name__, "Meta": meta, DOC_KEY: models.CharField(max_length=40), **columns})
    with connection.schema_editor() as editor:
        editor.create_model(model)
    rows = calamine(file, file)
    data = tablib.Dataset(*rows[HEADER_ROWS:], headers=rows[0])
    options = type("Meta", (), {"model": model, "import_id_fields": (), "fields": tuple(rows[0])})
    result = type("RowResource", (resources.ModelResource,), {"Meta": options})().import_data(data, dry_run=True)
    if result.has_errors():
        raise SystemExit(str(result.base_errors or result.row_errors()[:1]))


# -- sending ---------------------------------------------------------------------------------------------------------


def _documents(file: Path) -> Iterator[dict[str, Any]]:
    """The bodies of the creates."""
    mapping = _mapping()
    names, _, *rows = calamine(file, file)
    key = names.index(DOC_KEY)
    for row, before in zip(rows, [None, *rows], strict=False):
        row[key] = row[key] or (before[key] if before else "")
    for _, some in groupby(rows, key=lambda row: row[key]):
        cells = [{name: str(value) for name, value in zip(names, row, strict=True) if value != ""} for row in some]
        lines = [{name: line[name] for name in mapping.lines if name in line} for line in cells]
        header = {name: cells[0][name] for name in mapping.header if name in cells[0]}
        yield {**header, str(mapping.standard.line_list if mapping.standard else ""): lines}


def _carry(client: Any, url: str, document: dict[str, Any]) -> None:
    """Create, approve, post."""
    part = _mapping().standard
    assert part is not None
    parameter: dict[str, Any] = {part.header_list: [document]}
    for operation in SERVICES:
        headers = {"digi-service": json.dumps({"prod": "TIPTOP", "name": f"{part.prefix}data.{operation}"})}
        answer = client.post(f"{url}/CROSS/RESTful", json={"std_data": {"parameter": parameter}}, headers=headers).json()
        parameter = {"datakeys": answer["std_data"]["parameter"]["result"]["success"]}


def dlt(file: Path, url: str) -> None:
    import dlt as tool
    import httpx

    client = httpx.Client()

    @tool.destination(batch_size=1, naming_convention="direct", skip_dlt_columns_and_tables=True)
    def erp(items: Any, table: Any) -> None:
        for item in items if isinstance(items, list) else [items]:
            _carry(client, url, item)

    pipeline = tool.pipeline("bench", destination=erp, pipelines_dir=str(Path.cwd() / "dlt"))
    pipeline.run(tool.resource(_documents(file), name="documents", max_table_nesting=0))


def naive(file: Path, url: str) -> None:
    import httpx
    import pandas as pd

    mapping = _mapping()
    frame = pd.read_excel(file, sheet_name=DATA_SHEET, skiprows=[1], dtype=str, engine="openpyxl")
    frame[DOC_KEY] = frame[DOC_KEY].ffill()
    with httpx.Client() as client:
        for _, rows in frame.groupby(DOC_KEY, sort=False):
            first = rows.iloc[0].dropna().to_dict()
            lines = rows[[name for name in mapping.lines if name in rows]].to_dict("records")
            lines = [{name: value for name, value in line.items() if pd.notna(value)} for line in lines]
            header = {name: first[name] for name in mapping.header if name in first}
            _carry(client, url, {**header, str(mapping.standard.line_list if mapping.standard else ""): lines})


CHECKING: Final = {"frictionless": ("frictionless",), "django": ("django", "import_export")}  # peer -> what it imports
SENDING: Final = {"naive": ("pandas",), "dlt": ("dlt",)}
PEERS: Final[dict[str, Callable[[Path, str], None]]] = {"frictionless": frictionless, "django": django, "dlt": dlt, "naive": naive}


def missing(peer: str) -> str:
    """What is not installed of a peer; empty when it can run."""
    return ", ".join(name for name in {**CHECKING, **SENDING}[peer] if find_spec(name) is None)


if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]).resolve(), sys.argv[3] if len(sys.argv) > 3 else "")
