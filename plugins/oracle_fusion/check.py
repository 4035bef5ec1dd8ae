"""What `check` tries on a pod: the sign-in, each resource by name, its attributes, and an invoice that is surely there.

Fusion answers a user who lacks a duty role, or the data access to a business unit, with nothing and no error. Only
what is known to be there tells that from a pod without documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import CommandKind, Finding

from . import check_accounts, values
from .check_accounts import NOBODY
from .client.service import Asked
from .reading.documents import Documents
from .reading.extracted import ExtractReading
from .resources import Resource, is_id, where
from .site import FusionSite

RIGHT: Final = "let the Fusion admin give the user the duty role that reads {0}, and data access to the business units."
_NONE_SEEN: Final = "shows nothing: a user without its duty role, or without data access, sees just that"


def customers(site: FusionSite) -> Iterator[Finding]:
    """Try the sign-in, the business units, the profiles and the parties."""
    signed = _sign_in(site)
    yield signed
    if not signed.ok:
        return
    yield from _guarded("business units", lambda: _units(site))
    account = _an_account(site)
    yield from _guarded("Customer Profile", lambda: _profile(site, account))
    yield from _guarded(site.organizations.name, lambda: _party(site, account))


def contacts(site: FusionSite) -> Iterator[Finding]:
    """Try the parties, and how they are asked for."""
    yield _shown(site, site.organizations)
    yield from _guarded(check_accounts.LISTED, lambda: check_accounts.listed(site))
    yield from _guarded(check_accounts.OF_ACCOUNT, lambda: check_accounts.of_account(site, _an_account(site)))


def items(site: FusionSite, documents: Documents) -> Iterator[Finding]:
    """Try invoices, credit memos and receipts, their attributes, and an invoice that is surely there."""
    for resource in site.documents:
        yield _shown(site, resource)
        yield from _guarded(f"describe {resource.name}", lambda at=resource: _attributes(site, at))  # type: ignore[misc]
    yield from _guarded("known invoice", lambda: _known(site))
    yield from _guarded("paging by id", lambda: _keyset(site))
    yield from _guarded("two conditions", lambda: _conditions(site))
    told = documents.tries_by_child()
    said = "instalments can be asked for by their id" if told is None else f"look-ups go through listings: {told[:200]}"
    yield Finding("instalments by id", True, said, severity="info")


def extracts(reading: ExtractReading) -> Iterator[Finding]:
    """Try the folder of extracts: its newest run, and whether the business units can be told in it."""
    subject = f"extracts in {reading.extracts.folder}"
    try:
        runs = reading.extracts.runs()
        unit_ids = reading.unit_ids(runs[-1])
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let BICC run the extract again.")
        return
    yield Finding(subject, True, f"{len(runs)} runs, the newest of {runs[-1].at or 'no time that its name tells'}")
    if unit_ids:
        told = f"no business unit of the settings has the org_id {', '.join(unit_ids)}"
        yield Finding(subject, False, told, "write `org_id` beside the units in `business_units`.", "warning")


def payments(site: FusionSite) -> Iterator[Finding]:
    """Try the receipts, and what shows to what they were applied."""
    yield _shown(site, site.receipts)
    yield from _guarded("applications", lambda: check_accounts.applications(site, _an_account(site)))


def target(site: FusionSite, kinds: Collection[CommandKind]) -> Iterator[Finding]:
    """Try what is looked at before each write; nothing is written."""
    if "set_credit_hold" in kinds:
        yield from _guarded("version of a profile", lambda: _version(site, _an_account(site)))
    if "set_promise" in kinds:
        yield _readable(site, site.promises)
    if "set_dispute" in kinds:
        yield Finding("receivablesDisputes", True, "not tried: nothing of it can be read", severity="info")


def _sign_in(site: FusionSite) -> Finding:
    try:
        site.bound()
    except ConnectorError as error:
        return Finding("sign-in", False, error.message, error.fix or "let the Fusion admin look why.")
    return Finding("sign-in", True, f"{site.settings.root} lets the user in")


def _units(site: FusionSite) -> Iterator[Finding]:
    """Look for documents of each business unit of the settings, and for those that the settings do not name."""
    seen = {unit for resource in site.documents for row in _few(site, resource)
            if (unit := values.text(row, "BusinessUnit"))}  # fmt: skip
    for unit in site.currencies:
        if unit in seen or any(site.shows(each, where("BusinessUnit", "=", unit)) for each in site.documents):
            yield Finding(f"business unit {unit}", True, "shows documents")
        else:
            told = "shows no document: it is called otherwise, has none, or the user has no access to its data"
            yield Finding(f"business unit {unit}", False, told, RIGHT.format("receivables"), "warning")
    others = sorted(seen - set(site.currencies))
    if others:
        told, advice = (
            f"the settings do not name {', '.join(others)}",
            "name them with their currencies, if they matter.",
        )
        yield Finding("business units", False, told, advice, "info")


def _few(site: FusionSite, resource: Resource) -> list[dict[str, Any]]:
    asked = Asked(resource, (), [resource.id, "BusinessUnit"])
    return site.service.first(asked, site.settings.page_size)


def _an_account(site: FusionSite) -> str:
    """Return the account of some document; one that nobody has where nothing is shown."""
    try:
        for resource in site.documents:
            for row in site.service.first(Asked(resource, (), [resource.id, resource.account])):
                found = values.text(row, resource.account)
                if found is not None:
                    return found
    except ConnectorError:
        return NOBODY
    return NOBODY


def _profile(site: FusionSite, account: str) -> Iterator[Finding]:
    found = site.profiles.of(account)
    if found is None and account != NOBODY:
        yield Finding("Customer Profile", False, f"shows none of account {account}", RIGHT.format("Customer Profile"))
        return
    yield Finding("Customer Profile", True, "can be read")
    names = site.settings.profile
    for setting, name in (("party", names.party), ("hold", names.hold)):
        if found is not None and name and name not in found:
            advice = f"write as `profile.{setting}` what the service's WSDL calls it, or null."
            yield Finding(f"profile.{setting}", False, f"the profile of {account} has no {name}", advice, "warning")


def _party(site: FusionSite, account: str) -> Iterator[Finding]:
    name = site.organizations.name
    number = (site.profiles.of(account) or {}).get(site.settings.profile.party or "")
    if number is None:
        yield _shown(site, site.organizations)
    elif site.organization(number) is None:
        yield Finding(name, False, f"party {number} of account {account} {_NONE_SEEN}", RIGHT.format(name))
    else:
        yield Finding(name, True, "can be read")


def _shown(site: FusionSite, resource: Resource) -> Finding:
    found = _readable(site, resource)
    if found.ok and not site.shows(resource):
        return Finding(resource.name, False, f"{resource.name} {_NONE_SEEN}", RIGHT.format(resource.name), "warning")
    return found


def _readable(site: FusionSite, resource: Resource) -> Finding:
    try:
        site.service.first(Asked(resource))
    except ConnectorError as error:
        return Finding(resource.name, False, error.message, error.fix or RIGHT.format(resource.name))
    return Finding(resource.name, True, "can be read")


def _attributes(site: FusionSite, resource: Resource) -> Iterator[Finding]:
    """Tell the attributes and the child that are read and that this release does not describe."""
    described = site.service.describe(resource)
    known = {str(each.get("name")) for each in described.get("attributes", ()) if isinstance(each, dict)}
    children = described.get("children")
    missing = [name for name in _read_of(site, resource) if name not in known] if known else []
    if known and resource.child and isinstance(children, dict) and resource.child not in children:
        missing.append(resource.child)
    if missing:
        told = f"this release describes no {', '.join(missing)}"
        yield Finding(f"describe {resource.name}", False, told,
                      "write what it has as `columns.…`, or null for what it lacks.", "warning")  # fmt: skip
    else:
        said = "has what is read" if known else "says nothing of its attributes"
        yield Finding(f"describe {resource.name}", True, said, severity="info")
    for problem in site.fields.missing(resource.name, known) if known else ():
        yield Finding("field mapping", False, f"{problem.where}: {problem.message}", problem.hint)


def _read_of(site: FusionSite, resource: Resource) -> list[str]:
    columns = site.settings.columns
    own = [resource.id, resource.balance, resource.account, "BusinessUnit", columns.changed, columns.posted]
    if resource is site.receipts:
        own += ["Amount", "Currency", "ReceiptNumber", "ReceiptDate", "State", columns.accounted,
                columns.reversed]  # fmt: skip
    else:
        currency = "InvoiceCurrencyCode" if resource is site.invoices else columns.credit_memo_currency
        own += ["TransactionNumber", "TransactionDate", currency, columns.conversion_rate]
    return [each for each in own if each]


def _known(site: FusionSite) -> Iterator[Finding]:
    """Look for the invoice that is surely there: the only proof that nothing means nothing."""
    number = site.settings.known_invoice
    if number is None:
        told = "none is set: where the user lacks a duty role Fusion shows nothing, and nobody can tell"
        advice = "write the number of an invoice that is surely there as `known_invoice`."
        yield Finding("known invoice", False, told, advice, "warning")
        return
    yield _is_shown(site, site.invoices, number)
    memo = site.settings.known_credit_memo
    if memo is not None:
        yield _is_shown(site, site.credit_memos, memo)


def _is_shown(site: FusionSite, resource: Resource, number: str) -> Finding:
    if site.shows_document(resource, number):
        return Finding("known invoice", True, f"{number} is shown")
    told = f"{resource.name} does not show {number}, which is surely there"
    return Finding("known invoice", False, told, RIGHT.format(resource.name))


def _keyset(site: FusionSite) -> Iterator[Finding]:
    """See that what stands behind an id is what follows it in order."""
    asked = Asked(site.invoices, (), [site.invoices.id])
    first = [str(row.get(site.invoices.id)) for row in site.service.first(asked, 2)]
    if len(first) < 2:
        yield Finding("paging by id", True, "not tried: fewer than two invoices are shown", severity="info")
        return
    behind = site.service.first(Asked(site.invoices, [is_id(site.invoices.id, ">", first[0])], [site.invoices.id]))
    if [str(row.get(site.invoices.id)) for row in behind] == first[1:]:
        yield Finding("paging by id", True, "what stands behind an id follows it")
    else:
        told = f"what stands behind {first[0]} is not what follows it in order"
        yield Finding("paging by id", False, told, "tell us: this pod sorts otherwise than it compares.")


def _conditions(site: FusionSite) -> Iterator[Finding]:
    """See that two conditions are taken together."""
    wrong = [is_id(site.invoices.id, ">", "0"), is_id(site.invoices.id, "<", "0")]
    if site.shows(site.invoices, *wrong):
        told = f"of two conditions joined by {site.settings.query_and!r} not both hold"
        yield Finding("two conditions", False, told, 'write `query_and: " and "`, or `";"`.')
    else:
        yield Finding("two conditions", True, "are taken together")


def _version(site: FusionSite, account: str) -> Iterator[Finding]:
    name, found = site.settings.profile.version, site.profiles.of(account) or {}
    if name and (name in found or not found):
        yield Finding("version of a profile", True, "a change goes with what was looked at")
    else:
        told = f"the profile of {account} has no {name or 'version'}: of two who change a hold at once the later wins"
        advice = "write as `profile.version` what the service's WSDL calls it, if it has one."
        yield Finding("version of a profile", True, told, advice, "info")


def _guarded(subject: str, act: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from list(act())
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or RIGHT.format(subject))
