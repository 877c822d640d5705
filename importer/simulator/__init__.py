"""The Digiwin TIPTOP ERP over real HTTP: the standard channel 互聯中台 and the custom XML gateway, in front of one set of books.

    with Simulator(SimulatorSettings(latency_ms=20)) as erp:
        ...                     # erp.standard_url, erp.custom_url, erp.base_url + "/admin"
        erp.documents("misc_issue"), erp.movements(), erp.totals(), erp.duplicates()

It imports nothing of the sending side: it is an independent judge of the wire format. This module loads lightly; the server comes with
the first use of `Simulator` or `serve`.

Master data that is there by default (`importer.simulator.master.default`; all dates from 2000-01-02 to 2099-12-31 can be posted):

    plants        PLANT1 (everything below), PLANT2 (no stock), PLANT9 (multi-unit: combined services refuse)
    slips         I.. misc issue, R.. misc receipt, T.. transfer, F.. completion receipt; of each
                  01 automatic, 02 approval flow, 03 manual number, 04 inactive, 05 reason required
    departments   D10 D20 D30 D40 D50; D90 inactive, D91 of PLANT2
    employees     E001 .. E010, tiptop; E099 inactive
    users         tiptop (password tiptop, department D10), keeper (password keeper, department D20)
    warehouses    W1 W2 W3 stocked; W4 WIP, W5 inactive, W6 of PLANT2, W7 negative stock allowed, W8 only for user keeper, W9 not available
    locations     L01 .. L05 in each of W1 W2 W3; a blank location is always right
    items         ITEM-0001 .. ITEM-0180 and ITEM-0191 .. ITEM-0200 in PCS, ITEM-0181 .. ITEM-0190 in KG;
                  ITEM-0191 .. ITEM-0200 need a lot: LOT-A is good, LOT-OLD expired; ITEM-9999 is inactive
    units         BOX and DOZ = 12 PCS, G = 0.001 KG, TON = 1000 KG
    reasons       101 .. 105; 190 inactive, 201 of another category
    stock         1,000,000 of every item in W1, W2, W3 (blank location; lot blank, or LOT-A and LOT-OLD) and in W1 at L01 and L02
    work orders   W01-24010001 .. W01-24010050 for ITEM-0001 .. ITEM-0050, 1,000,000 each;
                  W01-24019001 closed, 9002 not released, 9003 outsourced, 9004 nothing issued, 9005 FQC needed, 9006 only 10, 9007 inactive
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importer.simulator.faults import FaultKind, FaultRule
from importer.simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from importer.simulator.runner import Simulator, serve

__all__ = ["FaultKind", "FaultRule", "Simulator", "SimulatorSettings", "serve"]


def __getattr__(name: str) -> Any:
    if name in ("Simulator", "serve"):
        from importer.simulator import runner

        return getattr(runner, name)
    raise AttributeError(name)
