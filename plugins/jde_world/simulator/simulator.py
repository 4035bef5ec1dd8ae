"""The simulated World site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import SqlLedgerSimulator, Table

from .given import GIVES, Row, summed
from .lines import decimals, item_key
from .tables import E_MAIL, TABLES

NO_DAY: Final = 126_999  # no year has it


class JdeWorldSimulator(SqlLedgerSimulator):
    """A World site over a seeded book; originals and matching lines share F0311."""

    tables: ClassVar[Sequence[Table]] = TABLES
    variants: Mapping[str, Mapping[str, Any]] = {
        **SqlLedgerSimulator.variants,
        "a server in Tokyo": {"timezone": "Asia/Tokyo"},
    }
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]] = {"F0311": {"RPDIVJ": NO_DAY}}
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]] = {"F0311": {"RPDMTJ": NO_DAY, "RPDGJ": NO_DAY}}
    open_lines = (
        "SELECT RPCO, RPAN8, RPCRCD, CASE WHEN RPCRRM = 'F' THEN RPFAP ELSE RPAAP END FROM F0311 "
        "WHERE RPDCTM = '' AND RPDOC NOT IN (0, 99999999)"
    )
    own_lacks: ClassVar[Mapping[str, str]] = {
        "reversals": "the lines that take a receipt back do not name it by more than its number",
        "changes of customer": "nothing in F0101 and F0301 is the state of a customer",
        "direct_debit": "the payment instrument is not among the columns that are known",
    }
    site_settings: Mapping[str, Any] = {"hold.values": "C1"}
    hold_values = ("C1", "C2")

    def own_settings(self) -> Mapping[str, str]:
        """Return the type code under which the site parks e-mail addresses."""
        return {"email_type": E_MAIL}

    def company_code(self, company: str) -> str:
        """Return the company's five digits."""
        return company

    def item_key(self, item: Item) -> str:
        """Return RPKCO, RPDCT, RPDOC and RPSFX."""
        return item_key(item)

    def money(self, held: Any, currency: str) -> Decimal:
        """Return an amount, whose decimals are implied by its currency."""
        return Decimal(int(held)).scaleb(-decimals(currency.strip()))

    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how World gives a row."""
        return GIVES[stream]

    def given(self, stream: Stream) -> Iterator[Row]:
        """Yield the stream's rows; what stands in one matching line is one allocation."""
        rows = super().given(stream)
        return summed(rows) if stream == "allocation" else rows
