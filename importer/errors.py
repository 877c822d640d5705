"""Every exception of this package, named by what the caller has to do next.

    ImporterError                   something a person is told in one sentence
    ├── ConfigurationError          correct a setting, an argument or a file name, then run again       (exit 2)
    │   ├── MappingError            correct the mapping file at the place named
    │   ├── ErpChanged              confirm that an erp_id now stands for another ERP
    │   └── NotThere                name one that there is, and that is yours to see (web page only)
    ├── NotAllowed                  ask somebody who has the role (web page only)
    │   └── TooOften                wait, then try again
    ├── UnreadableWorkbook          hand in another file; becomes an issue of the file                  (exit 1)
    ├── ErpUnavailable              wait or correct the login, then `resume`                            (exit 4)
    ├── LedgerUnavailable           free the ledger (lock, disk, server), then `resume`                 (exit 4)
    │   └── LedgerLost              the connection to its server was lost; connect anew and go on
    ├── NotDelivered                a message for people did not leave; it is tried again
    └── CallFailed                  one HTTP exchange brought no answer that can be trusted
        ├── NotSent                 proven: the ERP has not seen the request; it may be sent again
        └── OutcomeUnknown          the ERP may or may not have acted; ask it, never send again

A refusal by the ERP is a `Reply` and a wrong cell is an `Issue`: both are data, neither is an exception.
"""

from __future__ import annotations

__all__ = [
    "CallFailed",
    "ConfigurationError",
    "ErpChanged",
    "ErpUnavailable",
    "ImporterError",
    "LedgerLost",
    "LedgerUnavailable",
    "MappingError",
    "NotAllowed",
    "NotDelivered",
    "NotSent",
    "NotThere",
    "OutcomeUnknown",
    "TooOften",
    "UnreadableWorkbook",
]


class ImporterError(Exception):
    """A sentence for a person: an English text of the message catalogue and the values of its placeholders."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values


class ConfigurationError(ImporterError):
    """Settings, arguments or file names are wrong; nothing was sent."""


class MappingError(ConfigurationError):
    """A mapping file breaks a rule; the text names the file and the place in it."""


class ErpChanged(ConfigurationError):
    """The URL or plant behind an erp_id is not the one that the ledger remembers."""


class NotThere(ConfigurationError):
    """What was named is not there, or is not this person's to see; which of the two is not told."""


class NotAllowed(ImporterError):
    """The roles of the person do not allow it."""


class TooOften(NotAllowed):
    """Too many tries, or too much at once; `after_s` seconds later it may be tried again."""

    def __init__(self, text: str, /, *, after_s: int, **values: object) -> None:
        super().__init__(text, **values)
        self.after_s = after_s


class UnreadableWorkbook(ImporterError):
    """The file cannot be read as a workbook at all; `code` is its issue code."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class ErpUnavailable(ImporterError):
    """The ERP cannot be reached or refuses the login; nothing is lost."""


class LedgerUnavailable(ImporterError):
    """The ledger cannot record; therefore nothing may be sent."""


class LedgerLost(LedgerUnavailable):
    """The ledger's database server went away. What was not recorded is asked about after connecting anew."""


class NotDelivered(ImporterError):
    """A message for people did not leave."""


class CallFailed(ImporterError):
    """One HTTP exchange ended without an answer that can be trusted."""


class NotSent(CallFailed):
    """Proven: the ERP did not process the request. `retry_after_s` is what the server asked for, if it did."""

    def __init__(self, text: str, /, *, retry_after_s: float | None = None, login: bool = False, **values: object) -> None:
        super().__init__(text, **values)
        self.retry_after_s = retry_after_s
        self.login = login


class OutcomeUnknown(CallFailed):
    """The request may have been processed; only the ERP can tell."""
