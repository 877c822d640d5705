"""`importer worker`: take chunks until told to stop, also after the database was away for a while."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from importer.api.opening import SERVER_POLL_S, Site, wait_for_ledger
from importer.api.values import Listener
from importer.errors import ConfigurationError, LedgerLost
from importer.ledger.address import libpq
from importer.messages import N_
from importer.worker import queue
from importer.worker.periodic import own_work
from importer.worker.telling import Telling
from importer.worker.working import Working

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.metrics import Metrics

__all__ = ["LANES", "Served", "work"]

LANES: Final = 8


@dataclass(slots=True)
class Served:
    """What a worker has done."""

    calls: int = 0
    documents: int = 0


def work(
    site: Site,
    *,
    lanes: int = LANES,
    stop: threading.Event,
    listener: Listener,
    metrics: Metrics | None = None,
) -> Served:
    """Until `stop` is set: then no document is begun any more, those under way end their present call, the rest goes back.

    Raises ConfigurationError where the ledger is no PostgreSQL database.
    """
    conninfo = libpq(site.settings.ledger_url)
    if conninfo is None:
        raise ConfigurationError(N_("Workers need a PostgreSQL ledger; the ledger of this configuration is a SQLite file."))
    served = Served()
    with _ledger(site, stop, listener) as ledger:
        while ledger is not None and not stop.is_set():
            lost = _session(site, ledger, conninfo, lanes, stop, listener, metrics, served)
            if lost is not None:
                try:
                    wait_for_ledger(ledger, lost, stop=stop, listener=listener)
                except LedgerLost:
                    break  # told to stop meanwhile; what was under way is asked about when the lease is over
    return served


@contextmanager
def _ledger(site: Site, stop: threading.Event, listener: Listener) -> Iterator[Ledger | None]:
    """Open, with the right to send; a server that is not there yet is waited for. None when `stop` came first."""
    from importer.ledger import open_ledger

    with ExitStack() as stack:
        told = False
        while not stop.is_set():
            try:
                ledger = stack.enter_context(open_ledger(site.settings.ledger_url))
                stack.enter_context(ledger.sending_lock())
            except LedgerLost as lost:
                stack.close()
                if not told:
                    listener.notice(lost.text, **lost.values)
                told = True
                stop.wait(SERVER_POLL_S)
                continue
            yield ledger
            return
        yield None


def _session(
    site: Site,
    ledger: Ledger,
    conninfo: str,
    lanes: int,
    stop: threading.Event,
    listener: Listener,
    metrics: Metrics | None,
    served: Served,
) -> LedgerLost | None:
    """As long as the connection lasts; why it was lost, or None when told to stop. When this returns, nothing is under way any more."""
    telling = Telling(ledger, lanes=lanes, metrics=metrics)
    working = Working(site, ledger, lanes=lanes, stop=stop, telling=telling, notice=listener.notice)
    try:
        with telling.running():
            lost = _run(
                queue.serve(
                    conninfo,
                    lanes=lanes,
                    work=working,
                    periodic=own_work(ledger, working, conninfo, prune_after_days=site.settings.prune_after_days),
                    stopping=lambda: stop.is_set() or working.lost is not None,
                    make_room=working.make_room,
                    began=lambda: listener.notice(N_("Worker with {lanes} lanes on {ledger}"), lanes=lanes, ledger=ledger.url),
                )
            )
    finally:
        working.close()
        served.calls += telling.calls
        served.documents += telling.arrived
    return working.lost or lost


def _run(serving: Coroutine[Any, Any, None]) -> LedgerLost | None:
    """To its end; what it was lost by, without the traceback.

    A connection half made stays open for as long as a traceback or a cycle holds it, and a server that was told to end waits
    for it a whole minute (`authentication_timeout`).
    """
    lost = None
    try:
        asyncio.run(serving)
    except LedgerLost as error:
        lost = LedgerLost(error.text, **error.values)
    gc.collect()
    return lost
