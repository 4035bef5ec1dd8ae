"""What `check` tries on an SAP system: each service by name, the client, the fields' names, keyset paging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Finding
from duehook.core.wire.odata import Entity, Where, after

from . import entities
from .client import SapService
from .site import SapSite

RIGHT = "let the SAP admin activate the service {0} and grant its communication scenario (or role) to the user."


def customers(site: SapSite) -> Iterator[Finding]:
    """Try the client, the business partners, and credit management."""
    if site.settings.client is None:
        yield Finding("client", False, "no `client` is set: SAP answers from its default one, silently",
                      "write the client's three digits as `client`.", "warning")  # fmt: skip
    names = site.settings.services
    yield from _readable(
        site, names.business_partner, (entities.PARTNER, entities.CUSTOMER, entities.COMPANY, entities.DUNNING)
    )
    if names.credit:
        yield from _readable(site, names.credit, (entities.CREDIT,))
    yield from _tried("paging by key", lambda: _keyset(site.partners))


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
    except ConnectorError as error:
        tried.append(Finding(name, False, error.message, error.fix or RIGHT.format(name)))
    yield from tried


def target(site: SapSite) -> Iterator[Finding]:
    """Try the token that every change needs; nothing is written."""
    names = site.settings.services
    services = [site.partners, *([site.credit] if site.credit else [])]
    for name, service in zip((names.business_partner, names.credit), services, strict=False):
        yield from _tried(f"write through {name}", partial(_token, service))


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
    found = site.items.count(entities.ITEM, site.lines(Where.field("IsCleared", "eq", False), company=company))
    name = site.settings.services.items
    if found:
        return Finding(f"{name}: {company}", True, f"{found} open lines of customers")
    return Finding(f"{name}: {company}", False, "no open line of a customer can be seen",
                   "compare `account_type_field` with the fields of the service.", "warning")  # fmt: skip


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


def _tried(subject: str, act: Callable[[], str]) -> Iterator[Finding]:
    try:
        yield Finding(subject, True, act())
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let the SAP admin look why.")
