from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from integration.ledger.conftest import postgresql, postgresql_url  # noqa: F401 - a server of our own, for these tests, too
from postgres_server import PostgresServer
from site_folder import SiteFolder

from importer.simulator import Simulator


@pytest.fixture
def cluster_site(erp: Simulator, make_site: Callable[..., SiteFolder], postgresql_url: str) -> SiteFolder:  # noqa: F811
    """A site whose ledger is a PostgreSQL database."""
    return make_site("cluster", erp.standard_url, ledger=postgresql_url)


@pytest.fixture
def server(postgresql: PostgresServer) -> Iterator[PostgresServer]:  # noqa: F811 - skips where there is none
    """A server that this test alone uses, to be stopped and started again."""
    found = PostgresServer()
    yield found
    found.close()
