"""One attempt at a file: `run`, or `resume` where it became a batch already. It may be made as often as one likes."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from importer.api import importing as api
from importer.api.values import RunReport
from importer.errors import ConfigurationError, ErpUnavailable, ImporterError, LedgerUnavailable
from importer.messages import N_, translate
from importer.models import Stage
from importer.watcher.place import Place
from importer.watcher.proving import damage
from importer.watcher.pulse import PulseListener
from importer.watcher.taking import LostFile, restore
from importer.watcher.verdict import Verdict, cancelled, damaged, gone, of_report, stays

if TYPE_CHECKING:
    from importer.ledger.watched import WatchedFile
    from importer.models import Batch
    from importer.watcher.desk import Desk

__all__ = ["Busy", "attempt", "backoff", "document_type_of"]

SLOWEST: Final = 10  # times retry_s


class Busy(Exception):
    """Another process is sending on this ledger."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def attempt(desk: Desk, file: WatchedFile) -> Verdict:
    """Import a file as far as its step asks. Raises LostFile when another watcher has it; Busy, or LedgerUnavailable by whoever
    uses the ledger next, when nothing could be sent."""
    if not desk.files.change(file, attempting=True, attempts=file.attempts + 1):
        raise LostFile(file.name)
    path = restore(desk, file)
    if path is None:
        return gone(desk.language)
    batch_id = file.batch_id or (desk.files.batch_of(str(path.resolve()), file.claimed_at) if file.attempts else "")
    shutil.rmtree(desk.place.out(file.id), ignore_errors=True)  # of an attempt before: the ledger knows better now
    try:
        return _import(desk, file, path, batch_id)
    except ConfigurationError as error:
        return _stays(desk, error, 2, batch_id)
    except ErpUnavailable as error:
        return _stays(desk, error, 4, batch_id)
    except LedgerUnavailable as error:
        raise Busy(translate(error.text, desk.language, **error.values)) from None
    except Exception as error:  # one file never keeps the others from being imported; the log has the details
        desk.log.exception("fault", file=file.name)
        text = N_("The importer came upon a fault of its own ({kind}); its log has the details.")
        return stays(1, translate(text, desk.language, kind=type(error).__name__), desk.language, batch_id)


def _stays(desk: Desk, error: ImporterError, exit_code: int, batch_id: str) -> Verdict:
    desk.log.warning("attempt_failed", reason=str(error))
    return stays(exit_code, translate(error.text, desk.language, **error.values), desk.language, batch_id)


def _import(desk: Desk, file: WatchedFile, path: Path, batch_id: str) -> Verdict:
    if not batch_id:
        if reason := damage(path):
            return damaged(reason, desk.language)
        return of_report(_run(desk, file, path), desk.language)
    batch = desk.ledger.batch(batch_id)
    if batch.state in ("cancelled", "undoing"):
        return cancelled(batch.id, desk.language)
    if batch.state == "paused":
        text = translate(N_("Batch {batch} is paused; carry on with: importer resume {batch}"), desk.language, batch=batch.id)
        return Verdict(outcome="", exit_code=130, message=text, language=desk.language, batch=batch.id, interrupted=True)
    return of_report(_resume(desk, file, batch), desk.language)


def _run(desk: Desk, file: WatchedFile, path: Path) -> RunReport:
    rules = desk.place.rules
    [report] = api.run(
        [path],
        desk.site,
        document_type=document_type_of(desk, file.name),
        until=Stage(rules.until),
        route=rules.route,
        policy=rules.policy,
        wait=False,
        out=_out(desk.place, file),
        **_sending(desk),
    )
    return report


def _resume(desk: Desk, file: WatchedFile, batch: Batch) -> RunReport:
    [report] = api.resume(
        batch.id,
        desk.site,
        until=Stage.POSTED if file.step == "post" else None,
        retry_rejected=file.attempting,  # an attempt that never ended may not have come to what a run tries again
        wait=False,
        out=_out(desk.place, file),
        **_sending(desk),
    )
    return report


def _sending(desk: Desk) -> dict[str, Any]:
    listener = PulseListener(desk.pulse, desk.log)
    carry = desk.carry(desk.site, listener, desk.stop) if desk.carry else None
    return {"stop": desk.stop, "listener": listener, "carry": carry}


def _out(place: Place, file: WatchedFile) -> Path:
    return place.out(file.id)


def document_type_of(desk: Desk, name: str) -> str | None:
    """By the sub-folder of the inbox, else as the folder's rules say; None leaves it to the workbook."""
    rules = desk.place.rules
    parts = PurePosixPath(name).parts
    first = parts[0] if len(parts) > 1 else ""
    if first in rules.types:
        return rules.types[first]
    return first if first in desk.site.mappings else rules.document_type or None


def backoff(desk: Desk, file: WatchedFile) -> timedelta:
    """How long a file waits before it is tried again: longer each time."""
    retry_s = desk.place.rules.retry_s
    return timedelta(seconds=min(retry_s * 2 ** min(file.attempts, 10), retry_s * SLOWEST))
