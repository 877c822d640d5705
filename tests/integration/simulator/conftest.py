from __future__ import annotations

from collections.abc import Iterator

import pytest
from integration.simulator.wire import Client

from importer.simulator import Simulator, SimulatorSettings
from importer.simulator.master import default_master


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def erp(running: Simulator) -> Simulator:
    """A simulator in its first minute, with default settings and master data."""
    running.world.configure(SimulatorSettings(keep_bodies=True))
    running.change_master(default_master())
    running.reset()
    return running


@pytest.fixture
def client(erp: Simulator) -> Iterator[Client]:
    with Client(erp.standard_url) as client:
        yield client
