"""The simulated PeopleSoft site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import SqlLedgerSimulator, Table

from .given import GIVES, Row
from .ledger_tables import ELSEWHERE, LEDGER_TABLES
from .lines import STOPPED, item_key
from .party_tables import PARTY_TABLES

NO_DAY: Final = "0001-01-01"  # a date that the database has, and no document


class PeopleSoftSimulator(SqlLedgerSimulator):
    """A PeopleSoft Receivables site over a seeded book; all its business units share one set of customers."""

    tables: ClassVar[Sequence[Table]] = (*LEDGER_TABLES, *PARTY_TABLES)
    variants: Mapping[str, Mapping[str, Any]] = {
        **SqlLedgerSimulator.variants,
        "a database in Tokyo": {"timezone": "Asia/Tokyo"},
    }
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "PS_ITEM": {"INVOICE_DT": NO_DAY, "ASOF_DT": NO_DAY, "ACCOUNTING_DT": NO_DAY},
    }
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "PS_PAYMENT": {"ACCOUNTING_DT": NO_DAY, "ENTRY_DT": NO_DAY},
        "PS_ITEM_ACTIVITY": {"ACCOUNTING_DT": NO_DAY, "POST_DT": NO_DAY},
    }
    open_lines = (
        "SELECT BUSINESS_UNIT, CUST_ID, BAL_CURRENCY, CAST(BAL_AMT AS TEXT) FROM PS_ITEM "
        f"WHERE ITEM_STATUS = 'O' AND BUSINESS_UNIT <> '{ELSEWHERE}'"
    )
    own_lacks: ClassVar[Mapping[str, str]] = {
        "exchange_rate": "no record of rates is known",
        "instalments": "the lines of an item share its number, and nothing says which instalment one is",
        "reversals": "PS_PAYMENT says that a payment bounced, not by which other",
        "deletes": "what is not posted stands in pending items, which are not read",
        "changes of customer": "PS_CUSTOMER has no state of the book's, and no stamp that is sure",
        **dict.fromkeys(("unposted", "down_payment", "direct_debit"), "no ENTRY_TYPE is known for it"),
    }
    site_settings: Mapping[str, Any] = {"hold.values": "CH", "collection_blocks": STOPPED}
    hold_values = ("CH", "C2")

    def own_settings(self) -> Mapping[str, str]:
        """Return the business units that are ours."""
        return {"business_units": json.dumps(list(self.book.companies))}

    def company_code(self, company: str) -> str:
        """Return the business unit, a text."""
        return company

    def item_key(self, item: Item) -> str:
        """Return BUSINESS_UNIT, CUST_ID, ITEM and ITEM_LINE."""
        return item_key(item)

    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how PeopleSoft gives a row."""
        return GIVES[stream]
