"""What `check` tries on a NetSuite account by SuiteQL: the sign-in and the clock, each table, each permission.

A missing permission shows as no rows, so whatever shows none is told with the permission that would show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from duehook.core.connecting.checking import Severity
from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Finding

from . import tables
from .reading.check import APART, GRANT, LOOK, companies, guarded, kinds, open_by_company, optional, shown, tried
from .reading.deleted import RecordLook
from .reading.documents import Documents
from .reading.world import one_world
from .site import NetsuiteSite
from .suiteql import Query

DUNNING: Final = "customrecord_3805_dunning_procedure"  # of NetSuite's own Dunning SuiteApp


def customers(site: NetsuiteSite) -> Iterator[Finding]:
    """Try the sign-in, the clock, the subsidiaries with their currencies, terms and customers."""
    signed = _sign_in(site)
    yield from signed
    if not signed[0].ok:
        return
    world = list(one_world(site))
    yield from world
    if not all(each.ok for each in world):
        return
    asked = site.shaped(tables.customers(site.settings.address_table)).under(site.within("r.subsidiary"))
    wanted = {"Subsidiaries": tables.SUBSIDIARY} if site.settings.company is None else {}
    wanted |= {
        "Currency": tables.CURRENCY,
        "Customers": asked.without([f"customer.{each}" for each in tables.OPTIONAL]),
    }
    seen = [_readable(site, query, permission) for permission, query in wanted.items()]
    yield from seen
    yield _readable(site, tables.TERM, "Accounting Lists", severity="warning")
    if site.settings.rates_table:
        yield _readable(site, tables.rates(site.settings.rates_table), "Currency", severity="warning")
    if all(each.ok for each in seen):
        yield from tried("companies", lambda: companies(site))
        yield from optional(site.refused_columns(asked.only(*tables.OPTIONAL)))
        yield from _found(site, "customer")
    yield _own_letters(site)


def contacts(site: NetsuiteSite) -> Iterator[Finding]:
    """Try contacts."""
    found = _readable(site, tables.CONTACT, "Contacts", severity="warning")
    yield found
    if found.ok:
        yield from _found(site, "contact")


def items(site: NetsuiteSite, documents: Documents) -> Iterator[Finding]:
    """Try each type of transaction, the documents' lines in the primary book, journals and instalments."""
    yield from kinds(site, _advice, *site.kinds)
    read = _readable(site, documents.items, "Find Transaction")
    yield read
    if not read.ok:
        return
    if site.settings.journals:
        yield _readable(site, documents.journals, "Make Journal Entry and Accounts", severity="info")
    if site.settings.instalments_table:
        query = tables.instalments(site.settings.instalments_table, site.settings.instalment_columns)
        yield _readable(site, query, "Find Transaction", severity="warning")
    yield from tried("accounting book", lambda: _book(site, documents), "warning")
    yield from tried("time zone", lambda: _stamps(site), "warning")
    yield from _found(site, "transaction")
    yield from guarded("what was deleted", lambda: _deletions(site))
    yield from guarded(
        "open items",
        lambda: open_by_company(site, lambda company: _open_of(site, documents, company)),
    )


def payments(site: NetsuiteSite) -> Iterator[Finding]:
    """Try refunds, and the links between documents."""
    yield from kinds(site, _advice, "CustRfnd", severity="info")
    yield _readable(site, site.shaped(tables.LINK), "Find Transaction", severity="warning")


def _sign_in(site: NetsuiteSite) -> list[Finding]:
    try:
        at, said = site.service.clock()
    except ConnectorError as error:
        return [Finding("sign-in", False, error.message, error.fix or LOOK)]
    by = "a signature" if site.settings.signs_in_by == "tba" else "a certificate's token"
    found = [Finding("sign-in", True, f"{site.settings.root} takes {by} for account {site.settings.realm}")]
    try:
        theirs = datetime.fromisoformat(said).replace(tzinfo=site.zone).astimezone(UTC)
    except ValueError:
        return found
    if abs(theirs - at) > APART:
        told = f"the database says {said}, which in {site.settings.timezone} is not what the server's clock says"
        advice = "see Company Information for the account's time zone, and write it as `timezone`."
        found.append(Finding("clock", False, told, advice, "info"))
    return found


