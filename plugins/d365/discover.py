"""What `discover` lists of an F&O environment: companies, the codes whose meaning the settings say, unread fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.connecting.discovering import counted, unread, values_of
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream
from duehook.core.wire.odata import Entity, Row, Where

from . import entities
from .fields import MAPPABLE, SETS
from .reading.masters import EMAIL, MasterReading
from .site import D365Site, since

SAMPLE: Final = 1_000
ROWS: Final = 200
_EMPTY: Final = frozenset({"", "No", "None", 0})


def customers(site: D365Site, masters: MasterReading) -> Iterator[Discovery]:
    """Yield companies with name and currency, and the codes of customers with their counts."""
    for row, currency in masters.legal_entities():
        code = row["LegalEntityId"].lower()
        suggests = None if currency else f"company_currencies: {{{code}: …}}"
        yield Discovery("company", code, f"{row['Name']}, {currency or 'currency unknown'}", suggests=suggests)
    rows = _rows(site, entities.CUSTOMER, site.within())
    yield from _counted(site, "credit status", rows, "CredManAccountStatusId", setting="state_by_credit_status")
    yield from _counted(site, "customer group", rows, "CustomerGroupId")
    yield from _counted(site, "hold", rows, "OnHoldStatus")
    yield from _unread(site, "customer", entities.CUSTOMER)


def contacts(site: D365Site) -> Iterator[Discovery]:
    """Yield job titles and the purposes of mail addresses."""
    rows = _rows(site, entities.PERSON, site.within())
    yield from _counted(site, "job title", rows, "EmploymentJobTitle", setting="purpose_by_job_title")
    rows = _rows(site, entities.ADDRESS, site.within(EMAIL))
    yield from _counted(site, "address purpose", rows, "Purpose", setting="purpose_by_address_purpose")
    yield from _unread(site, "contact", entities.PERSON)


def items(site: D365Site) -> Iterator[Discovery]:
    """Yield transaction types and payment modes of this month, else of all, and the reason codes of disputes."""
    recent = since("TransDate", site.bound().at.date().replace(day=1))
    rows = _rows(site, site.transactions, site.within(recent)) or _rows(site, site.transactions, site.within())
    yield from _counted(site, "transaction type", rows, "TransType", setting="kind_by_type")
    yield from _counted(site, "payment mode", rows, "PaymMode", setting="class_by_payment_mode")
    if site.disputes:
        rows = _rows(site, site.disputes, site.within())
        yield from _counted(site, "dispute reason", rows, "ReasonCode", setting="dispute_by_reason")
    yield from _unread(site, "item", site.transactions)


def _rows(site: D365Site, entity: Entity, where: Where) -> list[Row]:
    return site.service.rows(entity, where, order=entity.key, top=SAMPLE)


def _counted(site: D365Site, kind: str, rows: list[Row], name: str, *, setting: str = "") -> Iterator[Discovery]:
    codes = [row.get(name) for row in rows]
    if not setting:
        return counted(kind, codes)
    beside = site.settings.codes.beside_types if setting == "kind_by_type" else ()
    known = {**dict.fromkeys(beside, "beside an invoice"), **getattr(site.settings.codes, setting)}
    return counted(kind, codes, f"codes.{setting}: {{{{{{0}}: …}}}}", known=known)


def _unread(site: D365Site, stream: Stream, entity: Entity) -> Iterator[Discovery]:
    """Yield what each field may be that nothing reads, then the others that hold something."""
    read = {name for each in SETS[stream] for name in each.kinds} | set(entity.kinds)
    taken = read | set(site.fields.source_fields(SETS[stream][0].name))
    found = values_of(site.service.sample(entity, site.within(), top=ROWS), _is_empty)
    seen = [Seen(name, None, values) for name, values in found.items() if name not in taken]
    yield from unread(stream, entity.name, seen, fields=MAPPABLE[stream], word="field")


def _is_empty(held: str | int) -> bool:
    return held in _EMPTY or str(held).startswith("1900-01-01")
