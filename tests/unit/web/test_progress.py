"""Counts and speeds that the progress shows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from importer.web.jobs import Pace
from importer.web.progress import Progress, _speed


@pytest.mark.parametrize(
    ("doing", "done", "gone", "rejected", "percent"),
    [("send", 0, 0, 0, 0), ("send", 2, 0, 1, 75), ("undo", 4, 1, 0, 25), ("send", 4, 0, 0, 100), ("", 0, 4, 0, 0)],
)
def test_percent_goes_by_what_is_under_way(doing: str, done: int, gone: int, rejected: int, percent: int) -> None:
    """Of four documents: those that have arrived or were refused while sending, those that are gone while taking back."""
    assert Progress(total=4, doing=doing, done=done, gone=gone, rejected=rejected).percent == percent


def test_a_hundred_per_cent_only_at_the_end() -> None:
    """999 of 1000 is not yet everything, and nothing of nothing is nothing."""
    assert Progress(total=1000, doing="send", done=999).percent == 99
    assert Progress(total=0).percent == 0


def test_speed_and_time_left() -> None:
    """By documents and calls since this server began."""
    pace = Pace()
    assert _speed(None) == (None, None)
    assert _speed(pace) == (None, None)
    pace.started_at = datetime.now().astimezone() - timedelta(seconds=100)
    pace.calls, pace.steps, pace.documents = 300, 900, 100
    per_hour, left_s = _speed(pace)
    assert per_hour is not None
    assert 3500 <= per_hour <= 3600
    assert left_s is not None
    assert 199 <= left_s <= 205
