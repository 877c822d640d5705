"""List queries of master data, with the conditions and pages of every list query (protocol §2.4)."""

from __future__ import annotations

from importer.simulator.erp.erp import Erp
from importer.simulator.erp.querying import BadQuery, columns_of, condition, in_order, operators_of, page_of
from importer.simulator.master.tables import MasterTable, standard_rows
from importer.simulator.standard.call import Answer, StandardCall


def query_master(erp: Erp, table: MasterTable, call: StandardCall) -> Answer:
    parameter, settings = call.parameter, erp.settings
    try:
        test = condition(parameter.get("conditions"), form=settings.conditions_form, operators=operators_of(settings.operator_names))
        matches = [row for row in standard_rows(table, erp.master, call.plant, erp.stock.snapshot()) if test(row, ())]
        columns = columns_of(parameter.get("selectedColumns"))
        page = page_of(in_order(matches, parameter.get("orders")), parameter.get("page_no"), parameter.get("page_size"))
    except BadQuery as problem:
        return Answer(code="-1", description=str(problem), parameter={"result": {"cnt": 0, "rows": []}})
    rows = [{name: value for name, value in row.items() if not columns or name in columns} for row in page.rows]
    result = {"cnt": len(rows), "rows": rows}
    return Answer(parameter={"total_result": len(rows) + page.has_next, "has_next": page.has_next, "result": result})
