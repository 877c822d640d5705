"""Many machines: a queue in the ledger's own PostgreSQL hands chunks of documents to workers (design §5).

    following   `run --workers`: cuts a batch into chunks, hands them out, follows them
    serving     `importer worker`: takes chunks for as long as it runs, also after its database was away
    working     one chunk: some documents of one batch, through the same Sender as everywhere
    queue       the only place that knows Procrastinate

The queue only hands out work. How a document stands is in the ledger alone, so a chunk may be lost, late or done twice without harm.
"""

from __future__ import annotations
