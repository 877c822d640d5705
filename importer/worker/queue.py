"""The queue: Procrastinate, in a schema of its own beside the ledger. The only place that knows it.

Its tables carry the version of their definition in the schema's name: another release of Procrastinate begins with empty tables,
and what waits in the ledger is handed out anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from importer.errors import ConfigurationError, LedgerLost
from importer.messages import N_
from importer.worker.chunks import URGENT, Chunk

if TYPE_CHECKING:
    from procrastinate import App, JobContext

__all__ = ["BEAT_S", "SILENT_S", "Periodic", "Queue", "serve"]

TASK: Final = "chunk"
BEAT_S: float = 5.0
SILENT_S: float = 30.0  # a worker that was silent for so long is dead, and its chunks are handed to others
POLL_S: Final = 0.25  # for a chunk
URGENT_S: Final = 0.25  # between looks for a small batch that waits for a lane
WAIT_S: Final = 5.0  # for a connection
AGAIN_S: Final = 30  # after something that nobody foresaw
AT_ONCE: Final = 500  # chunks in one statement

Work = Callable[[Chunk], float | None]
"""Carries a chunk; None when it is done, else the seconds after which what is left of it is to be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Work that one of the workers does now and then."""

    name: str
    cron: str  # minute hour day month weekday, and seconds as a sixth part
    run: Callable[[], None]


class _Again(Exception):
    """What is left of a chunk goes back into the queue."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Queue:
    """For whoever hands chunks out. Raises LedgerLost while the server cannot be reached."""

    def __init__(self, conninfo: str) -> None:
        self._app = _application(conninfo, asynchronous=False)
        with _translated():
            _install(conninfo)
            self._app.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(LedgerLost), _translated():
            self._app.close()

    def put(self, chunks: Sequence[Chunk], priorities: Sequence[int], *, lock: str | None) -> None:
        """Hand chunks out, in this order. Those with the same `lock` are never done at once."""
        from procrastinate.jobs import Job

        jobs = [
            Job(
                queue=chunk.batch,
                task_name=TASK,
                priority=priority,
                lock=lock,
                queueing_lock=None,
                task_kwargs={"batch": chunk.batch, "documents": list(chunk.documents), "stop_at": chunk.stop_at},
            )
            for chunk, priority in zip(chunks, priorities, strict=True)
        ]
        with _translated():
            for start in range(0, len(jobs), AT_ONCE):
                self._app.job_manager.batch_defer_jobs(jobs[start : start + AT_ONCE])

    def depth(self, batch: str | None = None) -> int:
        """Chunks that wait or are being done, of one batch or of all."""
        found = self._ask(
            "SELECT count(*) AS number FROM procrastinate_jobs WHERE task_name = %(task)s AND status IN ('todo', 'doing')"
            " AND (%(batch)s::text IS NULL OR queue_name = %(batch)s)",
            task=TASK,
            batch=batch,
        )
        return int(found["number"])

    def front(self) -> int:
        """The priority of the large batches' chunk that is next."""
        found = self._ask(
            "SELECT max(priority) AS front FROM procrastinate_jobs WHERE task_name = %(task)s AND status = 'todo'"
            " AND priority < %(urgent)s",
            task=TASK,
            urgent=URGENT,
        )
        return int(found["front"] or 0)

    def _ask(self, query: str, **arguments: object) -> Mapping[str, Any]:
        with _translated():
            found: Mapping[str, Any] = self._app.connector.get_sync_connector().execute_query_one(query, **arguments)
            return found


async def serve(
    conninfo: str,
    *,
    lanes: int,
    work: Work,
    periodic: Sequence[Periodic],
    stopping: Callable[[], bool],
    began: Callable[[], None],
    make_room: Callable[[], None],
) -> None:
    """Take chunks, `lanes` of them at once, until `stopping`; then put back what is left of them. `make_room` is called while an urgent
    chunk waits for a lane. Raises LedgerLost."""
    pool = ThreadPoolExecutor(max_workers=lanes + 1, thread_name_prefix="chunk")
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what breaks the queue is raised below
    try:
        with _translated():
            _install(conninfo)
            app = _application(conninfo, asynchronous=True)
            _tasks(app, pool, work, periodic)
            async with app.open_async():
                await _until_stopped(app, lanes, stopping, began, make_room)
    finally:
        pool.shutdown(wait=True)


async def _until_stopped(
    app: App, lanes: int, stopping: Callable[[], bool], began: Callable[[], None], make_room: Callable[[], None]
) -> None:
    from procrastinate.jobs import DeleteJobCondition

    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=lanes,
            install_signal_handlers=False,
            listen_notify=False,  # it would be connecting when it is ended, and leave a connection half made
            fetch_job_polling_interval=POLL_S,
            abort_job_polling_interval=60.0,
            delete_jobs=DeleteJobCondition.ALWAYS.value,
            update_heartbeat_interval=BEAT_S,
            stalled_worker_timeout=SILENT_S,
        )
    )
    began()
    look_at = 0.0
    while not worker.done() and not stopping():
        await asyncio.sleep(0.05)
        if time.monotonic() >= look_at:
            if await _urgent_waits(app):
                make_room()
            look_at = time.monotonic() + URGENT_S
    if worker.done():
        worker.result()  # raises what ended it
        raise LedgerLost(N_("The queue of the workers was lost."))
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker


