"""Databases over ODBC: one connection, the dialects, conditions with their values, and pages that are proved whole."""

from __future__ import annotations

from .access import Access
from .client import Duplicate, OdbcClient, RawRow
from .conditions import Sql, all_of, any_of, behind, equal
from .dialects import DIALECTS, Dialect, DialectName
from .paging import Key, KeyProof, in_key_order

__all__ = [
    "DIALECTS",
    "Access",
    "Dialect",
    "DialectName",
    "Duplicate",
    "Key",
    "KeyProof",
    "OdbcClient",
    "RawRow",
    "Sql",
    "all_of",
    "any_of",
    "behind",
    "equal",
    "in_key_order",
]
