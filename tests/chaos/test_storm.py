"""The short storm, in every run of the suite; the long one is `python tests/chaos/storm.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos.storm import POINTS, blow, check


@pytest.mark.parametrize("route", ["standard", "combined"])
def test_nothing_lost_nothing_twice(route: str, tmp_path: Path) -> None:
    """Killed at every named point of the send loop and at random moments, over an ERP that loses answers, fails and hangs: each
    document is in the ERP once, is posted once, and none is left unknown."""
    for storm, erp in blow(tmp_path, route, documents=60, kills=10, seed=7, points=True):
        assert check(storm, erp) == []
        assert storm.at_points == list(POINTS)
        assert storm.kills >= 8
