"""The simulated Infor XA site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import SqlLedgerSimulator, Table

from .given import GIVES, Row
from .tables import TABLES, company, item_key

HOLDS: Final = {"C2": "M", "H9": "H"}
NO_YEAR: Final = 1_261_399  # a day that no year has
UNKNOWN: Final = "no file of it is known"


class InforXaSimulator(SqlLedgerSimulator):
    """A site over a seeded book whose files bear the names that its settings give."""

    tables: ClassVar[Sequence[Table]] = TABLES
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]] = {"OPNITM": {"INVDT": NO_YEAR}}
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]] = {"CSHRCP": {"RCPDT": NO_YEAR}}
    open_lines = "SELECT COMNO, CUSNO, CURCD, CAST(OPNAM AS TEXT) FROM OPNITM WHERE CUSNO <> '' AND DOCNO <> 99999999"
    own_lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("contact", "payment_term", "exchange_rate"), UNKNOWN),
        "changes of contact": UNKNOWN,
        "changes of customer": "CUSMAS has no state of a customer, and no stamp",
        "deletes": "what is not posted is no open item",
        "own dunning": "no field for it is known",
        **dict.fromkeys(("unposted", "draft", "down_payment", "direct_debit"), "no DOCTY is known for it"),
    }

    def own_settings(self) -> Mapping[str, str]:
        """Return the site's own names of its files, and its companies."""
        companies = [
            {"code": company(each.code), "name": each.name, "currency": each.currency}
            for each in self.book.companies.values()
        ]
        return {
            "companies": json.dumps(companies),
            "files.customers": "CUSMAS", "files.items": "OPNITM", "files.cash": "CSHRCP", "files.applied": "CSHAPP",
        }  # fmt: skip

    def item_key(self, item: Item) -> str:
        """Return COMNO, DOCTY, DOCNO and DOCSQ."""
        return item_key(item)

    def hold_code(self, hold: str | None) -> str:
        """Return CHOLD, which has one letter."""
        return HOLDS.get(hold or "", hold or "")

    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how the site gives a row."""
        return GIVES[stream]
