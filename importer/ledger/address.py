"""Where the ledger is: the database URL, made exact, and made fit to be shown."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from importer.errors import ConfigurationError
from importer.messages import N_

__all__ = ["libpq", "parse", "redacted", "sqlite_path"]


def parse(url: str) -> URL:
    """The URL of a SQLite file or a PostgreSQL database; ConfigurationError for anything else."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        raise ConfigurationError(
            N_("The ledger {ledger} is not a database URL such as sqlite:///importer.db."), ledger=redacted(url)
        ) from None
    backend = found.get_backend_name()
    if backend == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(N_("The ledger {ledger} is neither SQLite nor PostgreSQL."), ledger=redacted(url))
    if not found.database or found.database == ":memory:" or found.query:
        raise ConfigurationError(N_("The ledger {ledger} must name a file, such as sqlite:///importer.db."), ledger=redacted(url))
    return found.set(drivername="sqlite", database=str(Path(found.database).expanduser().absolute()))


def sqlite_path(url: URL) -> Path | None:
    """The ledger's file; None on a database server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def libpq(url: str) -> str | None:
    """The URL as PostgreSQL's own library reads it; None on SQLite."""
    found = parse(url)
    return None if sqlite_path(found) is not None else found.set(drivername="postgresql").render_as_string(hide_password=False)


def redacted(url: str | URL) -> str:
    """The URL without its password and its parameters, for messages."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        text = str(url).partition("?")[0]
        scheme, separator, rest = text.rpartition("://")
        return scheme + separator + rest.rpartition("@")[2]