def _readable(site: NetsuiteSite, query: Query, permission: str, *, severity: Severity = "error") -> Finding:
    """Say whether a query is answered and shows a row; where a column is not known, name it."""
    subject = f"read {next(iter(dict.fromkeys(query.tables.values())))}"
    try:
        rows = site.service.rows(query.without(site.missing).page(None, 1))
    except ConnectorRefused as error:
        missing = site.refused_columns(query)
        if missing:
            told = f"{', '.join(missing)} cannot be read: {error.message}"
            return Finding(subject, False, told, f"write `missing_columns: [{', '.join(missing)}]`.")
        return Finding(subject, False, error.message, _advice(error, permission))
    except ConnectorError as error:
        return Finding(subject, False, error.message, error.fix or LOOK)
    return shown(subject, permission, severity, any_is=bool(rows))


def _advice(error: ConnectorError, permission: str) -> str:
    return error.fix or GRANT.format(permission)


def _book(site: NetsuiteSite, documents: Documents) -> str:
    rows = site.service.rows(documents.items.without(site.missing).page(None, 1))
    if rows and rows[0].get("companyamount") is None:
        raise ConnectorGarbled(
            f"no amount stands in accounting book {site.settings.accounting_book}.",
            fix="write the id of the primary book as `accounting_book`.",
        )
    return f"amounts stand in book {site.settings.accounting_book}"


def _stamps(site: NetsuiteSite) -> str:
    """Compare the newest stamp with the clock: one of the future shows that the time zone is another."""
    statement = f"SELECT TO_CHAR(MAX(t.lastmodifieddate),'YYYY-MM-DD HH24:MI:SS') AS newest FROM {tables.HEADER.source}"
    rows, (at, _) = site.service.rows(statement), site.service.clock()
    newest = str(rows[0].get("newest") or "") if rows else ""
    if newest and datetime.fromisoformat(newest) > site.local(at) + APART:
        raise ConnectorGarbled(
            f"a transaction is stamped {newest}, which in {site.settings.timezone} has not come yet.",
            fix="see Company Information for the account's time zone, and write it as `timezone`.",
        )
    return f"the newest stamp is {newest or 'none'}"


def _deletions(site: NetsuiteSite) -> Iterator[Finding]:
    """Tell of which types the record API does not show a transaction: what was deleted of these cannot be told."""
    blind = list(RecordLook(site).blind())
    for kind, why in blind:
        permission = tables.RECORDS[kind][1]
        told = f"{why}; no {tables.RECORDS[kind][0]} that is not shown any more is taken for deleted"
        yield Finding(f"what was deleted: {kind}", False, told, GRANT.format(permission), "warning")
    if not blind:
        yield Finding("what was deleted", True, "the record API tells what was deleted from what is hidden")


def _found(site: NetsuiteSite, table: str) -> Iterator[Finding]:
    """Tell the columns of the site's own mapping that NetSuite does not have."""
    for field in site.fields.source_fields(table):
        try:
            site.service.rows(f"SELECT {field} FROM {table} FETCH FIRST 1 ROWS ONLY")
        except ConnectorRefused:
            for problem in site.fields.missing(table, set(site.fields.source_fields(table)) - {field}):
                yield Finding("field mapping", False, f"{problem.where}: {problem.message}", problem.hint)


def _own_letters(site: NetsuiteSite) -> Finding:
    try:
        site.sample(DUNNING, None, 1)
    except ConnectorRefused:
        return Finding("NetSuite's own letters", True, "the Dunning SuiteApp is not seen", severity="info")
    except ConnectorError as error:
        return Finding("NetSuite's own letters", False, error.message, error.fix or "let the admin look why.", "info")
    return Finding(
        "NetSuite's own letters", False, "the Dunning SuiteApp is installed and may send letters",
        "take the customers that Duehook writes to out of its dunning procedures.", "warning",
    )  # fmt: skip


def _open_of(site: NetsuiteSite, documents: Documents, company: str) -> Query:
    return documents.open_keys.under(site.of_company("tl.subsidiary", company))
