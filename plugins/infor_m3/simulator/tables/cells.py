"""The columns of FSLEDG, and of what ARS200MI answers over it: each is asked of the book when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from duehook.core.money import exponent
from duehook.core.testing.book.objects import to_amount
from duehook.plugins.infor_m3.simulator.codes import (
    COLLECTED,
    COMPANY,
    DIRECT_DEBIT,
    PAYMENT,
    RATE_TYPE,
    TO_COLLECT,
    TRANSFER,
    USER,
    invoice_number,
    is_collected,
    is_to_collect,
)
from duehook.plugins.infor_m3.simulator.layouts import is_number

from .ledger import Ledger
from .lines import Line
from .written import Written

Cell = Callable[[Line], str]
NO_DAY: Final = "20260231"  # what a row holds that is spoilt
NO_AMOUNT: Final = "*****.**"
INVOICES: Final = "FSLEDG"
WRITABLE: Final = frozenset({"RMQT", "LRDT", "RMBL", "BLBY", "BLDT", "CLCD", "IICD"})
_DATES: Final = ("IVDT", "DUDT", "ACDT")
_TEXTS: Final = {
    "document": "Invoice", "money": "Payment", "adjusted": "Adjusted", "exchange": "Exchange", "rest": "Exchange",
}  # fmt: skip


class Cells:
    """The cells of the ledger's rows as M3 writes them.

    `spoilt` holds the flaw of an item by its key in the book, `spoilt_payments` that of a payment.
    """

    def __init__(self, ledger: Ledger, written: Written) -> None:
        """Read from that ledger, and what was written over it."""
        self._ledger, self._written = ledger, written
        self.spoilt: dict[str, str] = {}
        self.spoilt_payments: dict[str, str] = {}
        self._cells: Mapping[str, Cell] = {**_plain(), **_own(), **self._totals()}

    def of(self, line: Line, columns: Iterable[str]) -> dict[str, str]:
        """Return some cells of a row by their names; what M3 has no use for is blank or 0."""
        found = {name: self._cell(name, line) for name in columns}
        flaw = self._flaw(line)
        return found if flaw is None else _spoilt(found, flaw)

    def one(self, line: Line, name: str) -> str:
        """Return one cell of a row."""
        return self.of(line, (name,))[name]

    def book(self, name: str, line: Line) -> str:
        """Return a cell as the book has it, whatever was written over it."""
        cell = self._cells.get(name)
        if cell is None:
            return "0" if is_number(name) else ""
        return cell(line)

    def _cell(self, name: str, line: Line) -> str:
        if name in WRITABLE:
            return self._written.over(INVOICES, line.item.key, name, self.book(name, line))
        if name in ("CHNO", "CHID"):
            times = self._written.stamped(INVOICES, line.item.key)[1]
            return str(times % 1000) if name == "CHNO" else USER if times else "ARUSER"
        return self.book(name, line)

    def _flaw(self, line: Line) -> str | None:
        if line.sort == "document":
            return self.spoilt.get(line.item.key) if self.spoilt else None
        return self.spoilt_payments.get(line.made.payment or "") if self.spoilt_payments and line.made else None

    def _totals(self) -> dict[str, Cell]:
        """Return the sums of an invoice, which M3 makes of all its rows."""

        def total(currency: bool, *sorts: str) -> Cell:
            def cell(line: Line) -> str:
                lines = [each for each in self._ledger.rows[line.item.key] if not sorts or _sort(each) in sorts]
                minor = sum(each.minor if currency else each.own_minor for each in lines)
                code = line.item.currency if currency else line.item.company_currency
                return _money(-minor if sorts else minor, code)

            return cell

        found: dict[str, Cell] = {"OCUA": total(True), "OAMT": total(False)}
        sums = {"P": ("money",), "CD": ("discount",), "WR": ("write_off",), "DN": ("deduction", "chargeback")}
        names = {"P": ("PCUA", "PAMT"), "CD": ("CDCU", "CDAM"), "WR": ("WRCU", "WRAM"), "DN": ("DNCU", "DNAM")}
        for of, sorts in sums.items():
            found[names[of][0]], found[names[of][1]] = total(True, *sorts), total(False, *sorts)
        found["ROAM"] = total(False, "exchange", "rest")
        return found


def _own() -> dict[str, Cell]:
    """Return the columns that others may write over the book's."""
    return {
        "RMQT": lambda line: str(line.item.dunning_level or 0),
        "LRDT": lambda line: _day(line, line.item.last_dunned_on),
        "RMBL": lambda line: "1" if line.item.dunning_block else "0",
        "BLDT": lambda line: _day(line, None),
        "CLCD": lambda line: TO_COLLECT if is_to_collect(line.item) else "0",
    }


