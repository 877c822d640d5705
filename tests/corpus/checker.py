"""A process that checks one workbook after the other, so that a test can end it when one of them hangs.

Reads a JSON object per line, `{path, arguments}`, and answers with what `importer check` said: `{code, report, documents}`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

MEMORY = 2 << 30  # bytes of address space; far more than any workbook of the corpus needs
SECONDS = 10  # of computing for one workbook, after which the system ends the process; however busy the machine is


def check(path: str, arguments: list[str]) -> dict[str, Any]:
    """`importer check` as the command line runs it."""
    from importer.cli import main

    with tempfile.TemporaryDirectory() as folder:
        out = io.StringIO()
        code: object = None
        with contextlib.redirect_stdout(out):
            try:
                main(["check", path, "--json", "--out", folder, "--payloads", f"{folder}/payloads", *arguments])
            except SystemExit as end:
                code = end.code
        documents = [
            json.loads(file.read_text("utf-8")) for file in sorted(Path(folder, "payloads").glob("*.json")) if ".headers." not in file.name
        ]
    return {"code": code, "report": json.loads(out.getvalue()), "documents": documents}


def serve(requests: TextIO, answers: TextIO) -> None:
    """Until there are no more requests."""
    for line in requests:
        request = json.loads(line)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + SECONDS, resource.RLIM_INFINITY))
        answers.write(json.dumps(check(request["path"], request["arguments"])) + "\n")
        answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.environ["RUST_BACKTRACE"] = "0"
    serve(sys.stdin, sys.stdout)
