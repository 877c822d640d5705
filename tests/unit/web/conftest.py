from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from site_folder import Rows, sound_rows
from unit.ledger.making import confirm

from importer.ledger import Ledger, open_ledger
from importer.mapping import load_mappings
from importer.pipeline.checking import check
from importer.settings import Profile
from importer.web.looks import Look, Previewed, look_of
from importer.workbook.template import fill_template

Looking = Callable[..., Look]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """New, its ERP confirmed."""
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as found:
        confirm(found)
        yield found


@pytest.fixture
def looking(tmp_path: Path, ledger: Ledger) -> Looking:
    """What the page shows of a filled template."""
    mappings = load_mappings()

    def look(rows: Rows | None = None) -> Look:
        path = tmp_path / "book.xlsx"
        fill_template(mappings["misc_issue"], "en", path, sound_rows() if rows is None else rows)
        profile = Profile(name="test", erp_id="test")
        checked = check(path, mappings=mappings, profile=profile, ledger=ledger)
        return look_of(Previewed(upload=None, checked=checked, digest="d"))  # type: ignore[arg-type]

    return look
