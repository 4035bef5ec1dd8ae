"""The records of customers, contacts and terms: by SETID, and effective-dated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple

from duehook.core.testing.book import Contact, Customer, Term
from duehook.core.testing.sql_ledger import Column, Table, amount, day, is_inactive, itself, one_blank, whole

from .ledger_tables import ELSEWHERE
from .lines import STOPPED

SHARE, OTHER = "SHARE", "OTHER"
_LONG_AGO: Final = date(1901, 1, 1)
_MONEY: Final = amount(26, 3)
_DAY: Final = day()
_of = attrgetter


class Dated(NamedTuple):
    """A subject from a day on: as it is, as it was, or as it will be."""

    site: Any
    one: Any
    since: date
    which: str = "now"
    status: str = "A"


def _dated(site: Any, one: Any) -> Iterator[Dated]:
    """Yield a row as it is now; for some also one as it was, one that will be, and one that was switched off."""
    number = int(one.key)
    yield Dated(site, one, site.started - timedelta(days=400))
    if number % 5 == 0:
        yield Dated(site, one, _LONG_AGO, "former")
    if number % 7 == 0:
        yield Dated(site, one, site.started + timedelta(days=1500), "future")


def _who(read: Any) -> Any:
    return lambda line: read(line.one)


_SETID: Final = Column("SETID", one_blank(5), "SetID", lambda line: SHARE)
_DATED_KEY: Final = (
    _SETID,
    Column("CUST_ID", one_blank(15), "Customer ID", _who(_of("key"))),
    Column("EFFDT", _DAY, "Effective Date", _of("since")),
    Column("EFF_STATUS", one_blank(1), "Status", _of("status")),
)
_CUSTOMER: Final = (
    _SETID,
    Column("CUST_ID", one_blank(15), "Customer ID", _of("key")),
    Column("NAME1", one_blank(40), "Name", _of("name")),
    Column("NAMESHORT", one_blank(10), "Short Name", _of("name")),
    Column("CUST_STATUS", one_blank(1), "Status", lambda one: "I" if is_inactive(one.key) else "A"),
    Column("CUST_STATUS_DT", _DAY, "Status Date"),
    Column("BILL_TO_FLG", one_blank(1), "Bill To", lambda customer: "Y"),
    Column("CUST_LEVEL", one_blank(1), "Level", lambda customer: "N"),
    Column("ADDRESS_SEQ_NUM", whole(6), "Address Number", lambda customer: 1),
    Column("CORPORATE_CUST_ID", one_blank(15), "Corporate Customer", lambda one: one.parent or one.key),
    Column("CORPORATE_SETID", one_blank(5), "Corporate SetID", lambda customer: SHARE),
)


def _odd_customers(site: Any) -> Iterator[Mapping[str, Any]]:
    """Others' customers under another SETID, one that is inactive, one that is a template."""
    for number in ("1001", "1002", "1003"):
        yield {"SETID": OTHER, "CUST_ID": number, "NAME1": f"Another's {number}", "CUST_STATUS": "A"}
    yield {"SETID": SHARE, "CUST_ID": "900001", "NAME1": "Closed Trading", "CUST_STATUS": "I"}
    yield {"SETID": SHARE, "CUST_ID": "TEMPLATE", "NAME1": "Template", "CUST_STATUS": "T"}


def _street(line: Dated) -> str:
    streets = {"former": "1 Former Street", "future": "9 Future Avenue"}
    street: str = streets.get(line.which, line.one.street)
    return street


_ADDRESS: Final = (
    *_DATED_KEY,
    Column("ADDRESS_SEQ_NUM", whole(6), "Address Number", lambda line: 1),
    Column("ADDRESS1", one_blank(55), "Address 1", _street),
    Column("ADDRESS2", one_blank(55), "Address 2"),
    Column("ADDRESS3", one_blank(55), "Address 3"),
    Column("ADDRESS4", one_blank(55), "Address 4"),
    Column("CITY", one_blank(30), "City", _who(_of("city"))),
    Column("STATE", one_blank(6), "State"),
    Column("POSTAL", one_blank(12), "Postal Code", _who(_of("postal_code"))),
    Column("COUNTRY", one_blank(3), "Country", _who(_of("country"))),
)


def _account(field: str, other: Any) -> Any:
    """Return a column of the account; what was or will be is another."""
    return lambda line: getattr(line.one.accounts[None], field) if line.which == "now" else other


_OPTION: Final = (
    *_DATED_KEY,
    Column("PYMNT_TERMS_CD", one_blank(5), "Payment Terms", _account("terms", "N90")),
    Column("PAYMENT_METHOD", one_blank(3), "Payment Method", lambda line: "CHK"),
    Column("CR_ANALYST", one_blank(8), "Credit Analyst", _account("credit_manager", "NOBODY")),
    Column("COLLECTOR", one_blank(8), "Collector", _account("collector", "NOBODY")),
    Column("DST_ID_AR", one_blank(10), "AR Distribution"),
)


def _collection(line: Dated) -> str:
    """Say whether nobody duns a customer; at other times it was the other way round."""
    stopped = bool(line.one.accounts[None].dunning_block)
    return STOPPED if stopped == (line.which == "now") else ""


_CREDIT: Final = (
    *_DATED_KEY,
    Column("CR_LIMIT", _MONEY, "Credit Limit", _account("credit_limit", 1)),
    Column("CURRENCY_CD", one_blank(3), "Currency", _who(_of("currency"))),
    Column("RT_TYPE", one_blank(5), "Rate Type"),
    Column("RISK_CODE", one_blank(2), "Risk Code", lambda line: "L"),
    Column("DISPUTE_STATUS", one_blank(3), "Dispute Status"),
    Column("COLLECTION_STATUS", one_blank(3), "Collection Status", _collection),
)


