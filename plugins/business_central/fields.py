"""What a site's own file may map of Business Central.

A column is named as its service has it (salespersonCode, or CustomerLedgerEntries.Description where two sets have it);
one that is not read anyhow, such as an extension's, is read beside those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.connecting.odata_fields import schema_of
from duehook.core.field_mapping import Schema
from duehook.core.field_mapping.schema import Form
from duehook.core.records import CustomerState, ItemClass, ItemKind, Stream
from duehook.core.wire.odata import Entity

from . import entities

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


def schema() -> Schema:
    """Return what may be mapped of Business Central; a set may have columns that are not known here."""
    return schema_of(SETS, MAPPABLE, words=_WORDS, free=_FREE)
