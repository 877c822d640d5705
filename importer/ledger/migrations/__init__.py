"""The ledger's versions, one file each; run by `upgrade`, without any alembic.ini."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

__all__ = ["scripts", "upgrade"]

HERE: Final = Path(__file__).parent


def scripts() -> ScriptDirectory:
    """All versions."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection) -> None:
    """To the newest version, inside the caller's transaction."""
    found = scripts()
    with EnvironmentContext(Config(), found, fn=lambda revision, _: found._upgrade_revs("head", revision)) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
