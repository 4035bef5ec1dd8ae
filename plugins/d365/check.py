"""What `check` tries on an F&O environment: the sign-in, each set by name, the sets' names, keyset paging, writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from duehook.core.connecting.checking import guarded, keyset, mapped_fields, signed_in, tried
from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Command, Finding
from duehook.core.wire.odata import Entity, Where
from duehook.core.wire.odata.errors import LONGEST

from . import entities
from .entities import enum, named
from .reading.documents import Documents
from .reading.masters import MasterReading
from .site import AREA, ERP, D365Site

if TYPE_CHECKING:
    from .target import D365Target

RIGHT: Final = "let the F&O admin grant the client's user a role with the entity {0}, or correct `sets`."
STOPS: Final = {
    "Invoice": "stops deliveries and invoices; orders and payments can still be posted",
    "Requisition": "stops requisitions only",
    "Payment": "stops payments from being posted",
    "All": "stops everything, payments too",
}
_STOPS_CASH: Final = frozenset({"All", "Payment"})


def customers(site: D365Site, masters: MasterReading) -> Iterator[Finding]:
    """Try the sign-in, the companies with their currencies, terms, rates and customers."""
    signed = list(signed_in(site.settings, ERP, site.bound, RIGHT.format(entities.LEGAL_ENTITY.name)))
    yield from signed
    if not all(each.ok for each in signed if each.severity == "error"):
        return
    sets = site.settings.sets
    wanted = [entities.TERM, entities.CUSTOMER]
    wanted += [named(entities.RATE, sets.exchange_rates)] if sets.exchange_rates else []
    wanted += [named(entities.LEDGER, sets.ledgers)] if sets.ledgers else []
    for entity in wanted:
        yield _readable(site, entity)
    yield from tried("companies", lambda: _companies(masters))
    yield from mapped_fields(site.fields, entities.CUSTOMER.name, lambda: site.service.sample(entities.CUSTOMER))
    yield from tried("paging by key", lambda: keyset(site.service, entities.CUSTOMER_KEY))
    yield from guarded("F&O's own letters", lambda: _own_letters(site))


def contacts(site: D365Site) -> Iterator[Finding]:
    """Try people and addresses."""
    for entity in (entities.OWN_CONTACT, entities.PERSON, entities.ADDRESS):
        yield _readable(site, entity)
    yield from mapped_fields(site.fields, entities.PERSON.name, lambda: site.service.sample(entities.PERSON))


def items(site: D365Site, documents: Documents) -> Iterator[Finding]:
    """Try transactions, open rows, disputes, and what ties them together."""
    sets = site.settings.sets
    wanted = [entities.transactions(sets)]
    wanted += [named(entities.OPEN, sets.open_transactions)] if sets.open_transactions else []
    wanted += [named(entities.DISPUTE, sets.disputes)] if sets.disputes else []
    seen = [_readable(site, entity) for entity in wanted]
    seen += (
        mapped_fields(site.fields, entities.TRANSACTION.name, lambda: site.service.sample(wanted[0]))
        if seen[0].ok
        else ()
    )
    seen += (
        mapped_fields(site.fields, entities.OPEN.name, lambda: site.service.sample(wanted[1]))
        if len(wanted) > 1 and site.open and seen[1].ok
        else ()
    )
    yield from seen
    if not all(each.ok for each in seen):
        return
    yield from guarded("open items", lambda: _open_by_company(site))
    yield from tried("paging by record id", lambda: keyset(site.service, site.transactions))
    if site.open is not None:
        yield _expands(documents, site.open)
    if site.stamped:
        yield from guarded("stamps", lambda: _stamps(site))


def _expands(documents: Documents, entity: Entity) -> Finding:
    told = documents.tries_to_expand(entity)
    if told is None:
        return Finding("open_navigation", True, "open rows bring their transactions along", severity="info")
    advice = "name the navigation of CustTransOpens in $metadata as `sets.open_navigation`."
    return Finding("open_navigation", False, f"totals ask by record id: {told[:LONGEST]}", advice, "info")


def payments(site: D365Site) -> Iterator[Finding]:
    """Try the settlements, where they are published."""
    if site.settlements:
        yield _readable(site, site.settlements)
    else:
        yield Finding("settlements", True, "none are published: payments tell what is applied, not to what",
                      severity="info")  # fmt: skip


def target(site: D365Site, writes: D365Target) -> Iterator[Finding]:
    """Try what is written to; on `test_customer` its own hold status again, and a marked note."""
    wanted = [entities.HOLD, *(each for each in (site.disputes, site.attachments) if each)]
    seen = [_readable(site, entity) for entity in wanted]
    yield from seen
    for value in site.settings.hold.values if site.settings.hold else ():
        advice = "write a value into `hold.values` that lets payments be posted." if value in _STOPS_CASH else None
        yield Finding(f"hold {value}", advice is None, STOPS[value], advice)
    if site.settings.test_customer is None:
        yield Finding("writing", False, "not tried: no `test_customer` is set",
                      "name one that a note may be written to, such as usmf/US-001.", "info")  # fmt: skip
    elif all(each.ok for each in seen):
        company, _, customer = site.settings.test_customer.partition("/")
        yield from tried("write a hold", lambda: _writes_hold(site, company, customer))
        if site.attachments:
            yield from tried("write a note", lambda: _writes_note(writes, company, customer))


def _readable(site: D365Site, entity: Entity) -> Finding:
    try:
        site.service.rows(entity, top=1)
    except ConnectorError as error:
        is_known = not isinstance(error, ConnectorRefused) or " answered 401" in error.message
        advice = error.fix if is_known and error.fix else RIGHT.format(entity.name)
        return Finding(f"read {entity.name}", False, error.message, advice)
    return Finding(f"read {entity.name}", True, "can be read")


def _companies(masters: MasterReading) -> str:
    known = masters.legal_entities()
    codes = [row["LegalEntityId"].lower() for row, _ in known]
    without = [row["LegalEntityId"].lower() for row, currency in known if not currency]
    unseen = sorted(set(masters.site.settings.areas) - set(codes))
    if unseen or not codes:
        raise ConnectorError(
            f"{', '.join(unseen) or 'no company'} cannot be seen among LegalEntities.",
            fix="correct `companies`, or let the client's user see these legal entities.",
        )
    if without:
        raise ConnectorError(
            f"no currency is known of {', '.join(without)}.",
            fix="write `company_currencies: {usmf: USD}`, or name the set with the ledgers as `sets.ledgers`.",
        )
    return f"{', '.join(codes)} can be seen, each with its currency"


def _open_by_company(site: D365Site) -> Iterator[Finding]:
    entity = site.open_key or site.transactions
    if site.settings.areas:
        counted = {area: site.service.count(entity, Where.field(AREA, "eq", area)) for area in site.settings.areas}
    else:
        counted = {"all companies": site.service.count(entity)}
    for area, count in counted.items():
        what = "open rows" if site.open_key else "transactions"
        if count:
            yield Finding(f"{entity.name}: {area}", True, f"{count} {what}")
        else:
            advice = "let the client's user see this company, or take it out of `companies`."
            yield Finding(f"{entity.name}: {area}", False, f"no {what} can be seen", advice, "warning")


def _own_letters(site: D365Site) -> Iterator[Finding]:
    gets_letters = Where.written(enum("CollectionLetterCode", "CustCollectionLetterCode", "None", is_it=False))
    count = site.service.count(entities.HOLD, site.within(gets_letters))
    if count:
        yield Finding(
            "F&O's own letters", False, f"{count} customers may get collection letters from F&O",
            "run no collection letters in F&O for customers that Duehook writes to; their Collection letter code may "
            "stay, for None is read as a block and stops Duehook's letters too.",
            "warning",
        )  # fmt: skip
    else:
        yield Finding("F&O's own letters", True, "no customer gets collection letters from F&O")


def _stamps(site: D365Site) -> Iterator[Finding]:
    rows = site.service.rows(site.transactions, order=("SysModifiedDateTime desc",), top=1)
    at, newest = site.bound().at, str(rows[0]["SysModifiedDateTime"]) if rows else ""
    if newest and at - datetime.fromisoformat(newest) > timedelta(days=7):
        yield Finding("stamps", False, f"nothing in {site.transactions.name} changed since {newest[:10]}",
                      "see that it is read from the live tables, else leave `sets.changed_transactions` out.",
                      "warning")  # fmt: skip
    else:
        yield Finding("stamps", True, f"{site.transactions.name} last changed at {newest or 'no time'}")


def _writes_hold(site: D365Site, company: str, customer: str) -> str:
    """Write the hold status that is there already, which changes nothing."""
    key = {AREA: company, "CustomerAccount": customer}
    found = site.service.row(entities.HOLD, key)
    if found is None:
        raise ConnectorError(f"there is no customer {customer} in {company}.", fix="correct `test_customer`.")
    site.service.patch(entities.HOLD, key, {"OnHoldStatus": found.row["OnHoldStatus"]}, etag=found.etag)
    return f"OnHoldStatus of {customer} in {company} was written as it was"


def _writes_note(writes: D365Target, company: str, customer: str) -> str:
    body = {"subject": "Duehook check", "text": "Duehook checked that it can write notes here."}
    done = writes.apply(Command("add_note", f"check of {company}/{customer}", company, customer, None, body))
    if done.outcome not in {"done", "already"}:
        raise ConnectorError(done.message, fix="let the F&O admin grant the entity CustomerAttachmentsV2.")
    return f"a marked note on {customer} in {company} is there"
