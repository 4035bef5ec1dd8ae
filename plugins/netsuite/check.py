"""What `check` tries on a NetSuite account: the sign-in and the clock, each table by name, each permission, writing.

A missing permission shows as no rows, so whatever shows none is told with the permission that would show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Command, Finding

from . import tables
from .reading.documents import Documents
from .site import NetsuiteSite
from .suiteql import Query, codes, ids
from .writing.customers import customer_of

if TYPE_CHECKING:
    from .target import NetsuiteTarget

GRANT: Final = "let the NetSuite admin add the permission {0} (View) to the connection's role."
APART: Final = timedelta(minutes=10)  # how far two clocks of one account may be apart
DUNNING: Final = "customrecord_3805_dunning_procedure"  # of NetSuite's own Dunning SuiteApp
STOPS: Final = {
    "ON": "stops new sales orders and invoices, as the preference Customer Credit Limit Handling says; payments go on",
    "OFF": "stops nothing: it lifts the check of the credit limit",
}


def customers(site: NetsuiteSite) -> Iterator[Finding]:
    """Try the sign-in, the clock, the subsidiaries with their currencies, terms and customers."""
    signed = _sign_in(site)
    yield from signed
    if not signed[0].ok:
        return
    wanted = {
        "Subsidiaries": tables.SUBSIDIARY, "Currency": tables.CURRENCY,
        "Customers": tables.customers(site.settings.address_table).under(site.within("r.subsidiary")),
    }  # fmt: skip
    tried = [_readable(site, query, permission) for permission, query in wanted.items()]
    yield from tried
    yield _readable(site, tables.TERM, "Accounting Lists", severity="warning")
    if all(each.ok for each in tried):
        yield from _tried("companies", lambda: _companies(site))
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
    for kind in site.kinds:
        yield _kind(site, kind, severity="error" if kind == "CustInvc" else "warning")
    read = _readable(site, documents.items, "Find Transaction")
    yield read
    if not read.ok:
        return
    if site.settings.journals:
        yield _readable(site, documents.journals, "Make Journal Entry and Accounts", severity="info")
    if site.settings.instalments_table:
        query = tables.instalments(site.settings.instalments_table, site.settings.instalment_columns)
        yield _readable(site, query, "Find Transaction", severity="warning")
    yield from _tried("accounting book", lambda: _book(site, documents), "warning")
    yield from _tried("time zone", lambda: _stamps(site), "warning")
    yield from _found(site, "transaction")
    yield from _guarded("open items", lambda: _open_by_company(site, documents))


def payments(site: NetsuiteSite) -> Iterator[Finding]:
    """Try refunds, and the links between documents."""
    yield _kind(site, "CustRfnd", severity="info")
    yield _readable(site, tables.LINK, "Find Transaction", severity="warning")


def target(site: NetsuiteSite, writes: NetsuiteTarget) -> Iterator[Finding]:
    """Try what is written to; on `test_customer` its own hold again, and a marked note."""
    settings = site.settings
    tried = [_in_catalogue(site, settings.notes)] if settings.notes else []
    tried += [_in_catalogue(site, "customer", "creditHoldOverride")] if settings.hold else []
    fields = [settings.promise.date_field, settings.promise.amount_field] if settings.promise else []
    fields += [settings.dispute.field] if settings.dispute else []
    tried += [_in_catalogue(site, "invoice", *(each for each in fields if each))] if fields else []
    yield from tried
    for value in settings.hold.values if settings.hold else ():
        advice = "take OFF out of `hold.values`: it holds nothing." if value == "OFF" else None
        yield Finding(f"hold {value}", advice is None, STOPS[value], advice)
    if settings.test_customer is None:
        yield Finding("writing", False, "not tried: no `test_customer` is set",
                      "name one that a note may be written to, such as 3/1205.", "info")  # fmt: skip
    elif all(each.ok for each in tried):
        company, _, customer = settings.test_customer.partition("/")
        if settings.hold:
            yield from _tried("write a hold", lambda: _writes_hold(site, company, customer))
        if settings.notes:
            yield from _tried("write a note", lambda: _writes_note(writes, company, customer))


def _sign_in(site: NetsuiteSite) -> list[Finding]:
    try:
        at, said = site.service.clock()
    except ConnectorError as error:
        return [Finding("sign-in", False, error.message, error.fix or "let the NetSuite admin look why.")]
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


def _readable(site: NetsuiteSite, query: Query, permission: str, *, severity: str = "error") -> Finding:
    """Say whether a query is answered and shows a row; where a column is not known, name it."""
    subject = f"read {next(iter(dict.fromkeys(query.tables.values())))}"
    try:
        shown = site.service.rows(query.without(site.missing).page(None, 1))
    except ConnectorRefused as error:
        missing = _unknown_columns(site, query)
        if missing:
            told = f"{', '.join(missing)} cannot be read: {error.message}"
            return Finding(subject, False, told, f"write `missing_columns: [{', '.join(missing)}]`.")
        return Finding(subject, False, error.message, error.fix or GRANT.format(permission))
    except ConnectorError as error:
        return Finding(subject, False, error.message, error.fix or "let the NetSuite admin look why.")
    if shown:
        return Finding(subject, True, "can be read")
    told = f"no row is shown; a role without the permission {permission} sees none"
    return Finding(subject, False, told, GRANT.format(permission), severity)  # type: ignore[arg-type]


def _unknown_columns(site: NetsuiteSite, query: Query) -> list[str]:
    """Return the columns of a query that NetSuite refuses when they are asked for one by one."""
    bare = query.only()
    try:
        site.service.rows(bare.page(None, 1))
    except ConnectorRefused:
        return []  # it is the table, or what joins it
    found: list[str] = []
    for column in query.without(site.missing).columns:
        try:
            site.service.rows(bare.with_columns(column).page(None, 1))
        except ConnectorRefused:
            found.append(query.place_of(column))
    return found


def _kind(site: NetsuiteSite, kind: str, *, severity: str) -> Finding:
    record, permission = tables.RECORDS[kind]
    try:
        if site.shows(tables.HEADER.under(codes("t.type", (kind,)))):
            return Finding(f"read {kind}", True, "can be read")
    except ConnectorError as error:
        return Finding(f"read {kind}", False, error.message, error.fix or GRANT.format(permission))
    told = f"no {record} is shown; a role without the permission {permission} sees none"
    return Finding(f"read {kind}", False, told, GRANT.format(permission), severity)  # type: ignore[arg-type]


def _companies(site: NetsuiteSite) -> str:
    known = {str(row["id"]) for row in site.subsidiaries}
    unseen = sorted(set(site.settings.companies) - known)
    without = sorted(each for each in known if site.currency_of(each) is None)
    if unseen or not known:
        raise ConnectorGarbled(
            f"subsidiary {', '.join(unseen) or 'of any id'} cannot be seen.",
            fix="correct `companies`, or let the NetSuite admin give the role these subsidiaries.",
        )
    if without:
        raise ConnectorGarbled(
            f"no currency is known of subsidiary {', '.join(without)}.", fix=GRANT.format("Currency")
        )
    return f"{', '.join(sorted(known))} can be seen, each with its currency"


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


def _open_by_company(site: NetsuiteSite, documents: Documents) -> Iterator[Finding]:
    for row in site.subsidiaries:
        company = str(row["id"])
        count = site.count(documents.open_keys.under(ids("tl.subsidiary", [company])))
        if count:
            yield Finding(f"open items: {company}", True, f"{count} open documents")
        else:
            advice = "let the role see this subsidiary, or leave it out of `companies`."
            yield Finding(f"open items: {company}", False, "no open document can be seen", advice, "warning")


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


def _in_catalogue(site: NetsuiteSite, kind: str, *fields: str) -> Finding:
    subject = f"record {kind}"
    try:
        known = site.service.fields(kind)
    except ConnectorError as error:
        advice = "set `notes: phonecall`, or `notes: null`." if kind == "note" else error.fix
        return Finding(subject, False, error.message, advice or "let the NetSuite admin look why.")
    missing = [name for name in fields if name not in known]
    if missing:
        told = f"{', '.join(missing)} is no field of {kind} that the role sees"
        return Finding(subject, False, told, "correct the name, or let the NetSuite admin show the field to the role.")
    return Finding(subject, True, f"is there{', with ' + ', '.join(fields) if fields else ''}")


def _writes_hold(site: NetsuiteSite, company: str, customer: str) -> str:
    """Write the hold that is there already, which changes nothing."""
    held = str(customer_of(site, company, customer).get("creditholdoverride") or "AUTO")
    site.service.patch("customer", customer, {"creditHoldOverride": {"id": held}})
    return f"Hold of {customer} was written as it was"


def _writes_note(writes: NetsuiteTarget, company: str, customer: str) -> str:
    body = {"subject": "Duehook check", "text": "Duehook checked that it can write notes here."}
    done = writes.apply(Command("add_note", f"check of {company}/{customer}", company, customer, None, body))
    if done.outcome not in {"done", "already"}:
        raise ConnectorGarbled(done.message, fix="let the NetSuite admin add the permission Notes Tab (Create).")
    return f"a marked note on {customer} is there"


def _tried(subject: str, act: Callable[[], str], severity: str = "error") -> Iterator[Finding]:
    try:
        yield Finding(subject, True, act())
    except ConnectorError as error:
        advice = error.fix or "let the NetSuite admin look why."
        yield Finding(subject, False, error.message, advice, severity)  # type: ignore[arg-type]


def _guarded(subject: str, act: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from act()
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let the NetSuite admin look why.")
