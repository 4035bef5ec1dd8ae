"""What `check` tries on an SAP system: each service by name, the client, the fields' names, keyset paging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from duehook.core.connecting.checking import tried
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Finding
from duehook.core.wire.odata import Entity, Question, Where, after

from . import entities
from .client import SapService
from .site import SapSite

LOOK = "let the SAP admin look why."
RIGHT = "let the SAP admin activate the service {0} and grant its communication scenario (or role) to the user."


def customers(site: SapSite) -> Iterator[Finding]:
    """Try the client, the business partners, and credit management."""
    if site.settings.client is None:
        yield Finding("client", False, "no `client` is set: SAP answers from its default one, silently",
                      "write the client's three digits as `client`.", "warning")  # fmt: skip
    names = site.settings.services
    wanted = [entities.PARTNER, entities.CUSTOMER, entities.COMPANY, entities.DUNNING]
    wanted += [entities.BANK] if site.settings.party.bank_accounts else []
    wanted += [entities.IDENTIFICATION] if site.settings.party.duns_type else []
    yield from _readable(site, names.business_partner, wanted)
    if names.credit:
        yield from _readable(site, names.credit, (entities.CREDIT,))
    yield from tried("paging by key", lambda: _keyset(site.partners), otherwise=LOOK)


def contacts(site: SapSite) -> Iterator[Finding]:
    """Try addresses and people."""
    wanted = (entities.ADDRESS, entities.EMAIL, entities.PHONE, entities.CONTACT, entities.FUNCTION)
    yield from _readable(site, site.settings.services.business_partner, wanted)


def items(site: SapSite) -> Iterator[Finding]:
    """Try the cube: whether customers' lines can be told from others, and what is open by company code."""
    name = site.settings.services.items
    tried = list(_readable(site, name, ()))
    try:
        tried += [_sum(site, company) for company in site.companies]
        tried += _at_once(site) if site.settings.questions_at_once > 1 else []
    except ConnectorError as error:
        tried.append(Finding(name, False, error.message, error.fix or RIGHT.format(name)))
    yield from tried


def target(site: SapSite) -> Iterator[Finding]:
    """Try the token that every change needs; nothing is written."""
    names, settings = site.settings.services, site.settings
    services = {names.business_partner: site.partners, names.credit: site.credit, names.dispute: site.disputes}
    for name, service in services.items():
        if service is not None:
            yield from tried(f"write through {name}", partial(_token, service), otherwise=LOOK)
    yield from _guarded(site.partners, entities.DUNNING)
    if settings.hold is not None and settings.hold.by == "order":
        yield from _guarded(site.partners, entities.CUSTOMER)
    elif settings.hold is not None and site.credit is not None:
        yield from _guarded(site.credit, entities.CREDIT)
    if settings.notes is not None:
        entity = entities.COMPANY_TEXT if settings.notes.by_company else entities.TEXT
        yield from _guarded(site.partners, entity)
        yield from _texts(site, entity)


def _guarded(service: SapService, entity: Entity) -> Iterator[Finding]:
    """Warn where rows bear no version: what a user changes between our look and our write is lost there."""
    subject = f"versions of {entity.name}"
    try:
        rows = service.rows(entity, top=1)
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let the SAP admin look why.")
        return
    if rows and service.dialect.etag(rows[0]) is None:
        yield Finding(subject, False, "rows bear no ETag, so a change by a user in the moment of ours is written over",
                      "nothing, if that can be borne; SAP decides which sets bear one.", "warning")  # fmt: skip


def _texts(site: SapSite, entity: Entity) -> Iterator[Finding]:
    """Warn where SAP's own description says that long texts cannot be written."""
    subject = f"notes into {entity.name}"
    try:
        description = site.partners.description()
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let the SAP admin look why.", "warning")
        return
    closed = [word for word in ("creatable", "updatable") if description.denies(f"{entity.name}Type", "LongText", word)]
    if closed:
        told = f"by SAP's $metadata LongText is not {' and not '.join(closed)}; some systems take it all the same"
        yield Finding(
            subject, False, told, "watch the first note; where it is refused, write `notes: null`.", "warning"
        )
    else:
        yield Finding(subject, True, "can be written by SAP's own description")


def _readable(site: SapSite, name: str, wanted: Sequence[Entity]) -> Iterator[Finding]:
    service = site.client.service(name)
    for entity in wanted:
        try:
            service.rows(entity, top=1)
        except ConnectorError as error:
            yield Finding(f"{name}: {entity.name}", False, error.message, error.fix or RIGHT.format(name))
        else:
            yield Finding(f"{name}: {entity.name}", True, "can be read")


def _sum(site: SapSite, company: str) -> Finding:
    found = site.items.count(entities.ITEM, site.lines(Where.field("IsCleared", "eq", False), companies=[company]))
    name = site.settings.services.items
    if found:
        return Finding(f"{name}: {company}", True, f"{found} open lines of customers")
    return Finding(f"{name}: {company}", False, "no open line of a customer can be seen",
                   "compare `account_type_field` with the fields of the service.", "warning")  # fmt: skip


def _at_once(site: SapSite) -> Iterator[Finding]:
    """Say whether many rows can be looked up in one request."""
    subject = f"$batch of {site.settings.services.items}"
    asked = Question(entities.ITEM, site.lines(companies=site.companies[:1]), top=1)
    if all(site.items.first_answers([asked, asked])):
        yield Finding(subject, True, "many look-ups go in one request")
    else:
        yield Finding(subject, False, "is not taken, so each look-up is a request of its own",
                      "let what stands before SAP pass POST to $batch; or write `questions_at_once: 1`, where the "
                      "time can be borne.", "warning")  # fmt: skip


def _keyset(service: SapService) -> str:
    first = service.rows(entities.CUSTOMER, order=entities.CUSTOMER.key, top=2)
    if len(first) < 2:
        return "not tried: fewer than two customers"
    key = [first[0][name] for name in entities.CUSTOMER.key]
    behind = service.rows(entities.CUSTOMER, after(entities.CUSTOMER.key, key), order=entities.CUSTOMER.key, top=1)
    if [row["Customer"] for row in behind] != [first[1]["Customer"]]:
        told = "what stands behind a key is not what follows it in order."
        raise ConnectorError(told, fix="let the SAP admin look at its sort order.")
    return "what stands behind a key follows it"


def _token(service: SapService) -> str:
    service.fetch_token()
    return "a token for changes was given; whether the role may change is seen by the first one"
