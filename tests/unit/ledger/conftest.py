from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.ledger.making import confirm

from importer.ledger import Ledger, open_ledger


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a ledger that is not there yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """New, its ERP confirmed."""
    with open_ledger(url) as found:
        confirm(found)
        yield found


@pytest.fixture
def sending(ledger: Ledger) -> Iterator[Ledger]:
    """The same, inside its sending lock."""
    with ledger.sending_lock():
        yield ledger
