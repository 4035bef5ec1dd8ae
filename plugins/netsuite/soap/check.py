"""What `check` tries by SuiteTalk: the WSDL and the sign-in, each search with its columns, each permission, writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from duehook.core.connecting.writing import WritingTarget
from duehook.core.errors import ConnectorError, ConnectorGarbled
from duehook.core.hookspecs import Command, Finding
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.check import APART, GRANT, STOPS
from duehook.plugins.netsuite.values import instant
from duehook.plugins.netsuite.writing.customers import customer_of

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
    signed = list(_tried("sign-in", lambda: _sign_in(site)))
    yield from signed
    if not signed[0].ok:
        return
    told = f"NetSuite switches every SOAP endpoint off with {LAST}"
    yield Finding("SOAP", False, told, "plan for `read_by: suiteql`.", "info")
    wanted = {
        "Subsidiaries": COMPANY,
        "Customers": masters.customers(addresses=site.settings.address_table is not None).under(subsidiary=site.within),
    }  # fmt: skip
    tried = [_readable(site, search, permission) for permission, search in wanted.items()]
    tried += _tried("read currency", lambda: _currencies(site))
    yield from tried
    yield _readable(site, masters.TERM, "Accounting Lists", severity="warning")
    if all(each.ok for each in tried):
        yield from _tried("companies", lambda: _companies(site))
        yield from _mapped(site, "customer")


def contacts(site: SoapSite) -> Iterator[Finding]:
    """Try contacts."""
    yield _readable(site, masters.CONTACT, "Contacts", severity="warning")
    yield from _mapped(site, "contact")


def items(site: SoapSite, asked: documents.SoapDocuments) -> Iterator[Finding]:
    """Try each type of transaction, the columns of documents, journals and instalments, and what remains."""
    for kind in site.kinds:
        yield _kind(site, kind, severity="error" if kind == "CustInvc" else "warning")
    own = list(_tried("own fields", lambda: _own_fields(asked)))
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
    yield from _tried("what remains", lambda: _remains(site), "warning")
    yield from _tried("time zone", lambda: _stamps(site), "warning")
    yield from _guarded("open items", lambda: _open_by_company(site, asked))


def payments(site: SoapSite) -> Iterator[Finding]:
    """Try refunds, what was applied, and which were voided."""
    yield _kind(site, "CustRfnd", severity="info")
    yield _readable(site, cash.LINK.under(type=types(["CustPymt"])), "Find Transaction", severity="warning",
                    subject="read what was applied")  # fmt: skip
    voided = KIND.under(type=types(site.money), voided=flag(held=True))
    yield from _tried("voided payments", lambda: f"{site.count(voided)} are voided", "warning")


def target(site: SoapSite, writes: WritingTarget) -> Iterator[Finding]:
    """Try what is written to; on `test_customer` its own hold again, and a marked note."""
    settings = site.settings
    fields = [settings.promise.date_field, settings.promise.amount_field] if settings.promise else []
    fields += [settings.dispute.field] if settings.dispute else []
    wanted: dict[str, list[str]] = {settings.notes: []} if settings.notes else {}
    wanted |= {"customer": []} if settings.hold else {}
    wanted |= {"invoice": [each for each in fields if each]} if fields else {}
    tried = [_record(site, kind, names) for kind, names in wanted.items()]
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


def _sign_in(site: SoapSite) -> str:
    site.soap.clock()
    return f"{site.soap.url} takes a signature for account {site.settings.realm}, and its WSDL is read"


def _currencies(site: SoapSite) -> str:
    if not site.currencies:
        raise ConnectorGarbled("no currency is shown.", fix=GRANT.format("Currency"))
    return f"{', '.join(sorted(site.currencies.values()))} are there"


def _readable(
    site: SoapSite, search: Search, permission: str, *, severity: str = "error", subject: str = ""
) -> Finding:  # fmt: skip
    """Say whether a search is answered and finds anything; where a column is not known, name it."""
    subject = subject or f"read {search.name[0].lower()}{search.name[1:]}"
    try:
        shown = list(answers.rows(site.soap.search(search, TRIED)))
    except ConnectorError as error:
        missing = _refused_columns(site, search)
        if missing:
            told = f"{', '.join(missing)} cannot be asked for: {error.message}"
            return Finding(subject, False, told, "let the NetSuite admin switch on the feature that these belong to.")
        return Finding(subject, False, error.message, f"{GRANT.format(permission)} {error.fix or ''}".strip())
    if shown:
        return Finding(subject, True, "can be read")
    told = f"no row is shown; a role without the permission {permission} sees none"
    return Finding(subject, False, told, GRANT.format(permission), severity)  # type: ignore[arg-type]


def _refused_columns(site: SoapSite, search: Search) -> list[str]:
    """Return the columns that NetSuite refuses when they are asked for one by one."""
    if not _answers(site, search.only()):
        return []
    return [name for name in search.columns if not _answers(site, search.only(name))]


def _answers(site: SoapSite, search: Search) -> bool:
    try:
        site.soap.search(search, TRIED)
    except ConnectorError:
        return False
    return True


def _kind(site: SoapSite, kind: str, *, severity: str) -> Finding:
    record, permission = tables.RECORDS[kind]
    try:
        if site.shows(site.of_kind(kind)):
            return Finding(f"read {kind}", True, "can be read")
    except ConnectorError as error:
        return Finding(f"read {kind}", False, error.message, f"{GRANT.format(permission)} {error.fix or ''}".strip())
    told = f"no {record} is shown; a role without the permission {permission} sees none"
    return Finding(f"read {kind}", False, told, GRANT.format(permission), severity)  # type: ignore[arg-type]


def _companies(site: SoapSite) -> str:
    known = {row["id"] for row in site.subsidiaries}
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


def _mapped(site: SoapSite, stream: Stream) -> Iterator[Finding]:
    """Tell what the site's own mapping takes that NetSuite does not have."""
    taken = Taken(site.soap, site.fields, stream)
    for found in _tried("field mapping", lambda: _columns(site, taken)):
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


