"""A PostgreSQL server of our own, that a test may stop and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

DEBIAN: Final = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name) if found.parent.name.isdigit() else 0
)


def programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it off the path."""
    found = [*reversed(DEBIAN), *(Path(name).parent for name in [shutil.which("initdb")] if name)]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


class PostgresServer:
    """One server in a folder of its own, without the network's outside."""

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("no PostgreSQL server is installed (apt-get install postgresql)")
        self._programs = found
        self._folder = tempfile.TemporaryDirectory(prefix="ledger-pg-")
        self._port = _free_port()
        who = _unprivileged()
        if who:
            os.chown(self._folder.name, int(str(who["user"])), int(str(who["group"])))
        self._run: dict[str, Any] = {
            "cwd": self._folder.name,
            "check": True,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            **who,
        }
        self._data = f"{self._folder.name}/data"
        subprocess.run([found / "initdb", "-D", self._data, "-U", "importer", "-A", "trust", "-E", "UTF8", "--no-locale"], **self._run)
        self.start()

    @property
    def url(self) -> str:
        """Without a database."""
        return f"postgresql+psycopg://importer@127.0.0.1:{self._port}"

    def start(self) -> None:
        """On the same port as before."""
        options = f"-p {self._port} -k {self._folder.name} -c listen_addresses=127.0.0.1"
        self._control("-w", "-l", f"{self._folder.name}/log", "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Every connection ends; with `immediate` as if the power went away."""
        self._control("-m", how, "-w", "stop")

    def close(self) -> None:
        """For good."""
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it already
            self.stop("immediate")
        self._folder.cleanup()

    def database(self) -> str:
        """The URL of a database that is empty."""
        import psycopg

        name = f"ledger_{uuid.uuid4().hex}"
        with psycopg.connect(self.url.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return f"{self.url}/{name}"

    def _control(self, *arguments: str) -> None:
        subprocess.run([self._programs / "pg_ctl", "-D", self._data, *arguments], **self._run)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = next(found for found in pwd.getpwall() if found.pw_name in ("postgres", "nobody"))
    return {"user": user.pw_uid, "group": user.pw_gid}
