from __future__ import annotations

import pytest
from site_folder import SiteFolder
from watch_folder import WatchFolder


@pytest.fixture
def folder(site: SiteFolder) -> WatchFolder:
    """A watched folder whose only ERP is the simulator."""
    return WatchFolder(site)
