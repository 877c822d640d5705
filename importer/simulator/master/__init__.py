"""Master data of the simulated ERP: values, lookups, the default set, and their JSON form."""

from importer.simulator.master.default import default_master
from importer.simulator.master.lookup import Master
from importer.simulator.master.values import ColumnMapping, MasterData, Plant, Slip, Warehouse, WorkOrder

__all__ = ["ColumnMapping", "Master", "MasterData", "Plant", "Slip", "Warehouse", "WorkOrder", "default_master"]
