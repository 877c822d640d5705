from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "unit.ledger.test_claims", "unit.ledger.test_intake", "unit.ledger.test_laws", "unit.ledger.test_schema", "unit.ledger.making"
)

from unit.ledger.conftest import ledger, sending  # noqa: E402, F401 - the same fixtures, on the url of here

TESTS = Path(__file__).parents[2]
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name) if found.parent.name.isdigit() else 0)

Process = subprocess.Popen[str]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it off the path."""
    found = [*reversed(DEBIAN), *(Path(name).parent for name in [shutil.which("initdb")] if name)]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = next(found for found in pwd.getpwall() if found.pw_name in ("postgres", "nobody"))
    return {"user": user.pw_uid, "group": user.pw_gid}


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="ledger-pg-") as folder:
        who = _unprivileged()
        if who:
            os.chown(folder, int(str(who["user"])), int(str(who["group"])))
        run = {"cwd": folder, "check": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **who}
        data = f"{folder}/data"
        subprocess.run([programs / "initdb", "-D", data, "-U", "importer", "-A", "trust", "-E", "UTF8", "--no-locale"], **run)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
        subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"], **run)
        try:
            yield f"postgresql+psycopg://importer@127.0.0.1:{port}"
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL, without a database, of a server of our own; where none is installed the tests are skipped, in CI they fail."""
    missing = None if (programs := _programs()) else "no PostgreSQL server is installed (apt-get install postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing = missing or "psycopg is not installed (the extra `cluster`)"
    if missing or programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(missing or "")
        pytest.skip(missing or "")
    with _server(programs) as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Of a database that is empty."""
    import psycopg

    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgresql}/{name}"


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
