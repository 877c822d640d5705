"""The Get services of the custom channel: master data and stock by a where clause (protocol §1.8).

The shape of their answers is [I]: a record set per row.
"""

from __future__ import annotations

from importer.simulator.custom.inner import InnerAnswer, InnerRequest
from importer.simulator.erp.erp import Erp
from importer.simulator.master.tables import BadCondition, MasterTable, custom_rows


def looked_up(erp: Erp, table: MasterTable, request: InnerRequest) -> InnerAnswer:
    try:
        rows = custom_rows(table, erp.master, request.plant or "", erp.stock.snapshot(), request.parameters.get("condition", " 1=1 "))
    except BadCondition:
        return InnerAnswer(code="-217", sqlcode="-217", description="Column not found in any table in the query")
    return InnerAnswer(file=table.file, records=tuple(rows))
