"""The actions of the command line as a small typed Python API.

Everything that a caller gets is a frozen value with the names of the glossary; what happens on the way is told to a `Listener`.
Raises ConfigurationError for wrong settings and arguments, LedgerUnavailable when nothing can be recorded.

    opening    configuration, mappings, ledger          values    what callers give and get
    importing  check, run, resume                       batches   status, stories, results, reconcile, resolve
    undoing    undo, pause, cancel, call                editing   query, update
    catalogue  apis, spec                               health    doctor
    lists      lists, lists fetch
"""
