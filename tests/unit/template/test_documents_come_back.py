"""Template, filled, read, checked, grouped: the documents that went in, for every document type; and again from the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.template.test_round_trip import LINE_CHECKS, MAPPINGS, values

from importer.documents import group
from importer.fieldtypes import DateFormats
from importer.mapping import Mapping as DocumentType
from importer.models import Document, RowStatus
from importer.pipeline.totals import Totals
from importer.schema import validate
from importer.workbook.reader import Sheet, read_workbook
from importer.workbook.results import Facts, RowOutcome, write_results
from importer.workbook.template import fill_template

Content = tuple[dict[str, Any], list[dict[str, Any]]]  # header, lines


def documents_of(mapping: DocumentType) -> st.SearchStrategy[list[Content]]:
    """Documents with every required value and any of the others."""

    def fields(names: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        kept = {name: field for name, field in names.items() if not field.generated}
        made = {name: values(mapping, name, field) for name, field in kept.items()}
        return st.fixed_dictionaries({name: some if kept[name].required else st.none() | some for name, some in made.items()})

    return st.lists(st.tuples(fields(mapping.header), st.lists(fields(mapping.lines), min_size=1, max_size=3)), min_size=1, max_size=3)


def filled(contents: Sequence[Content], repeat: Sequence[bool]) -> list[dict[str, Any]]:
    """Rows as people type them: key and header on a document's first row, on some others too."""
    rows = []
    for number, (header, lines) in enumerate(contents):
        for position, line in enumerate(lines):
            repeated = position == 0 or repeat[(number + position) % len(repeat)]
            rows.append({**line, **({"doc_key": f"K{number}", **header} if repeated else {})})
    return rows


def read(path: Path, mapping: DocumentType) -> tuple[Sheet, list[Document]]:
    """The documents of a workbook, in their order; none has a finding but of rules over several fields."""
    sheet = read_workbook(path, MAPPINGS)
    checked = validate(sheet.sheet, sheet.columns, sheet.rows, mapping, formats=DateFormats())
    assert {found.code for found in [*sheet.issues, *checked.issues]} <= LINE_CHECKS
    texts = [["" if value is None else str(value) for value in checked.values[name]] for name in ("doc_key",)]
    grouped = group(
        mapping,
        sheet=sheet.sheet,
        rows=checked.rows,
        values=checked.values,
        keys=texts[0],
        refs=[""] * len(checked.rows),
        places=sheet.columns,
    )
    assert list(grouped.failed) == []
    return sheet, list(grouped.documents)


def plain(contents: Sequence[Content]) -> list[Content]:
    """Without blanks."""
    return [
        ({n: v for n, v in head.items() if v is not None}, [{n: v for n, v in line.items() if v is not None} for line in lines])
        for head, lines in contents
    ]


def sums(mapping: DocumentType, contents: Sequence[Content]) -> list[dict[tuple[str, ...], Decimal]]:
    """The control totals, worked out from what was typed."""
    found = []
    for total in mapping.totals:
        groups: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for header, lines in plain(contents):
            for line in lines:
                if total.sum in line:
                    groups[tuple(str({**header, **line}.get(name, "")) for name in total.by)] += line[total.sum]
        found.append(dict(groups))
    return found


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_the_documents_that_went_in_come_out(tmp_path: Path, document_type: str, data: st.DataObject) -> None:
    """Headers, lines, their order and the totals are the same, to the last digit, also out of the results workbook."""
    mapping = MAPPINGS[document_type]
    contents = data.draw(documents_of(mapping))
    path = tmp_path / "filled.xlsx"
    fill_template(mapping, "en", path, filled(contents, data.draw(st.lists(st.booleans(), min_size=1, max_size=4))))
    sheet, documents = read(path, mapping)
    assert [(dict(found.header), [dict(line.fields) for line in found.lines]) for found in documents] == plain(contents)
    assert [row for found in documents for row in found.rows] == list(range(3, 3 + sum(len(lines) for _, lines in contents)))
    totals = Totals(mapping)
    for document in documents:
        totals.add(document, done=False)
    if not any(mapping.fields[total.sum].default for total in mapping.totals):
        assert [{place: whole for place, (whole, _) in total.sums.items()} for total in totals.result("en")] == sums(mapping, contents)
    results = tmp_path / "results.xlsx"
    results.unlink(missing_ok=True)
    outcomes = {row: RowOutcome(status=RowStatus.POSTED, doc_no="N-1", message="=1+1") for found in documents for row in found.rows}
    write_results(path, results, sheet=sheet, outcomes=outcomes, issues=[], facts=Facts(file="f", document_type="d"), language="en")
    assert read(results, mapping)[1] == documents


def test_the_outcome_of_a_line_is_that_of_its_document() -> None:
    """Whatever fields an outcome has, one day more of them: only the number of the line is another one."""
    whole = RowOutcome(**{item.name: f"{item.name} as it was" for item in fields(RowOutcome)})  # type: ignore[arg-type]
    assert whole.of_line(3) == replace(whole, line_no=3)
