"""RFC_READ_TABLE: rows of any table as lines of 512 characters.

Without FIELDS it gives all columns. OFFSET and LENGTH say where each stands in WA, and a DELIMITER stands between
them. Rows come in no order that anybody promises. ROWCOUNT 0 is all of them. A number that does not fit its
column is an asterisk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from duehook.plugins.sap_ecc.simulator.tables.schema import SHAPES, Column, TableShape

from .module import AbapError, Call, Module, Values, fields
from .where import NoCondition, condition

ROW: Final = 512
_TYPES: Final = {"X": "b"}


def _read(call: Call) -> Values:
    shape = _shape(call)
    columns = _columns(call, shape)
    delimiter = call.text("DELIMITER")
    described = _described(columns, len(delimiter))
    if call.text("NO_DATA"):
        return {"FIELDS": described}
    try:
        asked = condition([str(each.get("TEXT") or "") for each in call.table("OPTIONS")], shape.columns)
    except NoCondition as wrong:
        raise AbapError("OPTION_NOT_VALID", f"OPTION_NOT_VALID: {wrong}") from None
    names = ", ".join(f'"{each.name}"' for each in columns)
    rows = call.system.store.select(shape.name, asked.sql, asked.values, columns=names, limit=_limit(call))
    data = [
        {"WA": delimiter.join(column.shown(value) for column, value in zip(columns, row, strict=True)).rstrip(" ")}
        for row in rows
    ]
    return {"FIELDS": described, "DATA": data}


def _limit(call: Call) -> str:
    count, skipped = call.number("ROWCOUNT"), call.number("ROWSKIPS")
    return f" LIMIT {count or -1} OFFSET {skipped}" if count or skipped else ""


def _shape(call: Call) -> TableShape:
    name = call.text("QUERY_TABLE").upper()
    if name not in SHAPES:
        raise AbapError("TABLE_NOT_AVAILABLE", f"Table {name} is not active in the dictionary")
    if name in call.system.denied:
        raise AbapError("NOT_AUTHORIZED", f"You are not authorized to display table {name} (S_TABU_DIS)")
    return SHAPES[name]


def _columns(call: Call, shape: TableShape) -> list[Column]:
    names = [str(each.get("FIELDNAME") or "").strip().upper() for each in call.table("FIELDS")]
    for name in names:
        if name not in shape.columns:
            raise AbapError("FIELD_NOT_VALID", f"Field {name} is not in table {shape.name}")
    columns = [shape.columns[name] for name in names] or list(shape.columns.values())
    between = len(call.text("DELIMITER")) * (len(columns) - 1)
    if sum(each.length for each in columns) + between > ROW:
        raise AbapError("DATA_BUFFER_EXCEEDED", f"The selected fields are longer than {ROW} characters")
    return columns


def _described(columns: Sequence[Column], between: int) -> list[Values]:
    found, offset = [], 0
    for column in columns:
        found.append({
            "FIELDNAME": column.name, "OFFSET": f"{offset:06d}", "LENGTH": f"{column.length:06d}",
            "TYPE": _TYPES.get(column.type, column.type), "FIELDTEXT": column.name.capitalize(),
        })  # fmt: skip
        offset += column.length + between
    return found


READ_TABLE: Final = Module(
    "RFC_READ_TABLE",
    fields("QUERY_TABLE:C30 DELIMITER:C1 NO_DATA:C1 ROWSKIPS:X10 ROWCOUNT:X10"),
    {},
    {
        "OPTIONS": fields("TEXT:C72"),
        "FIELDS": fields("FIELDNAME:C30 OFFSET:N6 LENGTH:N6 TYPE:C1 FIELDTEXT:C60"),
        "DATA": fields(f"WA:C{ROW}"),
    },
    _read,
)
