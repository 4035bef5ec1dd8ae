"""What a site's own file may map of Business Central.

A column is named as its service has it (salespersonCode, or CustomerLedgerEntries.Description where two sets have it);
one that is not read anyhow, such as an extension's, is read beside those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.connecting.odata_fields import read_from
from duehook.core.field_mapping import NO_MAPPING, CodeList, FieldMapping, Patch, Schema, SourceKind, StreamSchema, load
from duehook.core.field_mapping import Entity as Named
from duehook.core.field_mapping.schema import Form
from duehook.core.records import CustomerState, ItemClass, ItemKind, Stream
from duehook.core.wire.odata import Entity, Field
from duehook.core.wire.odata.fields import Kind

from . import entities
from .settings import BusinessCentralSettings

SETS: Final[Mapping[Stream, tuple[Entity, ...]]] = {
    "customer": (entities.CUSTOMER,),
    "contact": (entities.CONTACT,),
    "item": (entities.ENTRY, entities.INVOICE, entities.CREDIT_MEMO),
    "payment": (entities.ENTRY,),
}
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "displayName", "state": "salespersonCode, by the code list", "state_since": "", "payer": "",
        "parent": "", "group": "", "collector": "salespersonCode", "credit_manager": "", "terms": "paymentTermsId",
        "dunning_block": "", "dunning_level": "", "last_dunned_on": "", "language": "", "country": "country",
        "tax_id": "taxRegistrationNumber", "categories": "", "address.postal_code": "postalCode",
        "address.city": "city", "address.region": "state", "address.country": "country",
    },
    "contact": {
        "name": "displayName", "purposes": "", "email": "email", "phone": "phoneNumber", "language": "", "role": "",
    },
    "item": {
        "document_on": "Document_Date, else Posting_Date", "due_on": "Due_Date", "discount_on": "Pmt_Discount_Date",
        "payer": "billToCustomerNumber", "bill_to": "", "fiscal_year": "", "instalment": "", "tax_amount": "",
        "discount_amount": "Remaining_Pmt_Disc_Possible", "payment_method": "Payment_Method_Code",
        "terms": "Payment_Terms_Code", "purchase_order": "Your_Reference", "sales_order": "",
        "reference": "External_Document_No", "text": "Description", "business_unit": "", "disputed_amount": "",
        "dispute_reason": "Dispute_Status", "dunning_block": "On_Hold", "dunning_level": "", "last_dunned_on": "",
    },
    "payment": {
        "posted_on": "Posting_Date", "received_on": "Document_Date, else Posting_Date",
        "method": "Payment_Method_Code", "reference": "External_Document_No",
    },
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_type": ItemKind,
    "class_by_payment_method": ItemClass,
    "state_by_salesperson": CustomerState,
}
_FREE: Final[Mapping[str, Form]] = {"dispute_by_status": "text"}
LISTS: Final = (*_WORDS, *_FREE)
_KIND_OF: Final[Mapping[Kind, SourceKind]] = {
    "text": "text", "day": "date", "amount": "amount", "whole": "whole", "flag": "flag",
}  # fmt: skip


def schema() -> Schema:
    """Return what may be mapped of Business Central; a set may have columns that are not known here."""
    streams = {
        stream: StreamSchema(tuple(_named(entity) for entity in found), MAPPABLE[stream])
        for stream, found in SETS.items()
    }
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in _FREE.items()})


def _named(entity: Entity) -> Named:
    known: dict[str, SourceKind | None] = {name: _KIND_OF.get(kind) for name, kind in entity.kinds.items()}
    return Named(entity.name, known)


def fields_of(settings: BusinessCentralSettings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def selected(fields: FieldMapping, entity: Entity) -> Entity:
    """Return a set with the columns that the file takes of it beside its own, as they are sent."""
    more = [name for name in fields.source_fields(entity.name) if name not in entity.kinds]
    return replace(entity, fields=(*entity.fields, *(Field(name) for name in more))) if more else entity


def patch_of(fields: FieldMapping, stream: Stream) -> Patch | None:
    """Return what the file does to a mapped row of the stream, given the rows it was made of; None for nothing."""
    return fields.patch(stream, read_from)
