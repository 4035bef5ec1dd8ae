"""One simulator of the ERPs that are read by SQL: an ERP is a list of tables over the moving book."""

from __future__ import annotations

from .cells import (
    NEVER,
    Cell,
    amount,
    char,
    cyyddd,
    cyymmdd,
    day,
    hhmmss,
    hundredths,
    moment,
    nullable_amount,
    number,
    one_blank,
    packed_day,
    text,
    whole,
    yyyymmdd,
)
from .simulator import EVENTS, SqlLedgerSimulator
from .tables import SITE, Column, Table, itself, with_site

__all__ = [
    "EVENTS",
    "NEVER",
    "SITE",
    "Cell",
    "Column",
    "SqlLedgerSimulator",
    "Table",
    "amount",
    "char",
    "cyyddd",
    "cyymmdd",
    "day",
    "hhmmss",
    "hundredths",
    "itself",
    "moment",
    "nullable_amount",
    "number",
    "one_blank",
    "packed_day",
    "text",
    "whole",
    "with_site",
    "yyyymmdd",
]
