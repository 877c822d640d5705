"""What holds on SQLite holds on PostgreSQL: the very same tests, and what only a server has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from unit.ledger.making import ERP, confirm, enqueue, hand_in
from unit.ledger.test_claims import *  # noqa: F403
from unit.ledger.test_intake import *  # noqa: F403
from unit.ledger.test_page import *  # noqa: F403
from unit.ledger.test_pruning import *  # noqa: F403
from unit.ledger.test_schema import *  # noqa: F403
from unit.ledger.test_watched import *  # noqa: F403

from importer.errors import LedgerUnavailable
from importer.ledger import Ledger, open_ledger


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def empty_engine(postgresql_url: str) -> Iterator[Engine]:
    engine = create_engine(postgresql_url)
    yield engine
    engine.dispose()


def test_reading_an_empty_database_makes_nothing(postgresql_url: str) -> None:
    """`status` on a database without a ledger shows an empty one and leaves it empty."""
    for _ in range(2):
        with open_ledger(postgresql_url, read_only=True) as found:
            assert found.is_new
            assert found.known(ERP, ["A"]) == {}


def test_a_server_that_goes_away_stops_everything(postgresql_url: str) -> None:
    """When the connection is lost nothing more is claimed, and a new start goes on."""
    with open_ledger(postgresql_url) as ledger:
        confirm(ledger)
        hand_in(ledger, "b", ["x", "y"])
        enqueue(ledger, "b")
        with ledger.sending_lock():
            ledger.claim("b", 1)
            cut_off(postgresql_url)
            for _ in range(2):
                with pytest.raises(LedgerUnavailable):
                    ledger.claim("b", 1)
    with open_ledger(postgresql_url) as ledger, ledger.sending_lock():
        assert [claim.document.key for claim in ledger.claim("b", 9)] == ["Ky"]


def cut_off(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
    engine.dispose()


def test_a_reader_cannot_write(ledger: Ledger) -> None:
    """A connection that is there to read changes nothing, whatever is asked of it."""
    with pytest.raises(LedgerUnavailable, match="read-only"), ledger._read() as connection:
        connection.execute(text("UPDATE erps SET plant = ''"))