async def _urgent_waits(app: App) -> bool:
    """Whether a small batch's chunk could be sent now and has no lane. One that follows another of its like waits for that one."""
    from procrastinate.exceptions import ConnectorException

    try:
        found = await app.connector.execute_query_one_async(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs AS urgent WHERE status = 'todo' AND priority >= %(urgent)s"
            " AND task_name = %(task)s AND (scheduled_at IS NULL OR scheduled_at <= now()) AND NOT EXISTS (SELECT FROM"
            " procrastinate_jobs AS before WHERE before.lock = urgent.lock AND before.status = 'doing' AND before.priority >= %(urgent)s))"
            " AS waits",
            urgent=URGENT,
            task=TASK,
        )
    except ConnectorException:  # whoever takes chunks is about to say so
        return False
    return bool(found["waits"])


def _tasks(app: App, pool: ThreadPoolExecutor, work: Work, periodic: Sequence[Periodic]) -> None:
    """What a worker can do: chunks, taking over the chunks of dead workers, and the periodic work."""

    @app.task(name=TASK, retry=_strategy(), pass_context=True)
    async def chunk(context: JobContext, batch: str, documents: list[int], stop_at: int | None = None) -> None:
        found = Chunk(batch=batch, documents=documents, stop_at=stop_at, urgent=context.job.priority >= URGENT)
        again = await asyncio.get_running_loop().run_in_executor(pool, work, found)
        if again is not None:
            raise _Again(again)

    @app.periodic(cron=f"* * * * * */{max(1, round(SILENT_S / 3))}")
    @app.task(name="rescue", queueing_lock="rescue", priority=2 * URGENT)
    async def rescue(timestamp: int) -> None:  # noqa: ARG001 - the periodic signature
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_S):
            await app.job_manager.retry_job(job)

    for item in periodic:
        _periodic(app, pool, item)


def _periodic(app: App, pool: ThreadPoolExecutor, item: Periodic) -> None:
    @app.periodic(cron=item.cron)
    @app.task(name=item.name, queueing_lock=item.name, priority=2 * URGENT)
    async def run(timestamp: int) -> None:  # noqa: ARG001 - the periodic signature
        await asyncio.get_running_loop().run_in_executor(pool, item.run)


def _strategy() -> Any:
    from procrastinate import BaseRetryStrategy, RetryDecision
    from procrastinate.jobs import Job

    class Leftovers(BaseRetryStrategy):
        """A chunk leaves the queue only when it is done."""

        def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - the given signature
            seconds = exception.seconds if isinstance(exception, _Again) else AGAIN_S
            return RetryDecision(retry_in={"milliseconds": round(seconds * 1000)}) if seconds else RetryDecision()

    return Leftovers()


def _application(conninfo: str, *, asynchronous: bool) -> App:
    try:
        from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
    except ImportError:
        raise ConfigurationError(N_("Workers need the extra `cluster`: pip install tiptop-importer[cluster].")) from None
    for name in ("procrastinate", "psycopg.pool"):  # it speaks to developers; what matters is raised
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    pool: dict[str, Any] = {"conninfo": conninfo, "kwargs": _connection(), "min_size": 1, "timeout": WAIT_S, "reconnect_timeout": WAIT_S}
    return App(connector=PsycopgConnector(**pool, max_size=4) if asynchronous else SyncPsycopgConnector(**pool, max_size=1))


def _connection() -> dict[str, Any]:
    return {"options": f"-c search_path={_schema()}", "application_name": "importer queue", "connect_timeout": 10}


def _schema() -> str:
    from procrastinate.schema import SchemaManager

    return f"importer_queue_{hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()[:8]}"


def _install(conninfo: str) -> None:
    """Make the tables where they are not there yet, one process at a time."""
    import psycopg
    from procrastinate.schema import SchemaManager

    with psycopg.connect(conninfo, **_connection()) as connection:
        known = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
        if connection.execute(known, [_schema()]).fetchone():
            return
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('importer queue'))")
        if not connection.execute(known, [_schema()]).fetchone():
            connection.execute(f"CREATE SCHEMA {_schema()}".encode())
            connection.execute(SchemaManager.get_schema().encode())


@contextmanager
def _translated() -> Iterator[None]:
    """The queue lies in the ledger's database: where it cannot be reached, the ledger cannot."""
    try:
        import psycopg
        import psycopg_pool
        from procrastinate.exceptions import ConnectorException
    except ImportError:
        raise ConfigurationError(N_("Workers need the extra `cluster`: pip install tiptop-importer[cluster].")) from None
    try:
        yield
    except (ConnectorException, psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0] or type(error).__name__
        raise LedgerLost(N_("The queue of the workers cannot be reached: {reason}"), reason=reason) from error
