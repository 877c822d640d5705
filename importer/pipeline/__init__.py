"""The one path of the data. Command line, web page and watcher all walk it; each step is a room of its own.

    checking     workbook -> rows -> valid rows -> documents with their identity      no ERP call
    submitting   documents -> ledger                                                  from here on nothing is forgotten
    sending      claim -> call -> record, until nothing is pending                    then ask about what is unknown, and go on
    settling     unknown documents: what the ERP says of them, or a person
    reporting    ledger -> results workbook

Import from the rooms: each needs heavy libraries that the others do not.
"""
