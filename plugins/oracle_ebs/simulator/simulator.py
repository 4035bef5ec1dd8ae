"""The simulated E-Business Suite site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import SqlLedgerSimulator, Table

from .given import GIVES, Row, on_account
from .ledger_tables import LEDGER_TABLES
from .lines import schedule_id
from .party_tables import PARTY_TABLES

NO_DAY: Final = "0001-01-01 00:00:00"  # a date that Oracle has, and no document
NO_FIELD: Final = "the AR tables have no column for it"


class OracleEbsSimulator(SqlLedgerSimulator):
    """An E-Business Suite site over a seeded book."""

    tables: ClassVar[Sequence[Table]] = (*LEDGER_TABLES, *PARTY_TABLES)
    variants: Mapping[str, Mapping[str, Any]] = {
        **SqlLedgerSimulator.variants,
        "a server in Tokyo": {"timezone": "Asia/Tokyo"},
    }
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]] = {"AR_PAYMENT_SCHEDULES_ALL": {"TRX_DATE": NO_DAY}}
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "AR_CASH_RECEIPTS_ALL": {"RECEIPT_DATE": NO_DAY},
        "AR_RECEIVABLE_APPLICATIONS_ALL": {"APPLY_DATE": NO_DAY},
    }
    open_lines = (
        "SELECT ORG_ID, CUSTOMER_ID, INVOICE_CURRENCY_CODE, CAST(AMOUNT_DUE_REMAINING AS TEXT) "
        "FROM AR_PAYMENT_SCHEDULES_ALL WHERE STATUS = 'OP' AND PAYMENT_SCHEDULE_ID > 0 AND CUSTOMER_ID IS NOT NULL"
    )
    own_lacks: ClassVar[Mapping[str, str]] = {
        "deletes": "what is not complete has no payment schedule, and is not read",
        "own dunning": NO_FIELD,
        "changes of customer": "HZ has no state of a customer",
        **dict.fromkeys(("unposted", "down_payment", "direct_debit"), "no class of payment schedule is known for it"),
    }
    hold_values = ("Y", "S")

    def own_settings(self) -> Mapping[str, str]:
        """Return nothing more."""
        return {}

    def item_key(self, item: Item) -> str:
        """Return the payment schedule's id."""
        return str(schedule_id(item))

    def hold_code(self, hold: str | None) -> str:
        """Return CREDIT_HOLD: Y is ours; a letter of its own is what users set, so that it is told from ours."""
        return "S" if hold in ("C2", "H9") else hold or ""

    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how E-Business Suite gives a row."""
        return GIVES[stream]

    def given(self, stream: Stream) -> Iterator[Row]:
        """Yield the stream's rows; money on account is a receipt of its own."""
        yield from super().given(stream)
        if stream == "payment":
            yield from on_account(self)
