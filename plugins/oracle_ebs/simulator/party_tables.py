"""The HZ tables of the simulated site, and what it sets up: terms, rates, operating units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Contact, Customer, Term
from duehook.core.testing.sql_ledger import (
    Column,
    Table,
    is_inactive,
    itself,
    moment,
    nullable_amount,
    number,
    text,
    with_site,
)

from .lines import org
from .site_tables import SITE_TABLES, changed, party, who

_ID: Final = number(15)
_WHEN: Final = moment()
_MONEY: Final = nullable_amount()
COLLECTORS: Final = ("KLEIN", "ORTEGA", "SATO", "WEBER")
TERMS: Final = ("N14", "N30", "D30", "N45", "N60", "N90", "S3")
_of = attrgetter


def contact_point(contact: Contact) -> int:
    """Return the id of a contact's e-mail address."""
    return int(contact.customer) * 100 + contact.line


def profile(customer: str) -> int:
    """Return the id of a customer's own profile, the one that is of no site."""
    return int(customer) * 10 + 3


def term_id(term: str) -> int:
    """Return the id of a payment term."""
    return 1000 + TERMS.index(term)


_CHANGED: Final = Column("LAST_UPDATE_DATE", _WHEN, "Last update", changed)


_PARTIES: Final = (
    Column("PARTY_ID", _ID, "Party", who(lambda one: party(one.key))),
    Column("PARTY_NAME", text(360), "Name", who(_of("name"))),
    Column("PARTY_TYPE", text(30), "ORGANIZATION or PERSON", lambda pair: "ORGANIZATION"),
    Column("STATUS", text(1), "Status", lambda pair: "A"),
    _CHANGED,
)
_ACCOUNTS: Final = (
    Column("CUST_ACCOUNT_ID", _ID, "Customer account", who(_of("key"))),
    Column("PARTY_ID", _ID, "Party", who(lambda one: party(one.key))),
    Column("ACCOUNT_NUMBER", text(30), "Account number", lambda pair: f"AC{pair[1].key}"),
    Column("ACCOUNT_NAME", text(240), "Account name", who(_of("name"))),
    Column("STATUS", text(1), "Status", lambda pair: "I" if is_inactive(pair[1].key) else "A"),
    _CHANGED,
)


def _odd_accounts(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"CUST_ACCOUNT_ID": 900_001, "PARTY_ID": 900_001, "ACCOUNT_NUMBER": "OLD", "STATUS": "I",
           "LAST_UPDATE_DATE": date(2020, 1, 1)}  # fmt: skip


def _odd_parties(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"PARTY_ID": 900_001, "PARTY_NAME": "Closed Trading", "PARTY_TYPE": "ORGANIZATION", "STATUS": "I",
           "LAST_UPDATE_DATE": date(2020, 1, 1)}  # fmt: skip


def _profiles(site: Any, customer: Customer) -> Iterator[tuple[Any, Customer, int | None]]:
    """Yield the account's own profile; some have another for a site, which does not govern."""
    yield site, customer, None
    if int(customer.key) % 4 == 0:
        yield site, customer, int(customer.key) * 10 + 1


def _collector(customer: Customer) -> int:
    return 100 + COLLECTORS.index(customer.accounts[None].collector)


def _held(line: tuple[Any, Customer, int | None]) -> str:
    site, customer, use = line
    return "N" if use else site.hold_code(customer.accounts[None].hold) or "N"


def _dunned(line: tuple[Any, Customer, int | None]) -> str:
    """Say whether an account is sent dunning letters; the profile of a site says the opposite, and does not govern."""
    stopped = bool(line[1].accounts[None].dunning_block)
    return "N" if stopped != bool(line[2]) else "Y"