def _open_by_company(site: SoapSite, asked: documents.SoapDocuments) -> Iterator[Finding]:
    for row in site.subsidiaries:
        company = str(row["id"])
        count = site.count(replace(asked.open_keys, where={**asked.open_keys.where, "subsidiary": ids([company])}))
        if count:
            yield Finding(f"open items: {company}", True, f"{count} open documents")
        else:
            advice = "let the role see this subsidiary, or leave it out of `companies`."
            yield Finding(f"open items: {company}", False, "no open document can be seen", advice, "warning")


def _record(site: SoapSite, kind: str, names: Sequence[str]) -> Finding:
    subject = f"record {kind}"
    try:
        known: Mapping[str, object] = site.service.fields(kind)
    except ConnectorError as error:
        advice = "set `notes: phonecall`, or `notes: null`." if kind == "note" else error.fix
        return Finding(subject, False, error.message, advice or "let the NetSuite admin look why.")
    missing = [name for name in names if name not in known]
    if missing:
        told = f"{', '.join(missing)} is no field of {kind} that the role sees"
        return Finding(subject, False, told, "correct the name, or let the NetSuite admin show the field to the role.")
    return Finding(subject, True, f"is there{', with ' + ', '.join(names) if names else ''}")


def _writes_hold(site: SoapSite, company: str, customer: str) -> str:
    """Write the hold that is there already, which changes nothing."""
    held = str(customer_of(site, company, customer).get("creditholdoverride") or "AUTO")
    site.service.patch("customer", customer, {"creditHoldOverride": {"id": held}})
    return f"Hold of {customer} was written as it was"


def _writes_note(writes: WritingTarget, company: str, customer: str) -> str:
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
