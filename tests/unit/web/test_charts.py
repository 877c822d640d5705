"""What the dashboard counts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from importer.ledger import Standing
from importer.models import Stage, Status
from importer.web.charts import Charts, _bars, outcome_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def standing(stage: Stage, status: Status | None = None, *, until: Stage = Stage.POSTED, documents: int = 1) -> Standing:
    return Standing(at=NOON, stage=stage, status=status, until=until, documents=documents)


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (standing(Stage.POSTED), "done"),
        (standing(Stage.CREATED, until=Stage.CREATED), "done"),
        (standing(Stage.CREATED), "open"),
        (standing(Stage.NEW, Status.PENDING), "open"),
        (standing(Stage.NEW, Status.REJECTED), "rejected"),
        (standing(Stage.APPROVED, Status.UNKNOWN), "unknown"),
        (standing(Stage.DELETED), "gone"),
        (standing(Stage.VOID), "gone"),
    ],
)
def test_how_a_document_ended(found: Standing, outcome: str) -> None:
    """By its stage, what was asked for, and the last call."""
    assert outcome_of(found) == outcome


def test_every_day_has_a_bar() -> None:
    """Days without documents are there with nothing; what is older is left out."""
    found = [standing(Stage.POSTED, documents=3), standing(Stage.NEW, Status.REJECTED, documents=2)]
    charts = Charts(bars=_bars(found, date(2026, 11, 20), 7), durations=[])
    assert [bar.total for bar in charts.bars] == [0, 0, 0, 0, 5, 0, 0]
    assert charts.most == 5
    assert charts.totals == {"done": 3, "rejected": 2}
    assert _bars(found, date(2026, 11, 25), 1)[0].total == 0
