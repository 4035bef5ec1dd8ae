"""The files of the simulated site, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Contact, Customer
from duehook.core.testing.sql_ledger import (
    NEVER,
    Cell,
    Column,
    Table,
    amount,
    char,
    cyyddd,
    hhmmss,
    itself,
    packed_day,
    whole,
    with_site,
)

from .lines import Line, decimals, item_parts, matching, originals, pay_status

E_MAIL: Final = "EM"
WIDE: Final = 40  # an e-mail address that is longer goes on in the next column
LAST_CENTURY: Final = date(1999, 12, 31)  # which has five digits
_DAY: Final = packed_day(cyyddd, 6)
_MONEY: Final = amount(15, 0)
_of = attrgetter


def _key(part: int) -> Any:
    return lambda line: item_parts(line.item)[part]


def _own(read: Any) -> Any:
    """Return a column's value on pay items; matching lines have none."""
    return lambda line: read(line.item) if line.own else None


def _item(name: str, cell: Cell, label: str, field: str) -> Column:
    return Column(name, cell, label, _own(attrgetter(field)))


def _mode(line: Line) -> str:
    return "D" if line.item.currency == line.item.company_currency else "F"


def _rate(line: Line) -> Any:
    return Decimal(line.item.rate_scaled).scaleb(-7) if _mode(line) == "F" else None


_F0311: Final = (
    Column("RPKCO", char(5), "Document Company", _key(0)),
    Column("RPDCT", char(2), "Document Type", _key(1)),
    Column("RPDOC", whole(8), "Document Number", _key(2)),
    Column("RPSFX", char(3), "Pay Item", _key(3)),
    Column("RPDCTM", char(2), "Matching Document Type", _of("matching")),
    Column("RPDOCM", whole(8), "Matching Document", _of("receipt")),
    Column("RPSFXM", char(3), "Matching Pay Item", _of("suffix")),
    Column("RPAN8", whole(8), "Address Number", _of("item.customer")),
    Column("RPPYR", whole(8), "Payor", _of("payer")),
    Column("RPCO", char(5), "Company", _of("item.company")),
    Column("RPDMTJ", _DAY, "Matching Date", _of("matched")),
    Column("RPDIVJ", _DAY, "Invoice Date", _of("item.document_on")),
    Column("RPDGJ", _DAY, "G/L Date", _of("posted")),
    _item("RPDDJ", _DAY, "Net Due Date", "due_on"),
    _item("RPDDNJ", _DAY, "Discount Due Date", "discount_on"),
    Column("RPAG", _MONEY, "Gross Amount", _of("gross")),
    Column("RPAAP", _MONEY, "Open Amount", _of("open")),
    Column("RPADSC", _MONEY, "Discount Available", _of("discount")),
    Column("RPADSA", _MONEY, "Discount Taken", _of("taken")),
    Column("RPACR", _MONEY, "Foreign Gross Amount", lambda line: line.foreign[0]),
    Column("RPFAP", _MONEY, "Foreign Open Amount", lambda line: line.foreign[1]),
    Column("RPCDS", _MONEY, "Foreign Discount Available", lambda line: line.foreign[2]),
    Column("RPCDSA", _MONEY, "Foreign Discount Taken", lambda line: line.foreign[3]),
    Column("RPBCRC", char(3), "Base Currency", _of("item.company_currency")),
    Column("RPCRCD", char(3), "Currency Code", _of("item.currency")),
    Column("RPCRRM", char(1), "Currency Mode", _mode),
    Column("RPCRR", amount(15, 7), "Exchange Rate", _rate),
    Column("RPPST", char(1), "Pay Status", _own(pay_status)),
    Column("RPPOST", char(1), "Posted Code", lambda line: "D" if line.item.posted else ""),
    _item("RPPTC", char(3), "Payment Terms", "terms"),
    _item("RPVR01", char(25), "Reference", "purchase_order"),
    _item("RPRMK", char(30), "Remark", "text"),
    _item("RPCORC", char(2), "Collection Reason", "dispute_reason"),
    _item("RPRMDS", whole(3), "Reminders", "dunning_level"),
    _item("RPRDDJ", _DAY, "Last Reminder", "last_dunned_on"),
    Column("RPUPMJ", _DAY, "Date Updated", lambda line: line.changed.date()),
    Column("RPUPMT", whole(6), "Time Updated", lambda line: hhmmss(line.changed)),
)


