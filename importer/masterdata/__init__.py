"""What the importer knows of a site's master data, kept as files: lists of valid codes, stock, tables old code -> new code.

Modules:

    loading    all of a profile             lists           the folder of lists
    stock      how much lies where          translations    the tables of a migration
    fetching   lists out of the ERP         words           what people call columns
"""

from importer.masterdata.lists import STOCK, ListFile, find_lists, load_lists, read_list
from importer.masterdata.loading import NO_MASTER_DATA, MasterData, load_master_data
from importer.masterdata.stock import STOCK_COLUMNS, Stock, read_stock
from importer.masterdata.translations import translate_mappings, write_unmapped

__all__ = [
    "NO_MASTER_DATA",
    "STOCK",
    "STOCK_COLUMNS",
    "ListFile",
    "MasterData",
    "Stock",
    "find_lists",
    "load_lists",
    "load_master_data",
    "read_list",
    "read_stock",
    "translate_mappings",
    "write_unmapped",
]
