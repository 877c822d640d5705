"""What all tables of the ledger are made with."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Integer, MetaData
from sqlalchemy.types import TypeDecorator

__all__ = ["BigId", "Utc", "metadata", "one_of"]

BigId: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


class Utc(TypeDecorator[datetime]):
    """An aware time, stored as UTC; SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the given signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, values: type[enum.StrEnum] | tuple[str, ...], name: str) -> CheckConstraint:
    """The rule that a column holds one of these."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(value)) for value in values)})", name=name)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
