"""The checking process from outside: asked for one workbook at a time, ended when it takes too long."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

CHECKER: Final = Path(__file__).with_name("checker.py")
LIMIT_S: Final = 60.0  # after which a workbook counts as one that waits for ever; of computing it may take ten seconds, see checker


class Hangs(Exception):
    """No answer in time; the process was ended."""


class Dies(Exception):
    """The process ended by itself, with its last words."""


class Checker:
    """Starts the process when it is first needed, and anew after it had to be ended."""

    def __init__(self, folder: Path, config: Path) -> None:
        self._folder = folder
        self._config = config
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self.words = folder / "stderr.txt"

    def ask(self, path: Path, *arguments: str) -> dict[str, Any]:
        """What `importer check` says of a workbook; `said` is what stood on standard error."""
        process = self._running()
        assert process.stdin is not None
        before = self.words.stat().st_size
        process.stdin.write(json.dumps({"path": str(path), "arguments": ["--config", str(self._config), *arguments]}) + "\n")
        process.stdin.flush()
        try:
            line = self._answers.get(timeout=LIMIT_S)
        except queue.Empty:
            self.close()
            raise Hangs(path.name) from None
        said = self.words.read_bytes()[before:].decode("utf-8", "replace")
        if not line:
            code = process.wait()
            self.close()
            raise Dies(f"{path.name}: ended by {signal.Signals(-code).name if code < 0 else code}: {said[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return {**answer, "said": said}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            environment = {**os.environ, "IMPORTER_LANG": "en", "HOME": str(self._folder)}
            self._answers = queue.Queue()
            with self.words.open("wb") as words:
                command: Sequence[str] = [sys.executable, str(CHECKER)]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True, cwd=self._folder, env=environment
                )
            threading.Thread(target=self._listen, args=(self._process, self._answers), daemon=True).start()
        return self._process

    @staticmethod
    def _listen(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            answers.put(line)
        answers.put("")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None
