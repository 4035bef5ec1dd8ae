"""What a site's own file may map of Fusion, and how an attribute that it takes is read.

An attribute is named as `describe` has it (SalesPersonNumber), or receivablesInvoiceInstallments.InstallmentStatus
where it is not of the stream's own resource. Documents come with all their attributes, flexfields' children apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import (
    NO_MAPPING,
    CodeList,
    Entity,
    FieldMapping,
    Patch,
    Schema,
    SourceKind,
    StreamSchema,
    load,
)
from duehook.core.hookspecs import Row
from duehook.core.records import CustomerState, ItemClass, ItemKind, Stream

from . import values
from .settings import FusionSettings

Raw = Mapping[str, Mapping[str, Any]]  # the rows that one of ours is made of, by resource
DOCUMENT: Final = "receivablesInvoices"
INSTALLMENTS: Final = "receivablesInvoiceInstallments"
RECEIPT: Final = "standardReceipts"
PARTY: Final = "hubOrganizations"
PROFILE: Final = "CustomerProfile"
_DATES: Final = ("TransactionDate", "AccountingDate", "DueDate", "ReceiptDate", "InstallmentDueDate", "DisputeDate",
                 "InstallmentClosedDate")  # fmt: skip
_AMOUNTS: Final = ("EnteredAmount", "InvoiceBalanceAmount", "OriginalAmount", "InstallmentBalanceDue", "DisputeAmount",
                   "AccountedBalanceDue", "Amount", "UnappliedAmount", "AccountedAmount")  # fmt: skip
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    DOCUMENT: (
        "TransactionNumber", "BusinessUnit", "TransactionType", "InvoiceCurrencyCode", "InvoiceStatus",
        "BillToCustomerName", "BillToCustomerNumber", "BillToSite", "PaymentTerms", "PurchaseOrder",
        "TransactionDate", "AccountingDate", "DueDate", "EnteredAmount", "InvoiceBalanceAmount",
    ),
    INSTALLMENTS: (
        "InstallmentSequenceNumber", "InstallmentStatus", "InstallmentDueDate", "DisputeDate", "InstallmentClosedDate",
        "OriginalAmount", "InstallmentBalanceDue", "DisputeAmount", "AccountedBalanceDue",
    ),
    RECEIPT: (
        "ReceiptNumber", "ReceiptDate", "AccountingDate", "State", "Currency", "BusinessUnit", "CustomerName",
        "CustomerAccountNumber", "ReceiptMethod", "Amount", "UnappliedAmount", "AccountedAmount",
    ),
    PARTY: ("PartyNumber", "OrganizationName", "EmailAddress", "RawPhoneNumber"),
    PROFILE: ("AccountNumber", "AccountStatusValue", "CollectorName", "CreditAnalystName", "PaymentTerms"),
}  # fmt: skip
SOURCES: Final[Mapping[Stream, tuple[str, ...]]] = {
    "customer": (PARTY, PROFILE), "contact": (PARTY,), "item": (DOCUMENT, INSTALLMENTS), "payment": (RECEIPT,),
}  # fmt: skip
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "OrganizationName, else BillToCustomerName", "state": "CustomerProfile.AccountStatusValue",
        "state_since": "", "payer": "", "parent": "", "group": "", "collector": "CustomerProfile.CollectorName",
        "credit_manager": "CustomerProfile.CreditAnalystName", "terms": "CustomerProfile.PaymentTerms",
        "dunning_block": "", "dunning_level": "", "last_dunned_on": "", "language": "", "country": "Address.Country",
        "tax_id": "", "categories": "",
        "address.postal_code": "Address.PostalCode", "address.city": "Address.City",
        "address.region": "Address.State", "address.country": "Address.Country",
    },
    "contact": {
        "name": "OrganizationName", "purposes": "", "email": "EmailAddress", "phone": "RawPhoneNumber",
        "language": "", "role": "",
    },
    "item": {
        "document_on": "TransactionDate", "due_on": "receivablesInvoiceInstallments.InstallmentDueDate",
        "discount_on": "", "payer": "", "bill_to": "", "fiscal_year": "",
        "instalment": "receivablesInvoiceInstallments.InstallmentSequenceNumber", "tax_amount": "",
        "discount_amount": "", "payment_method": "", "terms": "PaymentTerms", "purchase_order": "PurchaseOrder",
        "sales_order": "", "reference": "", "text": "", "business_unit": "",
        "disputed_amount": "receivablesInvoiceInstallments.DisputeAmount", "dispute_reason": "", "dunning_block": "",
        "dunning_level": "", "last_dunned_on": "",
    },
    "payment": {
        "posted_on": "AccountingDate", "received_on": "ReceiptDate", "method": "ReceiptMethod",
        "reference": "ReceiptNumber",
    },
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_type": ItemKind, "class_by_type": ItemClass, "state_by_status": CustomerState,
}  # fmt: skip
LISTS: Final = (*_WORDS, "dispute_reason")


def texts_of(name: str) -> tuple[str, ...]:
    """Return the attributes of a resource that are known."""
    return _TEXTS[name]


def schema() -> Schema:
    """Return what may be mapped of Fusion; a resource may have attributes that are not known here."""
    streams = {
        stream: StreamSchema(tuple(_named(each) for each in found), MAPPABLE[stream])
        for stream, found in SOURCES.items()
    }
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {"dispute_reason": CodeList()})


def _named(name: str) -> Entity:
    known: dict[str, SourceKind | None] = {each: _kind(each) for each in _TEXTS[name]}
    return Entity(name, known)


def _kind(name: str) -> SourceKind:
    if name in _DATES:
        return "date"
    return "amount" if name in _AMOUNTS else "text"


def fields_of(settings: FusionSettings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def patch_of(fields: FieldMapping, stream: Stream) -> Patch | None:
    """Return what the file does to a mapped row of the stream, given the rows it was made of; None for nothing."""
    return fields.patch(stream, _read)


def _read(entity: str, field: str, kind: SourceKind) -> Callable[[Raw, Row], Any]:
    convert = _CONVERT[kind]
    return lambda raw, row: convert(raw.get(entity, {}), field)


def _whole(row: Mapping[str, Any], name: str) -> int | None:
    found = values.amount(row, name)
    if found is not None and found != int(found):
        raise BadRecord(f"{name} holds {found}, which is no whole number.")
    return None if found is None else int(found)


def _flag(row: Mapping[str, Any], name: str) -> bool | None:
    held = row.get(name)
    if held is None or isinstance(held, bool):
        return held
    return str(held).upper() in {"Y", "YES", "TRUE"}


_CONVERT: Final[Mapping[SourceKind, Callable[[Mapping[str, Any], str], Any]]] = {
    "text": values.text, "date": values.day, "instant": values.instant, "amount": values.amount, "whole": _whole,
    "flag": _flag,
}  # fmt: skip
