"""`python -m tests.benchmarks.web`: many users upload at once while they look at pages; errors, and how long answers take.

The page runs in a process of its own; the users are threads of this one, on the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import httpx

from importer.demo import demo_rows
from importer.ledger import User, open_ledger
from importer.mapping import load_mappings
from importer.web.passwords import hashed
from importer.workbook.template import fill_template

from .measuring import IMPORTER, ROOT

CSRF: Final = re.compile(r'name="csrf" value="([^"]+)"')
PASSWORD: Final = secrets.token_urlsafe(12)
LOOKS: Final = ("/", "/templates", "/dashboard", "/account")


@dataclass
class Times:
    """Seconds per kind of answer, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, kind: str, answer: httpx.Response, expected: int) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(answer.elapsed.total_seconds())
            if answer.status_code != expected:
                self.wrong.append(f"{kind}: {answer.status_code} {answer.text[:80]}")


@contextmanager
def page(folder: Path) -> Iterator[str]:
    """The address of `importer serve` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*IMPORTER, "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else "")[0]["url"]
        finally:
            process.terminate()


def prepared(folder: Path, users: int, documents: int) -> list[bytes]:
    """A site with its users, and a workbook for each."""
    (folder / "importer.toml").write_text(
        'ledger = "sqlite:///importer.db"\n[profiles.test]\nstandard_url = "http://127.0.0.1:9/CROSS/RESTful"\n', encoding="utf-8"
    )
    password = hashed(PASSWORD)
    with open_ledger(f"sqlite:///{folder / 'importer.db'}") as ledger:
        for number in range(users):
            roles = frozenset({("*", "uploader")})
            ledger.portal.save_user(User(name=f"user{number}", password_hash=password, roles=roles))
    mapping, books = load_mappings()["misc_issue"], []
    for number in range(users):
        rows = list(demo_rows(mapping, documents=documents, lines=5, day=date(2026, 1, 31), seed=number))
        fill_template(mapping, "zh_TW", folder / "book.xlsx", rows)
        books.append((folder / "book.xlsx").read_bytes())
    return books


def at_work(client: httpx.Client, book: bytes, rounds: int, begin: threading.Barrier, times: Times) -> None:
    """One user: upload, look at what was uploaded and at other pages, again."""
    begin.wait()
    for _ in range(rounds):
        token = CSRF.search(client.get("/account").text)
        form = {"csrf": token[1] if token else "", "profile": "test"}
        answer = client.post("/uploads", data=form, files={"file": ("雜發.xlsx", book)})
        times.timed("upload and check", answer, 303)
        times.timed("page of an upload", client.get(answer.headers.get("location", "/nothing")), 200)
        for path in LOOKS:
            times.timed("other pages", client.get(path), 200)


def main() -> None:
    """Arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--documents", type=int, default=20, help="of each workbook, five lines each")
    parser.add_argument("--rounds", type=int, default=3, help="uploads of each user")
    asked = parser.parse_args()
    times = Times()
    with tempfile.TemporaryDirectory() as name:
        books = prepared(Path(name), asked.users, asked.documents)
        with page(Path(name)) as url:
            clients = [httpx.Client(base_url=url, timeout=300) for _ in range(asked.users)]
            for number, client in enumerate(clients):
                token = CSRF.search(client.get("/sign-in").text)
                form = {"csrf": token[1] if token else "", "name": f"user{number}", "password": PASSWORD}
                times.timed("sign-in", client.post("/sign-in", data=form), 303)
            begin = threading.Barrier(asked.users)
            users = [
                threading.Thread(target=at_work, args=(client, book, asked.rounds, begin, times))
                for client, book in zip(clients, books, strict=True)
            ]
            before = time.perf_counter()
            for user in users:
                user.start()
            for user in users:
                user.join()
            whole = time.perf_counter() - before
            for client in clients:
                client.close()
    show(times, whole, asked)


def show(times: Times, whole: float, asked: argparse.Namespace) -> None:
    """The table, and every error."""
    uploads = asked.users * asked.rounds
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print(f"{asked.users} users at once, {uploads} workbooks of {asked.documents * 5} rows in {whole:.1f} s; errors: {len(times.wrong)}")
    print("| answer | number | median | p95 | longest |\n|---|---|---|---|---|")
    for kind, seconds in times.seconds.items():
        ordered = sorted(seconds)
        p95 = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
        print(f"| {kind} | {len(ordered)} | {ordered[len(ordered) // 2]:.3f} s | {p95:.3f} s | {ordered[-1]:.3f} s |")
    for wrong in times.wrong[:20]:
        print(wrong)


if __name__ == "__main__":
    main()
