"""What the watcher does, as one JSON object a line: to a file that is rotated, or to standard error for the system's journal."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from importer.errors import ConfigurationError
from importer.messages import N_
from importer.unattended import Watch

__all__ = ["open_log"]


def open_log(watch: Watch, base: Path) -> Any:
    """A structured logger."""
    import structlog

    handler = _file(watch, base / watch.log_file) if watch.log_file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    plain = logging.Logger("importer.watcher", logging.INFO)
    plain.addHandler(handler)
    return structlog.wrap_logger(
        plain,
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _file(watch: Watch, path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(path, maxBytes=int(watch.log_max_mb * (1 << 20)), backupCount=watch.log_keep, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(N_("{file}: cannot be written: {reason}"), file=str(path), reason=error.strerror or str(error)) from None
