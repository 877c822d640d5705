"""What tests of several kinds share: a hermetic environment, a running ERP simulator, and a site that points at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from site_folder import SiteFolder

from importer.simulator import Simulator, SimulatorSettings

settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")  # how long an example takes says nothing about what it shows


@pytest.fixture(scope="session", autouse=True)
def _nobody_elses_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the configuration, the data folder or the environment of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("IMPORTER_", "XDG_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        yield


@pytest.fixture
def erp() -> Iterator[Simulator]:
    """An ERP in its first minute, on a free port."""
    with Simulator(SimulatorSettings()) as simulator:
        yield simulator


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., SiteFolder]]:
    """Makes a site below the test's own folder, by name, ERP address and profile settings."""
    made: list[SiteFolder] = []

    def make(name: str, erp_url: str, **profile: Any) -> SiteFolder:
        folder = tmp_path / name
        folder.mkdir()
        made.append(SiteFolder(folder, erp_url, **profile))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
def site(erp: Simulator, make_site: Callable[..., SiteFolder]) -> SiteFolder:
    """A site whose only ERP is the simulator; waits and time-outs are short."""
    return make_site("site", erp.standard_url)
