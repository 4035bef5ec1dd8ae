"""The tables that EXPORTMI reads: their columns, and where to look for the rows that a query may want."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from duehook.core.testing.book import Customer, Term
from duehook.plugins.infor_m3.simulator.codes import COMPANY
from duehook.plugins.infor_m3.simulator.layouts import DATES, PROGRAMS, Field
from duehook.plugins.infor_m3.simulator.query import Condition

from .cells import Cells
from .customers import Customers
from .ledger import Ledger
from .lines import Line

_SUMS: Final = frozenset(
    """
    OCUA OAMT PCUA PAMT TBCU TBAM TXCU TXAM BBCU BBAM DNCU DNAM CDCU CDAM WRCU WRAM ROCU ROAM LOCD TDSC TDS1
    """.split()
)  # fmt: skip
_FLOOR, _CEILING = "", "\uffff"


@dataclass(frozen=True)
class Table:
    """A table: its columns by their names without the prefix, its rows for some conditions, and a row's cells."""

    prefix: str
    columns: Mapping[str, Field]
    rows: Callable[[Mapping[str, Sequence[Condition]]], Iterable[Any]]
    cells: Callable[[Any, Iterable[str]], Mapping[str, str]]

    def numeric(self, name: str) -> bool:
        """Say whether a column holds numbers; days are such."""
        return self.columns[name].number or name in DATES


def tables(ledger: Ledger, cells: Cells, customers: Customers) -> dict[str, Table]:
    """Return the tables by their names."""
    terms: Mapping[str, Term] = ledger.book.terms
    return {
        "FSLEDG": Table("ES", _ledger_columns(), lambda asked: _lines(ledger, asked), cells.of),
        "OCUSMA": Table("OK", _customer_columns(), lambda asked: _customers(customers, asked), customers.of),
        "CSYTAB": Table("CT", _SYSTEM, lambda asked: terms.values(), _system_cells),
    }


def _ledger_columns() -> dict[str, Field]:
    of = PROGRAMS["ARS200MI"]
    found = {**of["GetInvoice"].outputs, **of["GetInvTotInfo"].outputs}
    return {name: each for name, each in found.items() if name not in _SUMS}


def _customer_columns() -> dict[str, Field]:
    of = PROGRAMS["CRS610MI"]
    names = ("LstByNumber", "GetBasicData", "GetOrderInfo", "GetFinancial")
    found = {each.name: each for name in names for each in of[name].outputs.values()}
    return found | {"LMTS": Field("LMTS", 18, number=True), "CHID": Field("CHID", 10)}


def _lines(ledger: Ledger, asked: Mapping[str, Sequence[Condition]]) -> Iterator[Line]:
    """Yield the rows that may be wanted, by the narrowest index; nobody promises an order."""
    for name, index in (
        ("CINO", ledger.of_number), ("PYNO", ledger.of_payer), ("CUNO", ledger.of_customer),
    ):  # fmt: skip
        wanted = _named(asked.get(name, ()))
        if wanted is not None:
            return _of_items(ledger, (index.get(str(each), {}) for each in wanted))
    years = _named(asked.get("YEA4", ()))
    if years is not None and "JRNO" in asked:
        return _of_journals(ledger, {int(each) for each in years}, asked["JRNO"])
    low, high = _between(asked.get("PYNO", ()))
    if (low, high) != (_FLOOR, _CEILING):
        return _of_items(ledger, (ledger.of_payer[each] for each in reversed(ledger.payers(low, high))))
    since = _at_least(asked.get("LMTS", ()))
    if since is not None:
        return ledger.since(since)
    if any(not each.holds("9") and each.holds("0") for each in asked.get("RECO", ())):
        return _of_items(ledger, [ledger.open])
    return ledger.all()


def _of_items(ledger: Ledger, keys: Iterable[Iterable[str]]) -> Iterator[Line]:
    return (line for key in list(chain.from_iterable(keys)) for line in ledger.rows[key])


def _of_journals(ledger: Ledger, years: Collection[int], asked: Sequence[Condition]) -> Iterator[Line]:
    wanted = [(year, number) for year, number in ledger.of_journal if year in years]
    chosen = (each for each in wanted if all(condition.holds(str(each[1])) for condition in asked))
    return (line for journal in chosen for line in list(ledger.of_journal[journal]))


def _customers(customers: Customers, asked: Mapping[str, Sequence[Condition]]) -> Iterator[Customer]:
    wanted = _named(asked.get("CUNO", ()))
    if wanted is not None:
        known = customers.book.customers
        return (known[str(each)] for each in wanted if each in known)
    return reversed(list(customers.between(*_between(asked.get("CUNO", ())))))


def _named(conditions: Sequence[Condition]) -> Sequence[Any] | None:
    """Return the values of which a column must have one, None where that is not asked."""
    return next((each.values for each in conditions if each.how in ("=", "in")), None)


def _between(conditions: Sequence[Condition]) -> tuple[str, str]:
    """Return between what a column must lie, more rather than less."""
    low, high = _FLOOR, _CEILING
    for each in conditions:
        first, last = str(each.values[0]), str(each.values[-1])
        if each.how in (">", ">=", "=", "between"):
            low = max(low, first)
        if each.how in ("<", "<=", "=", "between"):
            high = min(high, last)
        if each.how == "in":
            low, high = max(low, min(map(str, each.values))), min(high, max(map(str, each.values)))
    return low, high


def _at_least(conditions: Sequence[Condition]) -> int | None:
    found = [each.values[0] for each in conditions if each.how in (">", ">=", "=", "between")]
    return max((int(each) for each in found if isinstance(each, Decimal)), default=None)


_SYSTEM: Final = {
    name: Field(name, length, number)
    for name, length, number in (
        ("CONO", 3, True), ("DIVI", 3, False), ("STCO", 10, False), ("STKY", 10, False), ("LNCD", 2, False),
        ("TX40", 40, False), ("TX15", 15, False), ("PARM", 200, False), ("TXID", 13, True), ("LMTS", 18, True),
    )
}  # fmt: skip


def _system_cells(term: Term, names: Iterable[str]) -> Mapping[str, str]:
    """Return cells of a row of CSYTAB: here stand the payment terms, what they mean is in CRS075."""
    row = {
        "CONO": COMPANY, "DIVI": "", "STCO": "TEPY", "STKY": term.key, "LNCD": "", "TX40": term.text[:40],
        "TX15": term.text[:15], "PARM": "", "TXID": "0", "LMTS": "0",
    }  # fmt: skip
    return {name: row[name] for name in names}
