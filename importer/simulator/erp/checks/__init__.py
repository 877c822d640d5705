"""What the ERP checks, and when (protocol §5.1): per document type one function for create, confirm and post."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from importer.simulator.erp.checks import completion, misc, transfer
from importer.simulator.erp.checks.facts import Facts
from importer.simulator.erp.documents import Document, Refusal

Check = Callable[[Facts, Document], Iterator[Refusal]]

DATE: Final[Mapping[str, Check]] = {
    "misc_receipt": misc.date,
    "misc_issue": misc.date,
    "transfer": transfer.date,
    "completion_receipt": completion.date,
}
LIGHT: Final[Mapping[str, Check]] = {"completion_receipt": completion.light}
AT_CREATE: Final[Mapping[str, Check]] = {
    "misc_receipt": misc.at_create,
    "misc_issue": misc.at_create,
    "transfer": transfer.at_create,
    "completion_receipt": completion.at_create,
}
AT_CONFIRM: Final[Mapping[str, Check]] = {
    "misc_receipt": misc.at_confirm,
    "misc_issue": misc.at_confirm,
    "transfer": transfer.at_confirm,
    "completion_receipt": completion.at_confirm,
}
AT_POST: Final[Mapping[str, Check]] = {
    "misc_receipt": misc.at_post,
    "misc_issue": misc.at_post,
    "transfer": transfer.at_post,
    "completion_receipt": completion.at_post,
}

__all__ = ["AT_CONFIRM", "AT_CREATE", "AT_POST", "DATE", "LIGHT", "Check", "Facts"]
