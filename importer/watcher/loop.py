"""Everything together: folders in sessions on one ledger, a heartbeat, messages, and rounds until somebody says stop."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from importer.api.opening import Site, ledger_to_write
from importer.errors import LedgerUnavailable
from importer.messages import N_
from importer.watcher.aging import age
from importer.watcher.desk import Carrier, Desk
from importer.watcher.dog import bark
from importer.watcher.folder import Folder, Heard
from importer.watcher.hours import Hours
from importer.watcher.looking import Inbox, candidates
from importer.watcher.place import Place
from importer.watcher.pulse import Pulse
from importer.watcher.telling import note, tell
from importer.watcher.waking import wake_on_events

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["Watched", "Watcher"]

BEATS: Final = 4  # in a lease
OFFICE_S: Final = 2.0  # between looks at what is to be told
STOP_S: Final = 0.25  # until a word to stop is heard


@dataclass(slots=True, kw_only=True)
class Watched:
    """One folder for as long as this process lives; sessions come and go with the ledger."""

    site: Site
    place: Place
    carry: Carrier | None = None  # what sends in place of this process
    inbox: Inbox = field(init=False)
    hours: Hours = field(init=False)
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.place.inbox, self.place.rules)
        self.hours = Hours(self.place.rules, datetime.now().astimezone())
        self.pulse = Pulse(self.place.root)


class Watcher:
    """Watches folders of one configuration."""

    def __init__(self, watched: Sequence[Watched], *, stop: threading.Event, log: Any, heard: Heard) -> None:
        self._watched = watched
        self._settings = watched[0].site.settings.watch
        self._stop = stop
        self._log = log
        self._heard = heard
        self._aged: date | None = None

    @property
    def pulses(self) -> list[Pulse]:
        """How each folder is."""
        return [item.pulse for item in self._watched]

    # -- once ----------------------------------------------------------------------------------------------------------

    def once(self) -> None:
        """One round over everything that is complete, and over what waits for another attempt; then all messages.

        Raises LedgerUnavailable, and OSError for a folder that cannot be read.
        """
        with self._session(background=False) as folders:
            settle_s = 0.0
            for folder in folders:
                folder.begin()
                folder.inbox.look()
                if candidates(folder.desk.place.inbox):
                    settle_s = max(settle_s, folder.desk.place.rules.settle_s)
            self._stop.wait(settle_s)
            for folder in folders:
                folder.round(patient=False)
                for report in folder.waiting():
                    self._heard(report)
            for folder in folders:
                age(folder.desk, date.today())
                tell(folder.desk, flush=True)

    # -- until somebody says stop --------------------------------------------------------------------------------------

    def forever(self) -> None:
        """Rounds until `stop`. A ledger or a folder that cannot be used is tried again and again."""
        wake = threading.Event()
        for item in self._watched:
            wake_on_events(item.place.inbox, wake, self._stop, self._log)
        while not self._stop.is_set():
            try:
                with self._session(background=True) as folders:
                    for folder in folders:
                        self._guarded(folder, folder.begin)
                    while not self._stop.is_set():
                        for folder in folders:
                            self._guarded(folder, folder.round)
                        self._age(folders)
                        self._pause(wake)
            except LedgerUnavailable as error:
                self._log.error("ledger_unavailable", reason=str(error))
                for item in self._watched:
                    item.pulse.trouble = str(error)
                self._stop.wait(self._settings.poll_s)

    def _pause(self, wake: threading.Event) -> None:
        """Until the next look is due, something happened in an inbox, or somebody says stop."""
        until = time.monotonic() + self._settings.poll_s
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0 and not wake.wait(min(left, STOP_S)):
            pass
        wake.clear()

    def _guarded(self, folder: Folder, step: Callable[[], object]) -> None:
        """A folder that cannot be read keeps nobody from the others."""
        pulse = folder.desk.pulse
        try:
            step()
            pulse.trouble = ""
        except OSError as error:
            if not pulse.trouble:
                words = {"folder": str(pulse.folder), "reason": error.strerror or str(error)}
                note(folder.desk, f"folder:{uuid.uuid4().hex}", N_("{folder} cannot be read or written: {reason}"), **words)
            pulse.trouble = f"{error.strerror or error}: {error.filename or ''}".strip(": ")
            self._log.error("folder_unavailable", folder=str(pulse.folder), reason=pulse.trouble)

    def _age(self, folders: Sequence[Folder]) -> None:
        today = date.today()
        if self._aged != today:
            for folder in folders:
                self._guarded(folder, partial(age, folder.desk, today))
            self._aged = today

    # -- a session -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _session(self, *, background: bool) -> Iterator[list[Folder]]:
        """While one ledger stays usable. At the end anybody may take up our files at once."""
        owner, lease = uuid.uuid4().hex, timedelta(seconds=self._settings.lease_s)
        with ExitStack() as stack:
            ledger = stack.enter_context(ledger_to_write(self._watched[0].site))
            folders = [
                Folder(
                    desk=Desk(
                        site=item.site,
                        place=item.place,
                        ledger=ledger,
                        owner=owner,
                        lease=lease,
                        log=self._log.bind(folder=str(item.place.root)),
                        pulse=item.pulse,
                        carry=item.carry,
                        stop=self._stop,
                    ),
                    inbox=item.inbox,
                    hours=item.hours,
                    heard=self._heard,
                )
                for item in self._watched
            ]
            stack.callback(_release, ledger, owner)
            stack.enter_context(_running(lambda over: self._beat(over, ledger, owner, lease), "watch-heartbeat"))
            if background:
                stack.enter_context(_running(lambda over: self._office(over, folders), "watch-office"))
            yield folders

    def _beat(self, over: threading.Event, ledger: Ledger, owner: str, lease: timedelta) -> None:
        try:
            while not over.wait(lease.total_seconds() / BEATS):
                ledger.watched.beat(owner=owner, lease=lease)
        except LedgerUnavailable as error:  # whoever uses the ledger next ends the session
            self._log.error("no_heartbeat", reason=str(error))

    def _office(self, over: threading.Event, folders: Sequence[Folder]) -> None:
        while not over.wait(OFFICE_S):
            for folder in folders:
                try:
                    bark(folder.desk)
                    tell(folder.desk)
                except LedgerUnavailable:  # the rounds say so
                    return
                except Exception:  # noqa: BLE001 - people must be told of the next thing all the same; the log has the details
                    self._log.exception("fault_in_telling")


def _release(ledger: Ledger, owner: str) -> None:
    with suppress(LedgerUnavailable):  # then the lease tells it
        ledger.watched.release(owner=owner)


@contextmanager
def _running(work: Callable[[threading.Event], None], name: str) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