def _messages(site: Any, customer: Customer) -> Iterator[tuple[Customer, str, str]]:
    """Yield the hold that is active; some customers have had another."""
    hold = site.hold_code(customer.accounts[None].hold)
    if hold:
        yield customer, hold, "A"
    if int(customer.key) % 4 == 0:
        yield customer, "OLD", "I"


_MESSAGE: Final = (
    _SETID,
    Column("CUST_ID", one_blank(15), "Customer ID", lambda line: line[0].key),
    Column("HOLD_CD", one_blank(4), "Hold Code", lambda line: line[1]),
    Column("EFF_STATUS", one_blank(1), "Status", lambda line: line[2]),
)
_CONTACT: Final = (
    _SETID,
    Column("CUST_ID", one_blank(15), "Customer ID", _of("customer")),
    Column("CONTACT_ID", one_blank(15), "Contact ID", _of("key")),
    Column("NAME1", one_blank(40), "Name", _of("name")),
    Column("EMAILID", one_blank(70), "Email ID", _of("email")),
)


def _phones(site: Any, contact: Contact) -> Iterator[Contact]:
    if contact.phone:
        yield contact


_PHONE: Final = (
    _SETID,
    Column("CONTACT_ID", one_blank(15), "Contact ID", _of("key")),
    Column("PHONE", one_blank(24), "Telephone", _of("phone")),
)


def _terms(site: Any, term: Term) -> Iterator[Dated]:
    yield Dated(site, term, _LONG_AGO, "former")
    yield Dated(site, term, site.started - timedelta(days=400))
    yield Dated(site, term, site.started + timedelta(days=1500), "future")


_TERM: Final = (
    _SETID,
    Column("PYMNT_TERMS_CD", one_blank(5), "Payment Terms", _who(_of("key"))),
    Column("EFFDT", _DAY, "Effective Date", _of("since")),
    Column("EFF_STATUS", one_blank(1), "Status", _of("status")),
    Column("DESCR", one_blank(30), "Description", lambda line: line.one.text if line.which == "now" else line.which),
)


def _odd_terms(site: Any) -> Iterator[Mapping[str, Any]]:
    """A term that was switched off, and one of another SETID."""
    since = {"EFFDT": _LONG_AGO, "DESCR": "Not ours"}
    yield {**since, "SETID": SHARE, "PYMNT_TERMS_CD": "OLD", "EFF_STATUS": "I"}
    yield {**since, "SETID": OTHER, "PYMNT_TERMS_CD": "N30", "EFF_STATUS": "A"}


_UNIT: Final = (
    Column("BUSINESS_UNIT", one_blank(5), "Business Unit", _of("code")),
    Column("DESCR", one_blank(30), "Description", _of("name")),
    Column("BASE_CURRENCY", one_blank(3), "Base Currency", _of("currency")),
)


def _odd_units(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"BUSINESS_UNIT": ELSEWHERE, "DESCR": "Not ours", "BASE_CURRENCY": "USD"}


def _sets(site: Any, nothing: None) -> Iterator[tuple[str, str, str]]:
    """Yield which set a business unit's records are taken from: customers of one, entry types of its own."""
    for unit in (*site.book.companies, ELSEWHERE):
        ours = OTHER if unit == ELSEWHERE else SHARE
        yield unit, "CUSTOMER", ours
        yield unit, "PYMT_TRMS_HDR", ours
        yield unit, "ENTRY_TYPE_TBL", unit


_SET: Final = (
    Column("SETCNTRLVALUE", one_blank(20), "Set Control Value", lambda line: line[0]),
    Column("RECNAME", one_blank(15), "Record", lambda line: line[1]),
    Column("SETID", one_blank(5), "SetID", lambda line: line[2]),
)
PARTY_TABLES: Final = (
    Table("PS_BUS_UNIT_TBL_AR", "Business units", "BUSINESS_UNIT", _UNIT, {"company": itself}, _odd_units),
    Table("PS_SET_CNTRL_REC", "Set control", "SETCNTRLVALUE RECNAME", _SET, {"site": _sets}),
    Table("PS_CUSTOMER", "Customers", "SETID CUST_ID", _CUSTOMER, {"customer": itself}, _odd_customers),
    Table("PS_CUST_ADDRESS", "Addresses", "SETID CUST_ID ADDRESS_SEQ_NUM EFFDT", _ADDRESS, {"customer": _dated}),
    Table("PS_CUST_OPTION", "AR options", "SETID CUST_ID EFFDT", _OPTION, {"customer": _dated}),
    Table("PS_CUST_CREDIT", "Credit", "SETID CUST_ID EFFDT", _CREDIT, {"customer": _dated}),
    Table("PS_CUST_MSG", "Messages and holds", "SETID CUST_ID HOLD_CD", _MESSAGE, {"customer": _messages}),
    Table("PS_CONTACT_CUST", "Contacts", "SETID CUST_ID CONTACT_ID", _CONTACT, {"contact": itself}),
    Table("PS_CONTACT_PHONE", "Contacts' phones", "SETID CONTACT_ID", _PHONE, {"contact": _phones}),
    Table(
        "PS_PYMT_TRMS_HDR", "Payment terms", "SETID PYMNT_TERMS_CD EFFDT", _TERM, {"payment_term": _terms}, _odd_terms,
    ),
)  # fmt: skip