def _f0311_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    """The dummies at both ends of the file."""
    more = {"RPCO": "00001", "RPBCRC": "USD", "RPCRCD": "USD", "RPCRRM": "D", "RPAG": 1, "RPAAP": 1, "RPPOST": "D"}
    yield more
    yield {**more, "RPKCO": "99999", "RPDCT": "ZZ", "RPDOC": NEVER, "RPSFX": "999", "RPAN8": NEVER}


def _who(read: Any) -> Any:
    return lambda pair: read(pair[1])


def _account(field: str) -> Any:
    return lambda pair: getattr(pair[1].accounts[None], field)


def _stamped(pair: tuple[Any, Customer]) -> Any:
    return pair[0].local(max(pair[1].changed_at, pair[1].accounts[None].changed_at))


_F0301: Final = (
    Column("A5AN8", whole(8), "Address Number", _who(_of("key"))),
    Column("A5CRCD", char(3), "Currency Code", _who(_of("currency"))),
    Column("A5ACL", _MONEY, "Credit Limit", _account("credit_limit")),
    Column("A5TRAR", char(3), "Payment Terms", _account("terms")),
    Column("A5HOLD", char(2), "Hold Orders Code", lambda pair: pair[0].hold_code(pair[1].accounts[None].hold)),
    Column("A5CMGR", char(10), "Credit Manager", _account("credit_manager")),
    Column("A5CLMG", char(10), "Collection Manager", _account("collector")),
    Column("A5DNLT", char(1), "Print Delinquency Notice", lambda pair: "Y"),
    Column("A5UPMJ", _DAY, "Date Updated", lambda pair: _stamped(pair).date()),
    Column("A5UPMT", whole(6), "Time Updated", lambda pair: hhmmss(_stamped(pair))),
)
_F0101: Final = (
    Column("ABAN8", whole(8), "Address Number", _of("key")),
    Column("ABALPH", char(40), "Alpha Name", _of("name")),
    Column("ABTAX", char(20), "Tax ID", _of("tax_id")),
    Column("ABAT1", char(3), "Search Type", lambda customer: "C"),
)


def _f0301_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"A5AN8": 0}
    yield {"A5AN8": NEVER}


def _f0101_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    """The companies' own addresses, and a supplier: no customers."""
    for company in site.book.companies.values():
        yield {"ABAN8": int(company.code), "ABALPH": company.name, "ABAT1": "O"}
    yield {"ABAN8": 900_001, "ABALPH": "A Supplier", "ABAT1": "V"}


def _streets(site: Any, customer: Customer) -> Iterator[tuple[Customer, date, str]]:
    """Yield a customer's address; some moved in the past, and some will move in years to come."""
    number, moved = int(customer.key), site.started - timedelta(days=400)
    yield customer, moved, customer.street
    if number % 5 == 0:
        yield customer, LAST_CENTURY, "1 Former Street"
    if number % 9 == 0:
        yield customer, site.started + timedelta(days=1500), "9 Future Avenue"


def _where(read: Any) -> Any:
    return lambda line: read(line[0])