_PROFILES: Final = (
    Column("CUST_ACCOUNT_PROFILE_ID", _ID, "Profile", lambda line: profile(line[1].key) + bool(line[2])),
    Column("CUST_ACCOUNT_ID", _ID, "Customer account", who(_of("key"))),
    Column("SITE_USE_ID", _ID, "Site use, none for the account", lambda line: line[2]),
    Column("CREDIT_HOLD", text(1), "Credit hold", _held),
    Column("CREDIT_CHECKING", text(1), "Credit checking", lambda line: "Y"),
    Column("CREDIT_RATING", text(30), "Credit rating"),
    Column("RISK_CODE", text(30), "Risk code"),
    Column("COLLECTOR_ID", _ID, "Collector", who(_collector)),
    Column("STANDARD_TERMS", _ID, "Payment terms", who(lambda one: term_id(one.accounts[None].terms))),
    Column("DUNNING_LETTERS", text(1), "Send dunning letters", _dunned),
    Column("LAST_UPDATE_DATE", _WHEN, "Last update", lambda line: changed(line[:2])),
)


def _limits(site: Any, customer: Customer) -> Iterator[tuple[Any, Customer]]:
    if customer.accounts[None].credit_limit is not None:
        yield site, customer


_LIMITS: Final = (
    Column("CUST_ACCT_PROFILE_AMT_ID", _ID, "Profile amount", who(_of("key"))),
    Column("CUST_ACCOUNT_PROFILE_ID", _ID, "Profile", who(lambda one: profile(one.key))),
    Column("CUST_ACCOUNT_ID", _ID, "Customer account", who(_of("key"))),
    Column("CURRENCY_CODE", text(15), "Currency", who(_of("currency"))),
    Column("OVERALL_CREDIT_LIMIT", _MONEY, "Credit limit", who(lambda one: one.accounts[None].credit_limit)),
    Column("TRX_CREDIT_LIMIT", _MONEY, "Limit of an order"),
    _CHANGED,
)


def _points(site: Any, contact: Contact) -> Iterator[tuple[Any, Contact, str]]:
    """Yield a contact's e-mail and phone; an address that was taken away is inactive."""
    yield site, contact, "EMAIL"
    if contact.phone:
        yield site, contact, "PHONE"


def _only(kind: str, field: str) -> Any:
    return lambda line: getattr(line[1], field) if line[2] == kind else None


def _standing(line: tuple[Any, Contact, str]) -> str:
    return "I" if line[2] == "EMAIL" and not line[1].email else "A"


_POINTS: Final = (
    Column("CONTACT_POINT_ID", _ID, "Contact point", lambda p: contact_point(p[1]) + 10**9 * (p[2] == "PHONE")),
    Column("CONTACT_POINT_TYPE", text(30), "EMAIL, PHONE", lambda line: line[2]),
    Column("OWNER_TABLE_NAME", text(30), "Owner's table", lambda line: "HZ_PARTIES"),
    Column("OWNER_TABLE_ID", _ID, "Owner", lambda line: party(line[1].customer)),
    Column("EMAIL_ADDRESS", text(2000), "E-mail address", _only("EMAIL", "email")),
    Column("PHONE_NUMBER", text(40), "Phone number", _only("PHONE", "phone")),
    Column("PRIMARY_FLAG", text(1), "Primary", lambda line: "Y" if line[1].line == 0 else "N"),
    Column("STATUS", text(1), "Status", _standing),
    Column("LAST_UPDATE_DATE", _WHEN, "Last update", lambda line: line[0].local(line[1].changed_at)),
)
_TERMS: Final = (
    Column("TERM_ID", _ID, "Term", lambda term: term_id(term.key)),
    Column("NAME", text(15), "Name", _of("key")),
    Column("DESCRIPTION", text(240), "Description", _of("text")),
)


def _term_lines(site: Any, term: Term) -> Iterator[tuple[Term, int, int]]:
    for place, share in enumerate(term.instalments or (100,), 1):
        yield term, place, share


