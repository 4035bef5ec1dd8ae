"""What all tables share: one MetaData, names for constraints, and the column types of the books.

Money is BIGINT whole ten-thousandths. Days are dates; instants are UTC. Mappings are canonical
JSON text, so that two rows can be compared in any database. Text keys compare byte by byte.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Dialect, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Identity = BigInteger().with_variant(Integer, "sqlite")
Scaled = BigInteger


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps it as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant; hand SQLite the UTC reading."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant in the books needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A mapping or list as canonical JSON text: sorted keys, so equal values are equal text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value; dates and decimals become text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def key(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """Return a column for a company code, connection name or source key."""
    return Column(name, String(200), primary_key=primary_key, nullable=nullable)


def money(name: str, *, nullable: bool = False) -> Column[int]:
    """Return a column of whole ten-thousandths."""
    return Column(name, Scaled, nullable=nullable)


def day(name: str, *, nullable: bool = True) -> Column[Any]:
    """Return a date column."""
    return Column(name, Date, nullable=nullable)


def instant(name: str, *, nullable: bool = True) -> Column[Any]:
    """Return a column of UTC instants."""
    return Column(name, Instant, nullable=nullable)


def versions_of(table: Table) -> Table:
    """Return the table of a table's past rows: the same columns, and when each was true to us."""
    columns = [Column(column.name, column.type, nullable=column.nullable) for column in table.columns]
    return Table(
        f"{table.name}_version",
        metadata,
        Column("version_id", Identity, primary_key=True, autoincrement=True),
        *columns,
        instant("known_to", nullable=False),
        Column("ended_by_run", BigInteger, nullable=False),
    )
