"""A text file goes the whole way: into the ERP once, and back as a workbook with the numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from site_folder import SiteFolder, movements_of, once_each, shipped, sound_rows

from importer.mapping import DOC_KEY, KEY_FIELD
from importer.simulator import Simulator


def text_of(rows: list[dict[str, object]], encoding: str, separator: str) -> bytes:
    """Rows as another system of Taiwan exports them: labels, and nothing of ours."""
    fields = {DOC_KEY: KEY_FIELD, **shipped()["misc_issue"].columns}
    names = [name for name in fields if any(name in row for row in rows)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([fields[name].label_in("zh_TW") for name in names])
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize(("name", "encoding", "separator"), [("雜發.csv", "cp950", ","), ("export.txt", "utf-16", "\t")])
def test_a_text_file_is_imported_once(site: SiteFolder, erp: Simulator, name: str, encoding: str, separator: str) -> None:
    """What was posted from a text file is known again in its results workbook, and in the file itself."""
    rows = sound_rows(documents=3, lines=2)
    path = site.folder / name
    path.write_bytes(text_of(rows, encoding, separator))
    report = site.run(path, document_type="misc_issue")
    assert (report.stages, list(report.issues)) == ({"posted": 3}, [])
    assert report.results is not None and Path(report.results).suffix == ".xlsx"
    once_each(erp, movements_of("misc_issue", rows), 3)
    for again in (Path(report.results), path):
        assert site.run(again, document_type="misc_issue").already_imported == 3
    once_each(erp, movements_of("misc_issue", rows), 3)
