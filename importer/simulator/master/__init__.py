"""Master data of the simulated ERP: values, lookups, the default set, and their JSON form."""

from importer.simulator.master.default import default_master
from importer.simulator.master.lookup import Master
from importer.simulator.master.values import MasterData, Plant, Slip, Warehouse, WorkOrder

__all__ = ["Master", "MasterData", "Plant", "Slip", "Warehouse", "WorkOrder", "default_master"]
