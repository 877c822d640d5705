"""The ten operations on `parameter` objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from importer.simulator.erp.documents import Operation
from importer.simulator.standard.call import Answer
from importer.simulator.standard.context import Context
from importer.simulator.standard.looking import query, read
from importer.simulator.standard.writing import act, create, update

_OPERATIONS: Final[Mapping[Operation, Callable[[Context], Answer]]] = {
    Operation.CREATE: create,
    Operation.UPDATE: update,
    Operation.QUERY: query,
    Operation.READ: read,
    Operation.DELETE: act,
    Operation.APPROVE: act,
    Operation.DISAPPROVE: act,
    Operation.POST: act,
    Operation.DISPOST: act,
    Operation.INVALID: act,
}


def run(context: Context) -> Answer:
    return _OPERATIONS[context.call.operation](context)
