"""Which custom services this ERP has: the shipped ones, and the site's own."""

from __future__ import annotations

from typing import Final

from importer.simulator.customservice import BUILT_IN, CustomService
from importer.simulator.master.tables import BY_GET
from importer.simulator.settings import SimulatorSettings

INVOKE: Final = "invokeSrv"  # the same services through 互聯中台 (protocol §1.2)


def services(settings: SimulatorSettings) -> dict[str, CustomService]:
    return {service.name: service for service in (*BUILT_IN, *settings.custom_services)}


def operations(settings: SimulatorSettings) -> list[str]:
    """What the WSDL lists."""
    return [*services(settings), *BY_GET, INVOKE]