def _plain() -> dict[str, Cell]:
    """Return the columns that are the book's alone."""
    return {
        "CONO": lambda line: COMPANY,
        "DIVI": lambda line: line.division,
        "PYNO": lambda line: line.item.payer or line.item.customer,
        "CUNO": lambda line: line.item.customer,
        "CINO": lambda line: invoice_number(line.item),
        "INYR": lambda line: str(line.item.fiscal_year),
        "TRCD": lambda line: line.code,
        "YEA4": lambda line: str(line.year),
        "JRNO": lambda line: str(line.journal),
        "JSNO": lambda line: str(line.sequence),
        "VSER": lambda line: "CR" if line.code == PAYMENT else "CI",
        "VONO": lambda line: str(line.voucher),
        "IVTP": lambda line: line.information,
        "TDSC": lambda line: _TEXTS[line.sort],
        "CUCD": lambda line: line.item.currency,
        "LOCD": lambda line: line.item.company_currency,
        "CRTP": lambda line: RATE_TYPE,
        "ARAT": lambda line: rate(line.item.rate_scaled),
        "DCAM": lambda line: str(exponent(line.item.currency)),
        "CUAM": lambda line: _money(line.minor, line.item.currency),
        "ACAM": lambda line: _money(line.own_minor, line.item.company_currency),
        "VTAM": lambda line: _money(line.item.tax_minor if line.sort == "document" else 0, line.item.currency),
        "IVDT": lambda line: _day(line, line.day),
        "DUDT": lambda line: _day(line, line.item.due_on if line.sort == "document" else None),
        "ACDT": lambda line: _day(line, line.posted_on),
        "DTP5": lambda line: _day(line, line.day if line.code == PAYMENT else None),
        "REDE": lambda line: _day(line, None if line.item.open_minor else line.item.cleared_on),
        "RECO": lambda line: "0" if line.item.open_minor else "9",
        "PYCD": lambda line: DIRECT_DEBIT if line.item.item_class == "direct_debit" else TRANSFER,
        "CLST": lambda line: COLLECTED if is_collected(line.item) else "0",
        "TEPY": lambda line: line.item.terms if line.code != PAYMENT else "",
        "TECD": lambda line: "D10" if line.sort == "document" and line.item.discount_minor else "",
        "RGDT": lambda line: f"{_at(line):%Y%m%d}",
        "LMDT": lambda line: f"{_at(line):%Y%m%d}",
        "RGTM": lambda line: f"{_at(line):%H%M%S}",
        "LMTS": lambda line: str(line.stamp),
    }


def rate(scaled: int) -> str:
    """Return an exchange rate with M3's six decimals."""
    return str(Decimal(scaled).scaleb(-7).quantize(Decimal("0.000001")))


def _money(minor: int, currency: str) -> str:
    return str(to_amount(minor, currency))


def _day(line: Line, day: date | None) -> str:
    """Return a date as yyyyMMdd; M3 writes none in two ways."""
    if day is None:
        return "" if line.item.document_no % 2 else "0"
    return f"{day:%Y%m%d}"


def _at(line: Line) -> datetime:
    return datetime.fromtimestamp(line.stamp / 1000, UTC)


def _sort(line: Line) -> str:
    return line.made.kind if line.made and line.sort == "adjusted" else line.sort


def _spoilt(found: dict[str, str], flaw: str) -> dict[str, str]:
    """Return cells that cannot be read: dates that are none, or amounts that are no numbers."""
    names = _DATES if flaw == "date" else ("CUAM", "ACAM", "OCUA", "OAMT")
    bad = NO_DAY if flaw == "date" else NO_AMOUNT
    return found | {name: bad for name in names if name in found}
