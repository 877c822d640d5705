"""The command line: arguments, output and exit codes only; what the commands do is in `importer.api`.

`main` is the entry point. Each command lives in a module that is imported when the command is called.
"""

from __future__ import annotations

from importer.cli.group import main

__all__ = ["main"]
