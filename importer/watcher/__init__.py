"""The watched folder: files that come while nobody is there, each with one end (design §1, folder watch).

    loop        everything together: folders, rounds, threads           place      the folder and its sub-folders
    folder      one folder's round                                      looking    which files are complete
    taking      a file comes into our hands, also after a crash         proving    nobody writes it, nothing of it is missing
    importing   one attempt: run, or resume                             verdict    what its report means
    leaving     results, message file and the file itself go their way  hours      cron, quiet hours, the hour of posting
    telling     messages for people                                     dog        says when nothing moves
    aging       old files are archived or deleted                       health     /health and /metrics
    duty        which of the workers watches a folder
    waking      file events, which only wake                            logs       structured log, rotated
    service     unit and task of the operating system

Everything goes through `importer.api`; a file's own state is in the ledger (`Ledger.watched`), and every change of it names its
owner. The file's place in `working` is named after its claim, so that its batch is found again after a crash.
"""
