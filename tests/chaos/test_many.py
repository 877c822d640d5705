"""The short version of the storm over many machines."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos.many import check, storm


@pytest.mark.usefixtures("postgresql")  # skips where there is none
def test_workers_are_killed_and_the_database_is_restarted(tmp_path: Path) -> None:
    """Three workers, killed at random, and a restart of the database: every document once, and never too many calls at once."""
    # 900 calls of 100 ms, six at once: 15 s at the least, on the fastest machine
    with storm(tmp_path, documents=300, workers=3, every_s=(2.0, 4.0), latency_ms=100) as (many, erp):
        assert check(many, erp) == []
        assert many.kills >= 2
        assert many.restarts == 1
