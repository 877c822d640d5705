"""Files of watched folders in the ledger: one hand on a name, one place for a file, and nothing by a watcher that lost it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from importer.ledger import Ledger
from importer.ledger.outbox import NoticeRow, _notice
from importer.ledger.watched import Sighting, WatchedFile

LEASE = timedelta(hours=1)
SEEN = Sighting(name="a/雜發.xlsx", size=7, mtime_ns=1)


def claim(ledger: Ledger, owner: str = "one", *, lease: timedelta = LEASE, seen: Sighting = SEEN) -> WatchedFile | None:
    return ledger.watched.claim("F", seen, owner=owner, lease=lease)


def claimed(ledger: Ledger, owner: str = "one", *, lease: timedelta = LEASE) -> WatchedFile:
    file = claim(ledger, owner, lease=lease)
    assert file is not None
    return file


def end(ledger: Ledger, file: WatchedFile, target: str) -> bool:
    left = ledger.watched.leave(file, target=target, outcome="done", targets='[["a", "b"]]')
    return left and ledger.watched.change(file, state="ended", owner="", told=False)


def test_one_hand_on_a_name(ledger: Ledger) -> None:
    """The second watcher comes too late; once the file is away, the name is free for the next file."""
    file = claimed(ledger)
    assert claim(ledger, "two") is None
    assert ledger.watched.change(file, state="working")
    assert claim(ledger, "two") is not None


def test_a_file_that_was_not_there_leaves_no_trace(ledger: Ledger) -> None:
    """Its name is free again; what is in our hands cannot be dropped."""
    file = claimed(ledger)
    ledger.watched.drop(file)
    assert ledger.watched.get(file.id) is None
    kept = claimed(ledger)
    ledger.watched.change(kept, state="working")
    ledger.watched.drop(kept)
    assert ledger.watched.get(kept.id) is not None


def test_who_lost_a_file_changes_nothing(ledger: Ledger) -> None:
    """Taken over after its lease, or when its watcher let go; the attempt that never ended is counted."""
    file = claimed(ledger, lease=timedelta(0))
    ledger.watched.change(file, state="working", attempting=True)
    time.sleep(0.002)  # the lease of nothing is over with the next tick of the clock
    [taken] = ledger.watched.take_over("F", owner="two", lease=LEASE)
    assert (taken.id, taken.owner, taken.crashes) == (file.id, "two", 1)
    assert not ledger.watched.change(file, due_at=file.due_at)
    assert not end(ledger, file, "done/x")
    assert ledger.watched.take_over("F", owner="one", lease=LEASE) == []
    ledger.watched.release(owner="two")
    assert len(ledger.watched.take_over("F", owner="one", lease=LEASE)) == 1


def test_a_heartbeat_keeps_files(ledger: Ledger) -> None:
    """As long as it beats nobody takes them."""
    claimed(ledger, lease=timedelta(0))
    ledger.watched.beat(owner="one", lease=LEASE)
    assert ledger.watched.take_over("F", owner="two", lease=LEASE) == []


def test_one_place_for_one_file(ledger: Ledger) -> None:
    """The second is refused and can choose another name; an end is not taken back."""
    first = claimed(ledger)
    ledger.watched.change(first, state="working")
    second = claimed(ledger)
    ledger.watched.change(second, state="working")
    assert end(ledger, first, "done/x")
    assert not end(ledger, second, "done/x")
    assert end(ledger, second, "done/x-2")
    assert not ledger.watched.change(first, state="working", outcome="")
    assert ledger.watched.open_files("F") == []


def test_everything_is_put_into_one_message(ledger: Ledger) -> None:
    """Two watchers that gather at the same moment: one of them makes the message; a notice is told once."""
    file = claimed(ledger)
    assert end(ledger, file, "done/x")
    assert ledger.outbox.note("F", "still", "{}")
    assert not ledger.outbox.note("F", "still", "{}")
    assert not ledger.outbox._write(_notice, NoticeRow(folder="F", key="still", at=file.claimed_at, notice="{}"))  # both had looked before
    files, notices = ledger.outbox.untold("F")
    ids, keys = [item.id for item in files], [row.key for row in notices]
    assert ledger.outbox.post("F", ids, keys, {"email": "{}", "webhook:a": "{}"})
    assert not ledger.outbox.post("F", ids, keys, {"email": "{}"})
    assert ledger.outbox.untold("F") == ([], [])
    assert sorted(message.channel for message in ledger.outbox.due("F")) == ["email", "webhook:a"]


@pytest.mark.parametrize("ended", ["sent", "given up", "later"])
def test_a_message_is_delivered_by_one(ledger: Ledger, ended: str) -> None:
    """Whoever takes it; what is not taken by its channel is due again, or given up."""
    ledger.outbox.post("F", [], [], {"email": "{}"})
    [message] = ledger.outbox.due("F")
    assert ledger.outbox.take(message, timedelta(hours=1))
    assert not ledger.outbox.take(message, timedelta(hours=1))
    assert ledger.outbox.due("F") == []
    if ended == "sent":
        ledger.outbox.sent(message)
    else:
        ledger.outbox.failed(message, "no", again_in=timedelta(0) if ended == "later" else None)
    assert [found.error for found in ledger.outbox.due("F")] == (["no"] if ended == "later" else [])
    assert ledger.outbox.waiting("F") == (1 if ended == "later" else 0)
