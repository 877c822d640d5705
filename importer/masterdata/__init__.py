"""What the importer knows of a site's master data: lists of valid codes, kept as files.

lists    the folder of lists        words    what people call the columns of them
"""

from importer.masterdata.lists import STOCK, ListFile, find_lists, load_lists, read_list

__all__ = ["STOCK", "ListFile", "find_lists", "load_lists", "read_list"]
