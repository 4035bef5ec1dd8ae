"""What a site's own file may map of SAP, and how a field that it takes is read.

A field is named as the service names it, with its entity set before it where it is not the stream's own:
`A_Customer.YY1_Region`. Fields beside those that are read anyhow are selected with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import NO_MAPPING, CodeList, FieldMapping, Read, Schema, SourceKind, StreamSchema, load
from duehook.core.field_mapping import Entity as Mappable
from duehook.core.field_mapping.schema import Form
from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose, Stream
from duehook.core.wire.odata import Entity, Field
from duehook.core.wire.odata.dialect import Unreadable
from duehook.core.wire.odata.fields import Kind

from . import entities
from .settings import SapSettings

Raw = Mapping[str, Mapping[str, Any]]  # the rows that one canonical row is made of, by their entity set
SETS: Final[Mapping[Stream, tuple[Entity, ...]]] = {
    "customer": (
        entities.COMPANY, entities.CUSTOMER, entities.PARTNER, entities.ADDRESS, entities.DUNNING, entities.CREDIT,
    ),
    "contact": (entities.FUNCTION, entities.PARTNER, entities.ADDRESS),
    "item": (entities.ITEM,),
    "payment": (entities.ITEM,),
}  # fmt: skip
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "A_Customer.CustomerName", "state": "A_Customer.CustomerAccountGroup, OrderIsBlockedForCustomer",
        "state_since": "", "payer": "A_CustomerCompany.AlternativePayerAccount",
        "parent": "A_CustomerCompany.CustomerHeadOffice", "group": "A_Customer.CustomerCorporateGroup",
        "collector": "A_CustomerCompany.AccountingClerk", "credit_manager": "",
        "terms": "A_CustomerCompany.PaymentTerms",
        "dunning_block": "A_CustomerDunning.DunningBlock", "dunning_level": "A_CustomerDunning.DunningLevel",
        "last_dunned_on": "A_CustomerDunning.LastDunnedOn", "language": "A_BusinessPartner.CorrespondenceLanguage",
        "country": "A_BusinessPartnerAddress.Country", "tax_id": "A_Customer.VATRegistration", "categories": "",
        "address.postal_code": "A_BusinessPartnerAddress.PostalCode",
        "address.city": "A_BusinessPartnerAddress.CityName",
        "address.region": "A_BusinessPartnerAddress.Region", "address.country": "A_BusinessPartnerAddress.Country",
    },
    "contact": {
        "name": "A_BusinessPartner.BusinessPartnerFullName",
        "purposes": "A_BPContactToFuncAndDept.ContactPersonFunction",
        "email": "A_BPContactToFuncAndDept.EmailAddress", "phone": "A_BPContactToFuncAndDept.PhoneNumber",
        "language": "A_BusinessPartner.CorrespondenceLanguage",
        "role": "A_BPContactToFuncAndDept.ContactPersonFunctionName",
    },
    "item": {
        "document_on": "DocumentDate", "due_on": "NetDueDate", "discount_on": "CashDiscount1DueDate", "payer": "",
        "bill_to": "", "tax_amount": "", "discount_amount": "CashDiscountAmount", "payment_method": "PaymentMethod",
        "terms": "PaymentTerms", "purchase_order": "", "sales_order": "SalesDocument",
        "reference": "DocumentReferenceID", "text": "DocumentItemText", "business_unit": "",
        "disputed_amount": "the dispute case", "dispute_reason": "the dispute case",
        "dunning_block": "DunningBlockingReason", "dunning_level": "DunningLevel", "last_dunned_on": "LastDunningDate",
    },
    "payment": {
        "received_on": "DocumentDate", "posted_on": "PostingDate", "method": "", "reference": "DocumentReferenceID",
    },
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_document_type": ItemKind,
    "allocation_by_reason": AllocationKind,
    "class_by_document_type": ItemClass,
    "class_by_special_gl": ItemClass,
    "class_by_payment_method": ItemClass,
    "state_by_order_block": CustomerState,
    "state_by_account_group": CustomerState,
    "purpose_by_function": Purpose,
}
_FREE: Final[Mapping[str, Form]] = {"block": "text", "dispute_by_reason": "text", "language": "language"}
LISTS: Final = (*_WORDS, *_FREE)
_READ_AS: Final[Mapping[SourceKind, Kind]] = {
    "text": "text", "date": "day", "amount": "amount", "whole": "whole", "flag": "flag",
}  # fmt: skip
_KNOWN_AS: Final[Mapping[Kind, SourceKind]] = {kind: name for name, kind in _READ_AS.items()}


def schema() -> Schema:
    """Return what may be mapped of SAP; an entity set may have fields that are not known here."""
    streams = {stream: StreamSchema(tuple(map(_mappable, sets)), MAPPABLE[stream]) for stream, sets in SETS.items()}
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in _FREE.items()})


def _mappable(entity: Entity) -> Mappable:
    return Mappable(entity.name, {name: _KNOWN_AS.get(kind) for name, kind in entity.kinds.items()})


def fields_of(settings: SapSettings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def with_more(fields: FieldMapping, entity: Entity) -> Entity:
    """Return an entity with the fields that the file takes from it beside those that are read anyhow."""
    return entity.plus(Field(name, _READ_AS[kind]) for name, kind in fields.source_fields(entity.name).items())


def reader(entity: str, field: str, kind: SourceKind) -> Callable[[Raw, Any], Any]:
    """Return what takes a field's value from the rows that a canonical one is made of: a `field_mapping.Read`."""
    if kind == "text":
        return lambda raw, row: _text(_held(raw, entity, field))
    return lambda raw, row: _held(raw, entity, field)


READ: Final[Read] = reader


def _held(raw: Raw, entity: str, field: str) -> Any:
    held = (raw.get(entity) or {}).get(field)
    if isinstance(held, Unreadable):
        raise held.refuse()
    return held


def _text(held: Any) -> str | None:
    if held is None or isinstance(held, str):
        return held
    if isinstance(held, bool | int | Decimal):
        return str(held)
    if hasattr(held, "isoformat"):
        return str(held.isoformat())
    raise BadRecord(f"{held!r} is no text.")
