"""What `check` tries of an account that is written to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.connecting.writing import WritingTarget
from duehook.core.errors import ConnectorError, ConnectorGarbled
from duehook.core.hookspecs import Command, Finding
from duehook.plugins.netsuite.reading.check import LOOK, tried

from .customers import customer_of
from .place import WrittenSite

_STOPS: Final = {
    "ON": "stops new sales orders and invoices, as the preference Customer Credit Limit Handling says; payments go on",
    "OFF": "stops nothing: it lifts the check of the credit limit",
}


def target(site: WrittenSite, writes: WritingTarget) -> Iterator[Finding]:
    """Try what is written to; on `test_customer` its own hold again, and a marked note."""
    settings = site.settings
    found = [_record(site, kind, *fields) for kind, fields in _written(site).items()]
    yield from found
    for value in settings.hold.values if settings.hold else ():
        advice = "take OFF out of `hold.values`: it holds nothing." if value == "OFF" else None
        yield Finding(f"hold {value}", advice is None, _STOPS[value], advice)
    if settings.test_customer is None:
        yield Finding("writing", False, "not tried: no `test_customer` is set",
                      "name one that a note may be written to, such as 3/1205.", "info")  # fmt: skip
    elif all(each.ok for each in found):
        company, _, customer = settings.test_customer.partition("/")
        if settings.hold:
            yield from tried("write a hold", lambda: _writes_hold(site, company, customer))
        if settings.notes:
            yield from tried("write a note", lambda: _writes_note(writes, company, customer))


def _written(site: WrittenSite) -> dict[str, list[str]]:
    """Return the fields that are written to, by the record that they are on."""
    settings = site.settings
    found: dict[str, list[str]] = {settings.notes: []} if settings.notes else {}
    found |= {"customer": ["creditHoldOverride"]} if settings.hold else {}
    fields = [settings.promise.date_field, settings.promise.amount_field] if settings.promise else []
    fields += [settings.dispute.field] if settings.dispute else []
    return found | ({"invoice": [each for each in fields if each]} if fields else {})


def _record(site: WrittenSite, kind: str, *fields: str) -> Finding:
    subject = f"record {kind}"
    try:
        known = site.service.fields(kind)
    except ConnectorError as error:
        advice = "set `notes: phonecall`, or `notes: null`." if kind == "note" else error.fix
        return Finding(subject, False, error.message, advice or LOOK)
    missing = [name for name in fields if name not in known]
    if missing:
        told = f"{', '.join(missing)} is no field of {kind} that the role sees"
        return Finding(subject, False, told, "correct the name, or let the NetSuite admin show the field to the role.")
    return Finding(subject, True, f"is there{', with ' + ', '.join(fields) if fields else ''}")


def _writes_hold(site: WrittenSite, company: str, customer: str) -> str:
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
