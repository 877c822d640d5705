"""Spreadsheet in, posted Digiwin TIPTOP ERP documents out, each exactly once.

    import importer

    site = importer.open_site()                               # importer.toml and environment
    reports = importer.check([Path("雜發.xlsx")], site)        # every issue at once, no call to the ERP
    reports = importer.run([Path("雜發.xlsx")], site)          # check, create, approve, post, results workbook
    reports = importer.resume(None, site)                     # what was interrupted
    batch, path = importer.results("20261124-0930", site)     # the results workbook once more

The command line uses the same functions. Everything is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.api.batches import reconcile, resolve, results, status
    from importer.api.health import doctor
    from importer.api.importing import check, resume, run
    from importer.api.opening import Site, open_site
    from importer.api.values import CheckReport, Listener, RunReport

__all__ = [
    "CheckReport",
    "Listener",
    "RunReport",
    "Site",
    "check",
    "doctor",
    "open_site",
    "reconcile",
    "resolve",
    "results",
    "resume",
    "run",
    "status",
]

_HOMES = {
    "CheckReport": "values",
    "Listener": "values",
    "RunReport": "values",
    "Site": "opening",
    "check": "importing",
    "doctor": "health",
    "open_site": "opening",
    "reconcile": "batches",
    "resolve": "batches",
    "results": "batches",
    "resume": "importing",
    "run": "importing",
    "status": "batches",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"importer.api.{_HOMES[name]}"), name)
