"""Who may call (protocol §1.3): Authentication first, then Organization; no reason is given."""

from __future__ import annotations

from importer.simulator.custom.inner import InnerAnswer, InnerRequest
from importer.simulator.exchange import Remarks
from importer.simulator.master import Master
from importer.simulator.settings import SimulatorSettings


def refused_access(request: InnerRequest, master: Master, settings: SimulatorSettings, remarks: Remarks) -> InnerAnswer | None:
    """None = come in."""
    for missing, name in ((request.language, "Locale"), (request.application != "*", "Connection")):
        if not missing:
            remarks.append(("missing_access", name))
    if request.user is None:
        return _failed("0")
    if settings.check_password:
        user = master.users.get(request.user)
        if user is None or user.password != request.password:
            return _failed("0")
    if not request.plant:
        return _failed("0")
    return None if request.plant in master.plants else _failed("100")


def _failed(sqlcode: str) -> InnerAnswer:
    return InnerAnswer(code="-1", sqlcode=sqlcode, description="Access validate fail!")
