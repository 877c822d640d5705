"""The importer with a lease of one second in place of thirty, so that a test of it takes seconds: `short_lease.py ARGUMENT ...`."""

from __future__ import annotations

import sys
from datetime import timedelta

from importer.cli import main
from importer.ledger import claims, owners

claims.LEASE = owners.LEASE = timedelta(seconds=1)
owners.HEARTBEAT_S = 0.2

main(sys.argv[1:])
