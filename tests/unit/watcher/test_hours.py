"""When a folder is worked on."""

from __future__ import annotations

from datetime import datetime

import pytest

from importer.unattended import FolderRules
from importer.watcher.hours import Hours, is_quiet, next_hit


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-30 {text}").astimezone()


@pytest.mark.parametrize(
    ("spans", "moment", "quiet"),
    [
        (["08:00-18:00"], "08:00", True),
        (["08:00-18:00"], "17:59:59", True),
        (["08:00-18:00"], "18:00", False),
        (["22:00-06:00"], "23:00", True),
        (["22:00-06:00"], "05:59", True),
        (["22:00-06:00"], "12:00", False),
        (["12:00-13:00", "22:00 - 06:00"], "12:30", True),
        ([], "12:30", False),
    ],
)
def test_quiet_hours(spans: list[str], moment: str, quiet: bool) -> None:
    """Spans of hours, also over midnight; the end belongs to the day."""
    assert is_quiet(tuple(spans), at(moment)) is quiet


def test_a_cron_expression_opens_the_inbox_once_each_time() -> None:
    """Not before its moment, once at it, and not again until the next one."""
    hours = Hours(FolderRules(cron="0 * * * *"), at("10:30"))
    assert [hours.may_take(at(moment)) for moment in ("10:45", "11:00:01", "11:00:05", "11:59", "12:00")] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_without_a_cron_expression_always() -> None:
    """The usual case."""
    hours = Hours(FolderRules(), at("10:30"))
    assert hours.may_take(at("10:30"))
    assert hours.post_at(at("10:30")) is None


def test_the_next_moment_is_in_local_time() -> None:
    """Ten in the evening is the clock on the wall."""
    assert next_hit("0 22 * * *", at("10:30")) == at("22:00")
