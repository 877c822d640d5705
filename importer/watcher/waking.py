"""File events wake the watcher before its next look. They get lost on network shares, so nothing depends on them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

__all__ = ["wake_on_events"]


def wake_on_events(inbox: Path, wake: threading.Event, stop: threading.Event, log: Any) -> threading.Thread:
    """A thread that sets `wake` whenever something happens below a folder, until `stop`."""
    thread = threading.Thread(target=_listen, args=(inbox, wake, stop, log), name="watch-events", daemon=True)
    thread.start()
    return thread


def _listen(inbox: Path, wake: threading.Event, stop: threading.Event, log: Any) -> None:
    try:
        import watchfiles

        for _ in watchfiles.watch(inbox, stop_event=stop, raise_interrupt=False, ignore_permission_denied=True):
            wake.set()
    except Exception as error:  # noqa: BLE001 - whatever it is, looks go on without events
        log.warning("no_events", reason=str(error))