_TERM_LINES: Final = (
    Column("TERM_ID", _ID, "Term", lambda line: term_id(line[0].key)),
    Column("SEQUENCE_NUM", _ID, "Instalment", lambda line: line[1]),
    Column("RELATIVE_AMOUNT", _MONEY, "Share", lambda line: line[2]),
    Column("DUE_DAYS", _ID, "Days", lambda line: line[0].net_days * line[1]),
)
_RATES: Final = (
    Column("FROM_CURRENCY", text(15), "From", _of("from_currency")),
    Column("TO_CURRENCY", text(15), "To", _of("to_currency")),
    Column("CONVERSION_DATE", _WHEN, "Date", _of("valid_on")),
    Column("CONVERSION_TYPE", text(30), "Type", lambda rate: "Corporate"),
    Column("CONVERSION_RATE", _MONEY, "Rate", _of("rate")),
)
_UNITS: Final = (
    Column("ORGANIZATION_ID", _ID, "Operating unit", lambda one: org(one.code)),
    Column("NAME", text(240), "Name", _of("name")),
    Column("SET_OF_BOOKS_ID", _ID, "Ledger", lambda one: 2000 + org(one.code)),
)
_LEDGERS: Final = (
    Column("LEDGER_ID", _ID, "Ledger", lambda one: 2000 + org(one.code)),
    Column("NAME", text(30), "Name", _of("name")),
    Column("CURRENCY_CODE", text(15), "Currency", _of("currency")),
)
_COLLECTORS: Final = (
    Column("COLLECTOR_ID", _ID, "Collector", lambda pair: 100 + pair[0]),
    Column("NAME", text(30), "Name", lambda pair: pair[1]),
    Column("EMPLOYEE_ID", _ID, "Employee"),
    Column("LAST_UPDATE_DATE", _WHEN, "Last update", lambda pair: date(2020, 1, 1)),
)
PARTY_TABLES: Final = (
    Table("HZ_PARTIES", "Parties", "PARTY_ID", _PARTIES, {"customer": with_site}, _odd_parties),
    Table("HZ_CUST_ACCOUNTS", "Accounts", "CUST_ACCOUNT_ID", _ACCOUNTS, {"customer": with_site}, _odd_accounts,
          ("PARTY_ID",)),
    Table("HZ_CUSTOMER_PROFILES", "Profiles", "CUST_ACCOUNT_PROFILE_ID", _PROFILES, {"customer": _profiles},
          indexes=("CUST_ACCOUNT_ID",)),
    Table("HZ_CUST_PROFILE_AMTS", "Limits", "CUST_ACCT_PROFILE_AMT_ID", _LIMITS, {"customer": _limits},
          indexes=("CUST_ACCOUNT_PROFILE_ID CURRENCY_CODE",)),
    *SITE_TABLES,
    Table("HZ_CONTACT_POINTS", "Contact points", "CONTACT_POINT_ID", _POINTS, {"contact": _points},
          indexes=("OWNER_TABLE_ID OWNER_TABLE_NAME", "LAST_UPDATE_DATE")),
    Table("AR_COLLECTORS", "Collectors", "COLLECTOR_ID", _COLLECTORS,
          {"site": lambda site, nothing: enumerate(COLLECTORS)}),
    Table("RA_TERMS", "Payment terms", "TERM_ID", _TERMS, {"payment_term": itself}),
    Table("RA_TERMS_LINES", "Instalments of terms", "TERM_ID SEQUENCE_NUM", _TERM_LINES,
          {"payment_term": _term_lines}),
    Table("GL_DAILY_RATES", "Rates", "FROM_CURRENCY TO_CURRENCY CONVERSION_DATE CONVERSION_TYPE", _RATES,
          {"exchange_rate": itself}),
    Table("HR_OPERATING_UNITS", "Operating units", "ORGANIZATION_ID", _UNITS, {"company": itself}),
    Table("GL_LEDGERS", "Ledgers", "LEDGER_ID", _LEDGERS, {"company": itself}),
)  # fmt: skip
