"""One simulator of the ERPs that are read by SQL: an ERP is a list of tables over the moving book."""

from __future__ import annotations

from .cash import applied_cash, chosen, in_company_currency, is_netting, item_of, money_on_account, other_side, part_of
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
from .inactive import is_inactive, is_read
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
    "applied_cash",
    "char",
    "chosen",
    "cyyddd",
    "cyymmdd",
    "day",
    "hhmmss",
    "hundredths",
    "in_company_currency",
    "is_inactive",
    "is_netting",
    "is_read",
    "item_of",
    "itself",
    "moment",
    "money_on_account",
    "nullable_amount",
    "number",
    "one_blank",
    "other_side",
    "packed_day",
    "part_of",
    "text",
    "whole",
    "with_site",
    "yyyymmdd",
]
