"""apis and spec: the API catalogue, and a vendor's message specification as a mapping to finish."""

from __future__ import annotations

from pathlib import Path

from importer.api.opening import Site
from importer.catalogue.services import Service, services
from importer.errors import ConfigurationError
from importer.messages import N_

__all__ = ["apis", "write_catalogue"]


def apis(site: Site, document_type: str | None = None, *, language: str = "en") -> dict[str, list[Service]]:
    """The services by document type: of all, or of one. No ERP is asked and none needs to be configured."""
    mappings = [site.mapping(document_type)] if document_type else list(site.mappings.values())
    return {mapping.document_type: list(services(mapping, site.profile, language)) for mapping in mappings}


def write_catalogue(catalogue: dict[str, list[Service]], site: Site, path: Path, *, language: str) -> None:
    """The catalogue as a workbook. Raises ConfigurationError where the file cannot be one."""
    from importer.catalogue.sheets import sheets
    from importer.messages import translate
    from importer.workbook.catalogue_book import write_book

    if path.suffix.lower() != ".xlsx":
        raise ConfigurationError(N_("{file}: the catalogue is a workbook; give it a name that ends with .xlsx."), file=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_book(path, translate(N_("API catalogue"), language), sheets(catalogue, site.mappings, language))
