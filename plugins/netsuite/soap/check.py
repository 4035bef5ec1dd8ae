"""What `check` tries by SuiteTalk: the WSDL and the sign-in, each search with its columns, each permission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from duehook.core.connecting.checking import Severity
from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.reading.check import (
    APART,
    GRANT,
    companies,
    guarded,
    kinds,
    open_by_company,
    optional,
    shown,
    tried,
)
from duehook.plugins.netsuite.values import instant

from .client import answers
from .custom import ENTITY
from .reading import cash, documents, masters
from .search import OPEN, SETTLED, Search, flag, ids
from .site import COMPANY, KIND, SoapSite, types
from .taken import Taken

TRIED: Final = 5
LAST: Final = "2028.2"  # the release with which NetSuite switches its SOAP services off


def customers(site: SoapSite) -> Iterator[Finding]:
    """Try the sign-in, the clock, the subsidiaries with their currencies, terms and customers."""
    signed = list(tried("sign-in", lambda: _sign_in(site)))
    yield from signed
    if not signed[0].ok:
        return
    told = f"NetSuite switches every SOAP endpoint off with {LAST}"
    yield Finding("SOAP", False, told, "plan for `read_by: suiteql`.", "info")
    addresses = site.settings.address_table is not None
    wanted = {
        "Subsidiaries": COMPANY,
        "Customers": masters.customers(addresses=addresses).under(subsidiary=site.within),
    }  # fmt: skip
    seen = [_readable(site, search, permission) for permission, search in wanted.items()]
    seen += tried("read currency", lambda: _currencies(site))
    yield from seen
    yield _readable(site, masters.TERM, "Accounting Lists", severity="warning")
    if all(each.ok for each in seen):
        yield from tried("companies", lambda: companies(site))
        if f"customer.{tables.TAX_ID}" not in site.missing:
            yield from optional([f"customer.{tables.TAX_ID}"] if site.refused_columns(masters.TAX_IDS) else [])
        yield from _mapped(site, "customer")


def contacts(site: SoapSite) -> Iterator[Finding]:
    """Try contacts."""
    yield _readable(site, masters.CONTACT, "Contacts", severity="warning")
    yield from _mapped(site, "contact")


def items(site: SoapSite, asked: documents.SoapDocuments) -> Iterator[Finding]:
    """Try each type of transaction, the columns of documents, journals and instalments, and what remains."""
    yield from kinds(site, _advice, *site.kinds)
    own = list(tried("own fields", lambda: _own_fields(asked)))
    yield from own
    if not own[0].ok:
        return
    read = _readable(site, asked.items, "Find Transaction", subject="read transaction")
    yield read
    if not read.ok:
        return
    if site.settings.journals:
        yield _readable(
            site, asked.journals, "Make Journal Entry and Accounts", severity="info", subject="read journals"
        )
    if site.settings.instalments_table:
        yield _readable(site, documents.PART, "Find Transaction", severity="warning", subject="read instalments")
    yield from tried("what remains", lambda: _remains(site), "warning")
    yield from tried("time zone", lambda: _stamps(site), "warning")
    yield from guarded("open items", lambda: open_by_company(site, partial(_open_of, asked)))


def payments(site: SoapSite) -> Iterator[Finding]:
    """Try refunds, what was applied, and which were voided."""
    yield from kinds(site, _advice, "CustRfnd", severity="info")
    yield _readable(site, cash.LINK.under(type=types(["CustPymt"])), "Find Transaction", severity="warning",
                    subject="read what was applied")  # fmt: skip
    voided = KIND.under(type=types(site.money), voided=flag(held=True))
    yield from tried("voided payments", lambda: f"{site.count(voided)} are voided", "warning")


def _sign_in(site: SoapSite) -> str:
    site.soap.clock()
    return f"{site.soap.url} takes a signature for account {site.settings.realm}, and its WSDL is read"


def _currencies(site: SoapSite) -> str:
    if not site.currencies:
        raise ConnectorGarbled("no currency is shown.", fix=GRANT.format("Currency"))
    return f"{', '.join(sorted(site.currencies.values()))} are there"


def _readable(
    site: SoapSite, search: Search, permission: str, *, severity: Severity = "error", subject: str = ""
) -> Finding:  # fmt: skip
    """Say whether a search is answered and finds anything; where a column is not known, name it."""
    subject = subject or f"read {search.name[0].lower()}{search.name[1:]}"
    try:
        rows = list(answers.rows(site.soap.search(search, TRIED)))
    except ConnectorError as error:
        missing = site.refused_columns(search) if isinstance(error, ConnectorRefused) else []
        if missing:
            told = f"{', '.join(missing)} cannot be asked for: {error.message}"
            return Finding(subject, False, told, "let the NetSuite admin switch on the feature that these belong to.")
        return Finding(subject, False, error.message, _advice(error, permission))
    return shown(subject, permission, severity, any_is=bool(rows))


def _advice(error: ConnectorError, permission: str) -> str:
    return f"{GRANT.format(permission)} {error.fix or ''}".strip()


def _mapped(site: SoapSite, stream: Stream) -> Iterator[Finding]:
    """Tell what the site's own mapping takes that NetSuite does not have."""
    taken = Taken(site.soap, site.fields, stream)
    for found in tried("field mapping", lambda: _columns(site, taken)):
        if not found.ok:
            yield found


def _columns(site: SoapSite, taken: Taken) -> str:
    site.custom.columns([name.rpartition(".")[2] for name in taken.own()], ENTITY)
    return ", ".join(taken.columns().values())


def _own_fields(asked: documents.SoapDocuments) -> str:
    names = sorted(asked.items.custom)
    return f"{', '.join(names)} are there" if names else "none is named"


def _remains(site: SoapSite) -> str:
    """See that a search for what remains and one for what does not find all invoices between them."""
    every = KIND.under(type=types(["CustInvc"]))
    counts = [site.count(every.under(amountRemaining=asked)) for asked in (OPEN, SETTLED)]
    whole = site.count(every)
    if sum(counts) < whole:
        raise ConnectorGarbled(
            f"of {whole} invoices {counts[0]} are open and {counts[1]} settled by amountRemaining; others are neither.",
            fix="tell Duehook's makers: settled invoices of the history are missing, what is open is not.",
        )
    return f"{counts[0]} invoices are open, {counts[1]} settled"


def _stamps(site: SoapSite) -> str:
    """See that days come with the offset of the account's time zone."""
    rows = list(answers.rows(site.soap.search(documents.DOCUMENT.under(type=types(["CustInvc"])), TRIED)))
    zone = site.zone
    at = site.soap.clock()
    newest = max((found for row in rows if (found := instant(row, "lastModifiedDate", zone))), default=None)
    if newest is not None and newest > at + APART:
        raise ConnectorGarbled(
            f"a transaction is stamped {newest}, which has not come yet.",
            fix="see Company Information for the account's time zone, and write it as `timezone`.",
        )
    return f"the server's clock says {at.astimezone(zone):%Y-%m-%d %H:%M}"


def _open_of(asked: documents.SoapDocuments, company: str) -> Search:
    return replace(asked.open_keys, where={**asked.open_keys.where, "subsidiary": ids([company])})
