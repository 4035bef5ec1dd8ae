"""A_OperationalAcctgDocItemCube: which lines it has, kept by key as the book moves.

Beside the customer lines (FinancialAccountType D) every tenth document has a line on a G/L account (S),
so that whoever does not ask for D reads too much.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Book
from duehook.core.testing.book_simulator import balances
from duehook.core.testing.odata import Table
from duehook.core.testing.sap_ledger.kept import KeptLines
from duehook.core.testing.sap_ledger.lines import Line, LineKey
from duehook.core.testing.sap_ledger.settling import Posting

from .rows import GL_LINE, CubeRow, Garbled

_GL_EVERY: Final = 10
_SIDES: Final = {"S": 1, "H": -1}


class Cube(KeptLines):
    """The rows of the cube over a book, kept by key."""

    def __init__(self, book: Book, posting: Posting) -> None:
        """Take the book as it stands, and how payments are posted."""
        self.table = Table()
        self.blocks: dict[LineKey, tuple[str, str]] = {}  # written from outside, with the book's that it stands over
        super().__init__(book, posting)

    def shown(self, line: Line) -> None:
        """Put a line into the table."""
        self.table.put(line.key, CubeRow(self, line))

    def hidden(self, key: LineKey) -> None:
        """Take a line out of the table."""
        self.table.drop(key)

    def beside(self, own: Line) -> Iterable[LineKey]:
        """Put the line on a G/L account beside every tenth document's first one."""
        if own.item.document_no % _GL_EVERY or own.item.instalment != "001":
            return ()
        key = (*own.key[:3], GL_LINE)
        self.table.put(key, CubeRow(self, own, is_ledger=True))
        return (key,)

    def moved(self) -> None:
        """Let what is sorted be sorted anew."""
        self.table.touch()

    def block(self, line: Line) -> str | None:
        """Return a line's dunning block: the one that was written, unless the book has another since."""
        own = None if line.payment else line.item.dunning_block
        written, over = self.blocks.get(line.key, (own or "", own or ""))
        return (written or None) if over == (own or "") else own

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Add up the customer lines that are not cleared, as they stand in the ledger: by their side, and unsigned."""
        keys = self.table.keys()
        rows = [row for key in keys if (row := self.table.get(key)) is not None]
        return balances(
            (
                (row.get("CompanyCode"), row.get("Customer"), row.get("TransactionCurrency")),
                _SIDES[row.get("DebitCreditCode")] * abs(row.get("AmountInTransactionCurrency")),
            )
            for row in rows
            if row.get("FinancialAccountType") == "D" and not row.get("IsCleared")
            and row.get("DebitCreditCode") in _SIDES and not isinstance(row.get("AmountInTransactionCurrency"), Garbled)
        )  # fmt: skip