_F0116: Final = (
    Column("ALAN8", whole(8), "Address Number", _where(_of("key"))),
    Column("ALEFTB", _DAY, "Beginning Effective Date", lambda line: line[1]),
    Column("ALADD1", char(40), "Address Line 1", lambda line: line[2]),
    Column("ALADD2", char(40), "Address Line 2"),
    Column("ALADD3", char(40), "Address Line 3"),
    Column("ALADD4", char(40), "Address Line 4"),
    Column("ALADDZ", char(12), "Postal Code", _where(_of("postal_code"))),
    Column("ALCTY1", char(25), "City", _where(_of("city"))),
    Column("ALADDS", char(3), "State"),
    Column("ALCTR", char(3), "Country", _where(_of("country"))),
)


def _people(site: Any, contact: Contact) -> Iterator[tuple[Contact, int, str, str, str]]:
    """Yield who's-who lines: the name, and the e-mail address in a line of its own that goes on in the next column."""
    yield contact, contact.line * 2, "", contact.name, contact.role
    if contact.email:
        yield contact, contact.line * 2 + 1, E_MAIL, contact.email[:WIDE], contact.email[WIDE:]


_F0111: Final = (
    Column("WWAN8", whole(8), "Address Number", lambda line: line[0].customer),
    Column("WWIDLN", whole(5), "Line", lambda line: line[1]),
    Column("WWTYC", char(2), "Type Code", lambda line: line[2]),
    Column("WWMLNM", char(WIDE), "Mailing Name", lambda line: line[3]),
    Column("WWATTL", char(40), "Title", lambda line: line[4]),
)
_F0014: Final = (
    Column("PNPTC", char(3), "Payment Terms", _of("key")),
    Column("PNPTD", char(30), "Description", _of("text")),
    Column("PNNDTP", whole(5), "Net Days", _of("net_days")),
    Column("PNDCD", whole(5), "Discount Days", _of("discount_days")),
)
_F0015: Final = (
    Column("CXCRCD", char(3), "From Currency", _of("from_currency")),
    Column("CXCRDC", char(3), "To Currency", _of("to_currency")),
    Column("CXAN8", whole(8), "Address Number"),
    Column("CXEFT", _DAY, "Effective Date", _of("valid_on")),
    Column("CXCRR", amount(15, 7), "Multiplier", _of("rate")),
)
_F0010: Final = (
    Column("CCCO", char(5), "Company", _of("code")),
    Column("CCNAME", char(30), "Name", _of("name")),
    Column("CCCRCD", char(3), "Currency", _of("currency")),
)


def _currencies(site: Any, nothing: None) -> Iterator[str]:
    yield from ("USD", "EUR", "GBP", "JPY", "KWD")


_F0013: Final = (
    Column("CVCRCD", char(3), "Currency", lambda code: code),
    Column("CVDL01", char(30), "Description", lambda code: code),
    Column("CVCDEC", char(1), "Decimals", lambda code: str(decimals(code))),
)
TABLES: Final = (
    Table(
        "F0311", "A/R Ledger", "RPKCO RPDCT RPDOC RPSFX RPDCTM RPDOCM RPSFXM", _F0311,
        {"item": originals, "payment": matching}, _f0311_odd, ("RPUPMJ RPUPMT", "RPDOCM", "RPAN8"),
    ),
    Table("F0301", "Customer Master", "A5AN8", _F0301, {"customer": with_site}, _f0301_odd),
    Table("F0101", "Address Book", "ABAN8", _F0101, {"customer": itself}, _f0101_odd),
    Table("F0116", "Addresses", "ALAN8 ALEFTB", _F0116, {"customer": _streets}),
    Table("F0111", "Who's Who", "WWAN8 WWIDLN", _F0111, {"contact": _people}),
    Table("F0014", "Payment Terms", "PNPTC", _F0014, {"payment_term": itself}),
    Table("F0015", "Exchange Rates", "CXCRCD CXCRDC CXAN8 CXEFT", _F0015, {"exchange_rate": itself}),
    Table("F0010", "Companies", "CCCO", _F0010, {"company": itself}),
    Table("F0013", "Currencies", "CVCRCD", _F0013, {"site": _currencies}),
)  # fmt: skip
