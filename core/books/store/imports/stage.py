"""Stage a page: records become columns in a temporary table beside the ledger's own.

A shape says, for one stream, which ledger table its records belong to, by which key, which
columns the ERP fills and what is compared. `changed_at` is kept but never compared: a stamp that
moved while the row stood still is no change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table

from duehook.core.books import bulk
from duehook.core.books.tables import metadata
from duehook.core.books.tables.base import Json, canonical
from duehook.core.errors import BadRecord
from duehook.core.money import SCALE
from duehook.core.records import RECORDS, Record, Stream

STAMPS: Final = ("known_from", "run_id")
OURS: Final = (*STAMPS, "reopened_on")  # columns that no record fills
_KEYS: Final[Mapping[Stream, tuple[str, ...]]] = {
    "company": ("company",),
    "payment_term": ("key",),
    "exchange_rate": ("from_currency", "to_currency", "rate_type", "valid_on"),
}
_temporary = MetaData()

# By row number of the stage: which rows are new to the ledger and which differ from it.
change = Table(
    "stage_change",
    _temporary,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("is_new", Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


@dataclass(frozen=True)
class Shape:
    """How the records of one stream lie in the ledger. `identity` is the key within a connection."""

    stream: Stream
    table: Table
    stage: Table
    version: Table | None
    identity: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that a page fills, in the ledger's order."""
        return tuple(column.name for column in self.table.columns if column.name not in OURS)

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns in which a difference is a change."""
        return tuple(name for name in self.columns if name not in {"connection", "changed_at", *self.identity})


@dataclass(frozen=True)
class Placing:
    """What a page's records take from their connection: its name, our company codes, net days by terms."""

    connection: str
    companies: Mapping[str, str] = field(default_factory=dict)
    net_days: Mapping[str, int] = field(default_factory=dict)

    def company(self, code: str | None) -> str:
        """Return our code of an ERP's company; '' for the row that governs all."""
        return "" if code is None else self.companies.get(code, code)


@cache
def shape(stream: Stream) -> Shape:
    """Return the shape of a stream."""
    table = metadata.tables[stream]
    version = metadata.tables.get(f"{stream}_version")
    columns = [Column(column.name, column.type) for column in table.columns if column.name not in OURS]
    stage = Table(
        f"stage_{stream}",
        _temporary,
        Column("n", Integer),
        *columns,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
    )
    return Shape(stream, table, stage, version, _KEYS.get(stream, ("company", "key")))


def stage(tx: Connection, of: Shape, columns: bulk.Columns) -> None:
    """Fill the stream's stage with these rows and nothing else."""
    for table in (of.stage, change):
        table.create(tx, checkfirst=False) if not _made(tx, table) else tx.execute(table.delete())
    bulk.load(tx, of.stage, columns)
    bulk.know(tx, of.table)


def _made(tx: Connection, table: Table) -> bool:
    catalogue = "pg_catalog.pg_class WHERE relname = '{}' AND relpersistence = 't' AND pg_table_is_visible(oid)"
    if tx.dialect.name == "sqlite":
        catalogue = "sqlite_temp_master WHERE name = '{}'"
    return bool(tx.exec_driver_sql(f"SELECT count(*) FROM {catalogue.format(table.name)}").scalar_one())


def columns_of(of: Shape, records: Sequence[Record], placing: Placing) -> dict[str, Sequence[Any]]:
    """Turn validated records of one stream into the columns of its stage.

    Raises BadRecord when a text holds what no database keeps: NUL, or half a character.
    """
    names = tuple(RECORDS[of.stream].model_fields)
    rows = map(itemgetter(*names), map(attrgetter("__dict__"), records))
    told: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
    told["connection"] = [placing.connection] * len(records)
    if "company" in told:
        told["company"] = list(map(placing.company, told["company"]))
    if of.stream == "item":
        _add_item_columns(told, placing)
    if of.stream == "customer":
        told["placeholder"] = [False] * len(records)
    if "changed_at" not in told:
        told["changed_at"] = [None] * len(records)
    scaled = _Scaled({None: None})
    filled = {name: _filled(of.stage.c[name], told[name], scaled) for name in of.columns}
    return {"n": range(len(records)), **filled}


def _add_item_columns(told: dict[str, Sequence[Any]], placing: Placing) -> None:
    """Add debtor (rule 6), state, and the due date with whether it was derived (rule 10)."""
    told["debtor"] = [
        payer or bill_to or customer
        for payer, bill_to, customer in zip(told["payer"], told["bill_to"], told["customer"], strict=True)
    ]
    told["state"] = ["open" if amount else "cleared" for amount in told["open_amount"]]
    told["due_derived"] = [due is None for due in told["due_on"]]
    if None in told["due_on"]:
        told["due_on"] = [
            due or _derived_due(document, terms, placing)
            for due, document, terms in zip(told["due_on"], told["document_on"], told["terms"], strict=True)
        ]


def _derived_due(document_on: date, terms: str | None, placing: Placing) -> date:
    return document_on + timedelta(placing.net_days.get(terms or "", 0))


def _filled(column: Column[Any], values: Sequence[Any], scaled: _Scaled) -> Sequence[Any]:
    """Return the values as the books hold them."""
    if set(map(type, values)) == {NoneType}:
        return values
    if isinstance(column.type, BigInteger):
        return list(map(scaled.__getitem__, values))
    if isinstance(column.type, Json):
        texts = [None if value is None else canonical(_plain(value)) for value in values]
        _refuse_unholdable(column.name, texts)
        return texts
    if column.name in {"rate", "discount_percent"}:
        return [None if value is None else _decimal_text(value) for value in values]
    if column.type.python_type is str:
        _refuse_unholdable(column.name, values)
    return values


def _refuse_unholdable(name: str, values: Sequence[str | None]) -> None:
    text = "".join(filter(None, values))
    if "\0" in text:
        raise BadRecord(f"{name} holds a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRecord(f"{name} holds half a character (a lone surrogate)") from None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _decimal_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Scaled(dict[Decimal | None, int | None]):
    """Scales an amount once a page: an item's amounts are mostly the same amount."""

    def __missing__(self, amount: Decimal) -> int:
        whole = self[amount] = int(amount * SCALE)  # exact: the record was validated
        return whole
