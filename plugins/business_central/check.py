"""What `check` tries: the sign-in, each set by name, the published pages' columns, paging by key, writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from duehook.core.connecting.checking import guarded, keyset, mapped_fields, signed_in, tried
from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Command, Finding
from duehook.core.wire.odata import Entity

from . import entities
from .company import Company
from .entities import STAMP
from .site import ERP, BusinessCentralSite
from .values import BLANK, word

if TYPE_CHECKING:
    from .target import BusinessCentralTarget

RIGHT: Final = "give the client's entry on Microsoft Entra Applications a permission set that reads {0}."
PAGES: Final = {
    "ledger_entries": "25 (Customer Ledger Entries)",
    "detailed_entries": "573 (Detailed Cust. Ledg. Entries)",
    "comments": "124 (Comment Sheet)",
}
NEEDED: Final = ("Document_Type", "Customer_No", "Posting_Date", "Due_Date", "Open", "Remaining_Amount", "Amount_LCY",
                 "Remaining_Amt_LCY")  # fmt: skip
STOPS: Final = {
    "Ship": "stops shipments; invoices and payments can still be posted",
    "Invoice": "stops shipments and invoices; payments can still be posted",
    "All": "stops everything, payments too",
}
At = Callable[[Company, Entity], Entity]


def customers(site: BusinessCentralSite) -> Iterator[Finding]:
    """Try the sign-in, the companies with their currencies, terms and customers."""
    signed = list(signed_in(site.settings, ERP, site.bound, RIGHT.format("companies")))
    yield from signed
    if not all(each.ok for each in signed if each.severity == "error"):
        return
    seen = list(tried("companies", lambda: _companies(site)))
    yield from seen
    if not site_is_seen(site):
        return
    for entity in (entities.COMPANY_INFORMATION, entities.TERM, entities.CUSTOMER):
        yield from readable(site, entity)
    yield from _mapped(site, entities.CUSTOMER, site.api)
    first = site.api(site.companies[0], entities.CUSTOMER_KEY)
    yield from tried("paging by number", lambda: keyset(site.service, first))


def contacts(site: BusinessCentralSite) -> Iterator[Finding]:
    """Try contacts."""
    if site_is_seen(site):
        yield from readable(site, entities.CONTACT)
        yield from _mapped(site, entities.CONTACT, site.api)


def items(site: BusinessCentralSite) -> Iterator[Finding]:
    """Try the ledger entries, or the documents in their place."""
    if not site_is_seen(site):
        return
    if site.settings.ledger_entries is None:
        yield from readable(site, entities.INVOICE)
        yield from readable(site, entities.CREDIT_MEMO)
        yield Finding("ledger_entries", True, "not published: invoices and credit memos are read, and no payments",
                      _publish("ledger_entries"), "info")  # fmt: skip
        return
    seen = list(_published(site, entities.ENTRY, site.entries, "ledger_entries"))
    yield from seen
    if not all(each.ok for each in seen):
        return
    yield from _mapped(site, entities.ENTRY, site.entries)
    yield from guarded("columns", lambda: _columns(site))
    for one in site.companies:
        entity = site.entries(one, entities.ENTRY_KEY)
        yield from tried(f"open entries: {one.name}", lambda entity=entity: _counted(site, entity))  # type: ignore[misc]
    first = site.entries(site.companies[0], entities.ENTRY_KEY)
    yield from tried("paging by entry number", lambda: keyset(site.service, first))


def payments(site: BusinessCentralSite) -> Iterator[Finding]:
    """Try the detailed entries, where they are published."""
    if site.settings.detailed_entries is None:
        yield Finding("detailed_entries", True, "not published: payments tell what is applied, not to what",
                      _publish("detailed_entries"), "info")  # fmt: skip
    elif site_is_seen(site):
        yield from _published(site, entities.DETAILED, site.detailed, "detailed_entries")


def target(site: BusinessCentralSite, writes: BusinessCentralTarget) -> Iterator[Finding]:
    """Try what is written to; on `test_customer` its own Blocked again, and a marked note."""
    if not site_is_seen(site):
        return
    settings = site.settings
    yield from readable(site, entities.HOLD)
    if settings.comments:
        at: At = lambda one, entity: site.page(one, entity, settings.comments)  # noqa: E731
        yield from _published(site, entities.COMMENT, at, "comments")
    for value in settings.hold.values if settings.hold else ():
        advice = "write a value into `hold.values` that lets payments be posted." if value == "All" else None
        yield Finding(f"hold {value}", advice is None, STOPS[value], advice)
    if settings.test_customer is None:
        yield Finding("writing", False, "not tried: no `test_customer` is set",
                      "name one that a note may be written to, such as CRONUS/10000.", "info")  # fmt: skip
        return
    company, _, customer = settings.test_customer.rpartition("/")
    yield from tried("write a hold", lambda: _writes_hold(site, company, customer))
    if settings.comments:
        yield from tried("write a note", lambda: _writes_note(site, writes, company, customer))


def site_is_seen(site: BusinessCentralSite) -> bool:
    """Say whether any company can be seen; why not is what the first check says."""
    try:
        return bool(site.companies)
    except ConnectorError:
        return False


def readable(
    site: BusinessCentralSite, entity: Entity, at: At | None = None, fix: str | None = None
) -> Iterator[Finding]:
    """Try a set in each company."""
    for one in site.companies:
        try:
            site.service.sample((at or site.api)(one, entity))
        except ConnectorError as error:
            is_known = not isinstance(error, ConnectorRefused) or " answered 401" in error.message
            advice = error.fix if is_known and error.fix else fix or RIGHT.format(entity.name)
            yield Finding(f"read {entity.name}", False, f"{one.name}: {error.message}", advice)
            return
    yield Finding(f"read {entity.name}", True, "can be read")


def _published(site: BusinessCentralSite, entity: Entity, at: At, setting: str) -> Iterator[Finding]:
    fix = f"{_publish(setting)} {RIGHT.format(entity.name)}"
    return readable(site, entity, at, fix)


def _publish(setting: str) -> str:
    return f"publish page {PAGES[setting]} on the page Web Services of Business Central, and correct `{setting}`."


def _companies(site: BusinessCentralSite) -> str:
    known = {each.casefold() for one in site.companies for each in (one.id, one.name)}
    unseen = [each for each in site.settings.companies if each.casefold() not in known]
    if unseen or not site.companies:
        told = f"{', '.join(unseen) or 'no company'} cannot be seen among the companies."
        raise ConnectorError(told, fix="correct `companies`, or let the client see these companies.")
    without = [one.name for one in site.companies if not one.currency]
    if without:
        told = f"no currency is known of {', '.join(without)}."
        raise ConnectorError(told, fix=f"write `company_currencies: {{{without[0]}: EUR}}`.")
    return f"{', '.join(one.name for one in site.companies)} can be seen, each with its currency"


def _mapped(site: BusinessCentralSite, entity: Entity, at: At) -> Iterator[Finding]:
    first = at(site.companies[0], entity)
    return mapped_fields(site.fields, entity.name, lambda: site.service.sample(first))


def _columns(site: BusinessCentralSite) -> Iterator[Finding]:
    """Tell which columns the published page lacks: those that are needed, those that are written, the stamp."""
    rows = [row for one in site.companies for row in site.service.sample(site.entries(one))]
    if not rows:
        yield Finding("columns", True, "not tried: there is no entry yet", severity="info")
        return
    settings = site.settings
    written = [each for each in (settings.promise, settings.dispute, "On_Hold" if settings.on_hold else None) if each]
    missing = _without(rows[0], (*NEEDED, *written))
    if not {"Original_Amount", "Amount"} & set(rows[0]):
        missing.append("Original_Amount")
    advice = "add them to the page that is published as `ledger_entries`, by a page extension."
    told = f"the page lacks {', '.join(missing)}" if missing else "the page has every column that is needed"
    yield Finding("columns", not missing, told, advice if missing else None)
    if STAMP not in rows[0]:
        yield Finding("stamps", False, f"the page has no {STAMP}: all open entries are read each time",
                      f"add {STAMP} to the page, where there are many open entries.", "info")  # fmt: skip
    letters = sum(word(row.get("Document_Type")) in {"Reminder", "Finance Charge Memo"} for row in rows)
    if letters:
        yield Finding("Business Central's own reminders", False, "reminders or finance charges have been issued",
                      "issue none for customers that Duehook writes to.", "warning")  # fmt: skip


def _without(row: dict[str, object], names: Sequence[str]) -> list[str]:
    return [name for name in names if name not in row]


def _counted(site: BusinessCentralSite, entity: Entity) -> str:
    from .reading.entries import IS_OPEN

    return f"{site.service.count(entity, IS_OPEN)} are open"


def _company_of(site: BusinessCentralSite, name: str) -> Company:
    for one in site.companies:
        if name in {one.id, one.name}:
            return one
    raise ConnectorError(f"there is no company {name}.", fix="correct `test_customer`.")


def _writes_hold(site: BusinessCentralSite, company: str, customer: str) -> str:
    """Write the Blocked that is there already, which changes nothing."""
    one = _company_of(site, company)
    found = site.service.row(site.api(one, entities.HOLD), {"number": customer})
    if found is None:
        raise ConnectorError(f"there is no customer {customer} in {company}.", fix="correct `test_customer`.")
    held = {"blocked": found.row["blocked"] or BLANK}
    site.service.patch(site.api(one, entities.HOLD), {"id": found.row["id"]}, held, etag=found.etag)
    return f"Blocked of {customer} in {one.name} was written as it was"


def _writes_note(site: BusinessCentralSite, writes: BusinessCentralTarget, company: str, customer: str) -> str:
    one = _company_of(site, company)
    body = {"subject": "Duehook check", "text": "Duehook checked that it can write notes here."}
    done = writes.apply(Command("add_note", f"check of {company}/{customer}", one.id, customer, None, body))
    if done.outcome not in {"done", "already"}:
        raise ConnectorError(done.message, fix=RIGHT.format("and writes comment lines"))
    return f"a marked note on {customer} in {one.name} is there"
