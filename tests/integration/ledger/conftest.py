from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "unit.ledger.test_claims",
    "unit.ledger.test_intake",
    "unit.ledger.test_laws",
    "unit.ledger.test_page",
    "unit.ledger.test_pruning",
    "unit.ledger.test_schema",
    "unit.ledger.test_watched",
    "unit.ledger.making",
)

from postgres_server import PostgresServer, programs  # noqa: E402
from unit.ledger.conftest import ledger, sending  # noqa: E402, F401 - the same fixtures, on the url of here

TESTS = Path(__file__).parents[2]
Process = subprocess.Popen[str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server of our own; where none is installed the tests are skipped, in CI they fail."""
    missing = None if programs() else "no PostgreSQL server is installed (apt-get install postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing = missing or "psycopg is not installed (the extra `cluster`)"
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def postgresql_url(postgresql: PostgresServer) -> str:
    """Of a database that is empty."""
    return postgresql.database()


@pytest.fixture
def start() -> Iterator[Callable[[str, str], Process]]:
    """Start a process of `killed.py`; it waits for a line before it opens the ledger. Whatever is left is killed at the end."""
    with ExitStack() as stack:

        def begin(what: str, url: str) -> Process:
            command = [sys.executable, str(Path(__file__).with_name("killed.py")), what, url]
            environment = os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            stack.callback(_end, process)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        yield begin


def _end(process: Process) -> None:
    process.kill()
    process.communicate()
