"""Says when nothing moves though something should, also while the rounds themselves hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.messages import N_
from importer.watcher.telling import note

if TYPE_CHECKING:
    from importer.watcher.desk import Desk

__all__ = ["bark", "is_stuck"]


def is_stuck(desk: Desk) -> bool:
    """Whether files wait, or a round goes on, and nothing has moved for too long."""
    pulse, limit_s = desk.pulse, desk.place.rules.watchdog_min * 60
    return bool(limit_s) and pulse.still_s >= limit_s and bool(pulse.inbox or pulse.working or pulse.busy)


def bark(desk: Desk) -> None:
    """Note what people should know; each standstill once."""
    pulse, rules = desk.pulse, desk.place.rules
    words = {"folder": str(desk.place.root)}
    pulse.stuck = is_stuck(desk)
    if pulse.stuck:
        text = N_("Nothing has moved in {folder} for {minutes} minutes, and {number} files wait.")
        number = pulse.inbox + pulse.working
        note(desk, f"still:{pulse.moved_at.isoformat()}", text, minutes=f"{pulse.still_s / 60:.0f}", number=number, **words)
    if rules.expect_min and pulse.silent_s >= rules.expect_min * 60:
        text = N_("No file has come into {folder} for {minutes} minutes.")
        note(desk, f"silent:{pulse.came_at.isoformat()}", text, minutes=f"{pulse.silent_s / 60:.0f}", **words)
