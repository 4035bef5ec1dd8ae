"""ARS200MI: what customers owe, and the rows of FSLEDG behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Item
from duehook.core.testing.book.objects import to_amount
from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.codes import invoice_number
from duehook.plugins.infor_m3.simulator.refusal import UNKNOWN, nok
from duehook.plugins.infor_m3.simulator.tables.lines import Line

_LAST: Final = "\uffff"


def the_item(asked: Asked) -> Item:
    """Return the item that PYNO, CINO, INYR and the division name; Nok for one that there is not."""
    name = (asked.division, asked.get("PYNO"), asked.get("CINO"), asked.get("INYR"))
    item = asked.site.ledger.item(name)
    if item is None or asked.get("CUNO") not in ("", item.customer):
        raise nok("CINO", UNKNOWN, f"Invoice number {asked.get('CINO')}")
    return item


def the_line(asked: Asked) -> Line:
    """Return the row that YEA4, JRNO, JSNO and the division name; Nok for one that there is not."""
    name = (asked.division, int(asked.get("YEA4")), int(asked.get("JRNO")), int(asked.get("JSNO")))
    line = asked.site.ledger.records.get(name)
    if line is None:
        raise nok("JRNO", UNKNOWN, f"Journal number {asked.get('JRNO')}")
    return line


def _list_by_division(asked: Asked) -> Iterator[Record]:
    ledger, payer, customer = asked.site.ledger, asked.get("PYNO"), asked.get("CUNO")
    keys: Iterable[str] = ledger.open if asked.get("AAC0") == "1" else ledger.rows
    if payer or customer:
        keys = ledger.of_payer.get(payer, {}) if payer else ledger.of_customer.get(customer, {})
    low, high = asked.get("FDIV"), asked.get("TDIV") or _LAST
    for line in _chosen(asked, ledger.heads(list(keys))):
        if low <= line.division <= high and customer in ("", line.item.customer):
            yield asked.site.cells.of(line, asked.columns)


def _list_of_customer(asked: Asked) -> Iterator[Record]:
    ledger = asked.site.ledger
    for line in _chosen(asked, ledger.heads(list(ledger.of_customer.get(asked.get("CUNO"), {})))):
        if line.division == asked.division:
            yield asked.site.cells.of(line, asked.columns)


def _chosen(asked: Asked, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the rows that are open, where only those are asked for, from a day on, where one is named."""
    since, only_open = asked.get("IVDT"), asked.get("AAC0") == "1"
    for line in lines:
        if (line.item.open_minor or not only_open) and since <= f"{line.day:%Y%m%d}":
            yield line


def _total(asked: Asked) -> Iterator[Record]:
    yield asked.site.cells.of(asked.site.ledger.head(the_item(asked)), asked.columns)


def _movements(asked: Asked) -> Iterator[Record]:
    for line in asked.site.ledger.rows[the_item(asked).key]:
        if asked.get("TRCD") in ("", line.code):
            yield asked.site.cells.of(line, asked.columns)


def _record(asked: Asked) -> Iterator[Record]:
    yield asked.site.cells.of(the_line(asked), asked.columns)


def _unique_key(asked: Asked) -> Iterator[Record]:
    ledger = asked.site.ledger
    number, year = asked.get("CINO"), asked.get("INYR")
    for key in ledger.of_customer.get(asked.get("CUNO"), {}):
        for line in ledger.rows[key]:
            named = (invoice_number(line.item), str(line.item.fiscal_year), line.division, line.code)
            if named == (number, year, asked.division, asked.get("TRCD")) and f"{line.day:%Y%m%d}" == asked.get("IVDT"):
                yield asked.site.cells.of(line, asked.columns)
                return
    raise nok("CINO", UNKNOWN, f"Invoice number {number}")


def discount_on(line: Line) -> date | None:
    """Return until when a row grants a cash discount, None where it grants none, or it was taken."""
    is_granted = line.sort == "document" and line.item.discount_minor and not line.item.discount_taken_minor
    return line.item.discount_on if is_granted else None


def _cash_discount(asked: Asked) -> Iterator[Record]:
    line = the_line(asked)
    item = line.item
    found = asked.site.cells.of(line, asked.columns)
    given = discount_on(line)
    amount = str(to_amount(item.discount_minor if given else 0, item.currency))
    percent = Decimal(100 * item.discount_minor) / item.amount_minor if given else Decimal(0)
    yield found | {
        "CDT1": f"{given:%Y%m%d}" if given else "0",
        "CDA1": amount,
        "CDAM": amount,
        "CDP1": f"{percent:.2f}",
    }


ARS200MI: Final[Mapping[str, Handler]] = {
    "LstInvByDivi": _list_by_division,
    "LstInvoices": _list_of_customer,
    "GetInvTotInfo": _total,
    "LstInvoiceTrans": _movements,
    "GetInvoice": _record,
    "GetUniqueKey": _unique_key,
    "GetCashDiscInfo": _cash_discount,
}
