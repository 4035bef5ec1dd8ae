"""What a site's own file may map of M3, and how a field that it takes is read.

A field is named as M3's transactions have it: CFC3, or GetFinancial.INLI where it is not of the stream's own one.
One that is not read anyhow is asked for beside those that are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.field_mapping import (
    NO_MAPPING,
    CodeList,
    Entity,
    FieldMapping,
    Read,
    Schema,
    SourceKind,
    StreamSchema,
)
from duehook.core.field_mapping import load as load_mapping
from duehook.core.field_mapping.schema import Form
from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose, Stream

from . import entities, values
from .entities import Transaction
from .settings import M3Settings

Raw = Mapping[str, Mapping[str, str]]  # the rows that one of ours is made of, by transaction
SOURCES: Final[Mapping[Stream, tuple[Transaction, ...]]] = {
    "customer": (entities.CUSTOMERS, entities.FINANCIAL),
    "contact": (entities.PEOPLE,),
    "item": (entities.INVOICE_STOP,),
}
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "CUNM", "state": "the field that `state_field` names", "state_since": "", "payer": "PYNO", "parent": "",
        "group": "GetFinancial.CCUS", "collector": "GetFinancial.CDRC", "credit_manager": "", "terms": "TEPY",
        "dunning_block": "GetFinancial.BLPR or CLCD, by `codes`", "dunning_level": "", "last_dunned_on": "",
        "language": "LNCD", "country": "CSCD",
        "tax_id": "VRNO", "categories": "", "address.postal_code": "PONO", "address.city": "TOWN",
        "address.region": "ECAR", "address.country": "CSCD",
    },
    "contact": {
        "name": "TX50, else NAMF NAMS", "purposes": "RFTP", "email": "EMAL", "phone": "PHNO", "language": "LHCD",
        "role": "JTIT",
    },
    "item": {
        "document_on": "IVDT", "due_on": "DUDT", "discount_on": "CDT1 of GetCashDiscInfo", "payer": "PYNO",
        "bill_to": "", "fiscal_year": "INYR", "instalment": "", "tax_amount": "VTAM",
        "discount_amount": "CDA1 of GetCashDiscInfo", "payment_method": "PYCD", "terms": "TEPY",
        "purchase_order": "", "sales_order": "", "reference": "", "text": "TDSC", "business_unit": "",
        "disputed_amount": "", "dispute_reason": "",
        "dunning_block": "CLST or CLCD, by `codes`, else RMBL", "dunning_level": "RMQT",
        "last_dunned_on": "LRDT",
    },
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_transaction_code": ItemKind,
    "kind_by_information_type": ItemKind,
    "class_by_information_type": ItemClass,
    "class_by_payment_method": ItemClass,
    "allocation_by_information_type": AllocationKind,
    "state_by_free_field": CustomerState,
    "purpose_by_contact_type": Purpose,
}
_FREE: Final[Mapping[str, Form]] = {
    "language": "language",
    "block_by_reminder_code": "text",
    "block_by_customer_collection": "text",
    "block_by_collection_status": "text",
    "block_by_collection": "text",
}
LISTS: Final = (*_WORDS, *_FREE)
_KIND_OF: Final[Mapping[entities.Kind, SourceKind]] = {
    "text": "text", "day": "date", "amount": "amount", "whole": "whole",
}  # fmt: skip


def schema() -> Schema:
    """Return what may be mapped of M3; a transaction may give fields that are not known here."""
    streams = {
        stream: StreamSchema(tuple(map(_mappable, found)), MAPPABLE[stream]) for stream, found in SOURCES.items()
    }
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in _FREE.items()})


def _mappable(transaction: Transaction) -> Entity:
    known = {field.name: _KIND_OF[entities.KINDS.get(field.name, "text")] for field in transaction.gives}
    return Entity(transaction.name, dict(known))


def fields_of(settings: M3Settings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load_mapping(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def with_more(fields: FieldMapping, transaction: Transaction) -> Transaction:
    """Return a transaction with the fields that the file takes from it beside those that are read anyhow."""
    return transaction.plus(list(fields.source_fields(transaction.name)))


def reader(entity: str, field: str, kind: SourceKind) -> Callable[[Raw, Any], Any]:
    """Return what takes a field's value from the rows that a canonical one is made of: a `field_mapping.Read`."""
    convert = _CONVERT[kind]
    return lambda raw, row: convert(raw.get(entity, {}), field)


READ: Final[Read] = reader


def _amount(row: Mapping[str, str], name: str) -> Any:
    return values.amount(row, name) if values.text(row, name) else None


def _whole(row: Mapping[str, str], name: str) -> Any:
    return values.whole(row, name) if values.text(row, name) else None


def _flag(row: Mapping[str, str], name: str) -> bool | None:
    """Read M3's 0 and 1."""
    return None if values.text(row, name) is None else values.whole(row, name) != 0


_CONVERT: Final[Mapping[SourceKind, Callable[[Mapping[str, str], str], Any]]] = {
    "text": values.text, "date": values.day, "amount": _amount, "whole": _whole, "flag": _flag,
}  # fmt: skip
