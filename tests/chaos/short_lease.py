"""The importer with a lease of one second in place of thirty, so that a test of it takes seconds: `short_lease.py ARGUMENT ...`."""

from __future__ import annotations

import sys
from datetime import timedelta

from importer.cli import main
from importer.ledger import claims, owners
from importer.worker import queue

claims.LEASE = owners.LEASE = timedelta(seconds=1)
owners.HEARTBEAT_S = 0.2
queue.BEAT_S = 0.5
queue.SILENT_S = 3.0

main(sys.argv[1:])
