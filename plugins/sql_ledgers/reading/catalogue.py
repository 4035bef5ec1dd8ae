"""What columns the tables have: by a statement without rows, which also proves the right, and by the catalogue.

The catalogue adds lengths and the texts that people gave columns; where it may not be read, that is all that lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from duehook.core.errors import ConnectorRefused
from duehook.core.wire.sql import DIALECTS, DialectName, OdbcClient, Sql

Kind = Literal["text", "number", "moment"]
# (name, type, length, text) of the columns of a table.
_ASKED: Final[Mapping[DialectName, str]] = {
    "db2i": "SELECT COLUMN_NAME, DATA_TYPE, LENGTH, COLUMN_TEXT FROM QSYS2.SYSCOLUMNS"
    " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
    "oracle": "SELECT C.COLUMN_NAME, C.DATA_TYPE, C.CHAR_LENGTH, T.COMMENTS FROM ALL_TAB_COLUMNS C"
    " LEFT JOIN ALL_COL_COMMENTS T ON T.OWNER = C.OWNER AND T.TABLE_NAME = C.TABLE_NAME"
    " AND T.COLUMN_NAME = C.COLUMN_NAME WHERE C.OWNER = ? AND C.TABLE_NAME = ?",
    "sqlserver": "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NULL FROM INFORMATION_SCHEMA.COLUMNS"
    " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
    "postgresql": "SELECT column_name, data_type, character_maximum_length, NULL FROM information_schema.columns"
    " WHERE table_schema = ? AND table_name = ?",
    "sqlite": "SELECT name, type, NULL, NULL FROM pragma_table_info(?)",
}
_TEXTS: Final = "SELECT COLUMN_NAME, DATA_TYPE, LENGTH, COLUMN_TEXT FROM SYSCOLUMNS WHERE TABLE_NAME = ?"
_NUMBERS: Final = ("DEC", "NUM", "INT", "BIGINT", "SMALLINT", "FLOAT", "DOUBLE", "REAL", "MONEY")
_MOMENTS: Final = ("DATE", "TIME")
_PADDED: Final = ("CHAR", "NCHAR", "CHARACTER", "GRAPHIC", "BPCHAR")


@dataclass(frozen=True)
class Known:
    """What is known of a column: its kind, the width that its texts are padded to, and what people call it."""

    kind: Kind = "text"
    width: int | None = None
    text: str = ""


class Catalogue:
    """The columns of a schema's tables, each table asked once."""

    def __init__(self, client: OdbcClient, dialect: DialectName, schema: str) -> None:
        self._client, self._schema = client, schema
        self._dialect = DIALECTS[dialect]
        self._tables: dict[str, Mapping[str, Known]] = {}

    def of(self, table: str) -> Mapping[str, Known]:
        """Return a table's columns. Raises ConnectorRefused where it may not be read."""
        if table not in self._tables:
            dialect = self._dialect
            nothing = f"SELECT * FROM {dialect.table(self._schema, table)} WHERE 1 = 0{dialect.dirty}"
            names = self._client.columns(Sql(nothing), about=table)
            told = self._told(table)
            self._tables[table] = {name: told.get(name, Known()) for name in sorted(names)}
        return self._tables[table]

    def _told(self, table: str) -> dict[str, Known]:
        schema, name = self._schema.rpartition(".")[2], self._dialect.name
        values = (table,) if name == "sqlite" else (schema, table)
        found = self._rows(Sql(_ASKED[name], values))
        if name == "sqlite":
            found += self._rows(Sql(_TEXTS, (table,)))
        made: dict[str, Known] = {}
        for column, kind, length, text in found:
            before, key = made.get(str(column).strip().upper(), Known()), str(column).strip().upper()
            made[key] = _known(str(kind or "").strip().upper(), length, str(text or "").strip(), before)
        return made

    def _rows(self, statement: Sql) -> list[Any]:
        try:
            return self._client.rows(statement, about="the catalogue")
        except ConnectorRefused:
            return []


def _known(kind: str, length: Any, text: str, before: Known) -> Known:
    """Return what a row of the catalogue says, over what another said."""
    if kind.startswith(_NUMBERS):
        return Known("number", None, text or before.text)
    if kind.startswith(_MOMENTS):
        return Known("moment", None, text or before.text)
    base, _, inside = kind.partition("(")
    size = inside.rstrip(")") if inside else str(length or "").partition(".")[0]
    width = int(size) if base.strip() in _PADDED and size.isdecimal() else before.width
    return Known("text", width, text or before.text)
