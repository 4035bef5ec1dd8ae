"""The simulated Infor LX site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import SqlLedgerSimulator

from .given import GIVES, Row, unapplied
from .lines import item_name
from .tables import tables

HOLDS: Final = {"C2": "M", "H9": "H"}
NO_DAY: Final = 20_261_399  # no year has it
NO_FIELD: Final = "RAR and RCM have no field for it that is known"
COLUMNS: Final = {
    "columns.terms": "CTERM", "columns.currency": "CCURR", "columns.credit_limit": "CRDOL", "columns.hold": "CHOLD",
    "columns.country": "CCOUN", "columns.language": "", "columns.email": "", "tables.terms": "RTM",
}  # fmt: skip


class InforLxSimulator(SqlLedgerSimulator):
    """An Infor LX site over a seeded book; with `changed_column` RAR tells when a line was last maintained."""

    more_options: ClassVar[Mapping[str, Any]] = {**SqlLedgerSimulator.more_options, "changed_column": False}
    variants: Mapping[str, Mapping[str, Any]] = {
        **SqlLedgerSimulator.variants,
        "lines that tell when they changed": {"changed_column": True},
    }
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]] = {"RAR": {"RDATE": NO_DAY}}
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]] = {"RAR": {"RDATE": NO_DAY}}
    open_lines = (
        "SELECT RCOMP, RCUST, RCURR, CAST(RREM AS TEXT) FROM RAR WHERE RRID = 'RA' AND RSEQ = 0 AND RREM <> 0 "
        "AND RREF <> 'UNISSUED' AND ARDOCN NOT IN (0, 99999999)"
    )
    own_lacks: ClassVar[Mapping[str, str]] = {
        "exchange_rate": "no file of rates is known; RCNVFC stands on each line",
        "instalments": "each instalment is a document of its own",
        "reversals": "RAR does not say which receipt a receipt takes back",
        "deletes": "what is not issued yet is not read",
        "own dunning": NO_FIELD,
        "changes of customer": "RCM has no state of a customer, and no stamp",
        "changes of contact": "EST has no e-mail",
        **dict.fromkeys(("unposted", "draft", "down_payment", "direct_debit"), "RAR has no field for the class"),
    }

    @property
    def tables(self) -> Any:  # type: ignore[override]
        """The site's files."""
        return tables(stamped=bool(self.options["changed_column"]))

    def own_settings(self) -> Mapping[str, str]:
        """Return the fields that the dossier is unsure of."""
        stamped = self.options["changed_column"]
        changed = {"columns.changed": "RLDTE", "columns.changed_time": "RLTME"} if stamped else {"columns.changed": ""}
        return {**COLUMNS, **changed}

    def item_key(self, item: Item) -> str:
        """Return the name of an item's document."""
        return item_name(item).key

    def hold_code(self, hold: str | None) -> str:
        """Return CHOLD, which has one letter."""
        return HOLDS.get(hold or "", hold or "")

    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how LX gives a row."""
        return GIVES[stream]

    def given(self, stream: Stream) -> Iterator[Row]:
        """Yield the stream's rows; money on account is a payment of its own."""
        yield from super().given(stream)
        if stream == "payment":
            yield from unapplied(self)
