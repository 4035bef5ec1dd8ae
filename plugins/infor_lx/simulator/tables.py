"""The files of the simulated site, field by field: those that the dossier names, and its candidates for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Customer
from duehook.core.testing.sql_ledger import (
    NEVER,
    Column,
    Table,
    amount,
    char,
    hhmmss,
    is_inactive,
    itself,
    packed_day,
    whole,
    with_site,
    yyyymmdd,
)

from .lines import REASONS, Line, item_lines, payment_lines

_DAY: Final = packed_day(yyyymmdd, 8)
_MONEY: Final = amount(15, 3)
_own: Callable[[str], Callable[[Line], Any]] = attrgetter


def _applied(field: str) -> Callable[[Line], Any]:
    return lambda line: getattr(line.applied, field) if line.applied else None


_RAR: Final = (
    Column("RRID", char(2), "Record ID; RA/RZ", lambda line: "RA"),
    Column("RCOMP", whole(2), "Company Number", _own("name.company")),
    Column("RCUST", whole(8), "Customer Number", _own("customer")),
    Column("RCCUS", whole(8), "Corporate Customer Number", _own("corporate")),
    Column("ARDYR", whole(4), "Document Year", _own("name.year")),
    Column("ARDPFX", char(2), "Document Prefix", _own("name.prefix")),
    Column("ARDTYP", whole(1), "Document Type", _own("name.type")),
    Column("ARDOCN", whole(8), "Document Number", _own("name.number")),
    Column("RINVC", whole(8), "Invoice Number Applied To", _applied("number")),
    Column("ARODYR", whole(4), "Original Document Year", _applied("year")),
    Column("ARODPX", char(2), "Original Document Prefix", _applied("prefix")),
    Column("ARODTP", whole(1), "Original Document Type", _applied("type")),
    Column("RSEQ", whole(5), "Sequence Number", _own("sequence")),
    Column("RDATE", _DAY, "Document Date", _own("on")),
    Column("RDDTE", _DAY, "Due Date", _own("due")),
    Column("RAMT", _MONEY, "Amount", _own("amount")),
    Column("RREM", _MONEY, "Remaining Amount", _own("open")),
    Column("RCURR", char(3), "Currency Code", _own("currency")),
    Column("RCNVFC", amount(15, 7), "Conversion Factor", _own("rate")),
    Column("RREF", char(15), "Reference Number", _own("reference")),
    Column("RRESN", char(5), "Reason Code", _own("reason")),
    Column("ARCAIN", char(30), "Legal Invoice Number"),
    Column("RLDTE", _DAY, "Last Maintained Date", lambda line: line.changed.date()),
    Column("RLTME", whole(6), "Last Maintained Time", lambda line: hhmmss(line.changed)),
)
_RAR_KEY: Final = "RRID RCOMP ARDYR ARDPFX ARDTYP ARDOCN RSEQ"


def _rar_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    """An inactive invoice, and the dummies at both ends of the file."""
    more = {"RCURR": "USD", "RDATE": 20_260_105, "RDDTE": 20_260_204, "RCNVFC": 1, "RCOMP": 1, "ARDYR": 2026}
    yield {
        **more,
        "RRID": "RZ",
        "RCUST": 1001,
        "ARDPFX": "RI",
        "ARDTYP": 1,
        "ARDOCN": 900_001,
        "RAMT": 500,
        "RREM": 500,
    }
    yield {**more, "RRID": "RA", "RAMT": "0.010", "RREM": "0.010"}
    yield {
        **more, "RRID": "RA", "RCUST": NEVER, "ARDPFX": "ZZ", "ARDTYP": 9, "ARDOCN": NEVER, "RAMT": "0.010",
        "RREM": "0.010",
    }  # fmt: skip


def _limit(customer: Customer) -> int:
    return customer.accounts[None].credit_limit or 0


def _of(field: str) -> Callable[[tuple[Any, Customer]], Any]:
    read = attrgetter(field)
    return lambda pair: read(pair[1])


_RCM: Final = (
    Column("CMID", char(2), "Record ID; CM/CZ", lambda pair: "CZ" if is_inactive(pair[1].key) else "CM"),
    Column("CCUST", whole(8), "Customer Number", _of("key")),
    Column("CNME", char(50), "Customer Name", _of("name")),
    Column("CAD1", char(50), "Address Line 1", _of("street")),
    Column("CAD2", char(50), "Address Line 2", _of("city")),
    Column("CAD3", char(50), "Address Line 3"),
    Column("CSTE", char(3), "State"),
    Column("CZIP", char(10), "Postal Code", _of("postal_code")),
    Column("CPHON", char(25), "Phone Number"),
    Column("CMFAXN", char(25), "Fax Number"),
    Column("CMFTXC", char(20), "Tax Code", _of("tax_id")),
    Column("CCCUS", whole(8), "Corporate Customer Number", lambda pair: pair[1].parent),
    Column("CAMTD", _MONEY, "Amount Due"),
    Column("CTERM", char(3), "Terms Code", lambda pair: pair[1].accounts[None].terms),
    Column("CCURR", char(3), "Currency Code", _of("currency")),
    Column("CRDOL", amount(15, 0), "Credit Limit", lambda pair: _limit(pair[1])),
    Column("CHOLD", char(1), "Credit Hold Code", lambda pair: pair[0].hold_code(pair[1].accounts[None].hold)),
    Column("CCOUN", char(4), "Country Code", _of("country")),
    Column("CSAL", whole(5), "Salesman Number"),
)


def _rcm_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    """A customer that was deactivated, and the dummies with a key of nothing and of nines."""
    yield {"CMID": "CZ", "CCUST": 900_002, "CNME": "Closed Trading Inc.", "CCURR": "USD", "CTERM": "N30"}
    yield {"CMID": "CM", "CCUST": 0, "CNME": "COUNTER SALES", "CCURR": "USD"}
    yield {"CMID": "CM", "CCUST": NEVER, "CNME": "*HIVAL"}


_EST: Final = (
    Column("TCUST", whole(8), "Customer Number", attrgetter("customer")),
    Column("TSHIP", whole(4), "Ship-To Number", attrgetter("line")),
    Column("TNAME", char(50), "Ship-To Name", attrgetter("name")),
    Column("TATN", char(50), "Attention", attrgetter("name")),
    Column("TADR1", char(50), "Address Line 1"),
    Column("TADR2", char(50), "Address Line 2"),
    Column("TADR3", char(50), "Address Line 3"),
    Column("TSTE", char(3), "State"),
    Column("TPOST", char(10), "Postal Code"),
    Column("TPHONE", char(25), "Phone Number", attrgetter("phone")),
    Column("STADTP", char(1), "Address Type", lambda contact: "1"),
)


def _est_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"TCUST": NEVER, "TSHIP": 9999, "TATN": "*HIVAL"}


_RTM: Final = (
    Column("TTERM", char(3), "Terms Code", attrgetter("key")),
    Column("TDAYS", whole(3), "Net Days", attrgetter("net_days")),
    Column("TDISC", amount(5, 2), "Discount Percent", attrgetter("discount_percent")),
    Column("TDSCD", whole(3), "Discount Days", attrgetter("discount_days")),
    Column("TDESC", char(30), "Description", attrgetter("text")),
)


def _reasons(site: Any, nothing: None) -> Iterator[tuple[str, str]]:
    for kind, code in REASONS.items():
        if code:
            yield code, kind.replace("_", " ").capitalize()


_ZPA: Final = (
    Column("PKEY", char(15), "Parameter Key", lambda pair: f"REA{pair[0]}"),
    Column("DATA", char(70), "Parameter Data", lambda pair: pair[1]),
)
STAMPS: Final = ("RLDTE", "RLTME")


def tables(*, stamped: bool) -> tuple[Table, ...]:
    """Return the site's files; RAR tells when a line was last maintained only where it is `stamped`."""
    rar = tuple(column for column in _RAR if stamped or column.name not in STAMPS)
    return (
        Table(
            "RAR", "Accounts Receivable", _RAR_KEY, rar, {"item": item_lines, "payment": payment_lines}, _rar_odd,
            ("RCUST RCOMP", "RINVC ARODTP", "RREM", *(("RLDTE RLTME",) if stamped else ())),
        ),
        Table("RCM", "Customer Master", "CMID CCUST", _RCM, {"customer": with_site}, _rcm_odd),
        Table("EST", "Ship-To Address", "TCUST TSHIP", _EST, {"contact": itself}, _est_odd),
        Table("RTM", "Terms Master", "TTERM", _RTM, {"payment_term": itself}),
        Table("ZPA", "System Parameters", "PKEY", _ZPA, {"site": _reasons}, readable=False),
    )  # fmt: skip
