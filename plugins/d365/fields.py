"""What a site's own file may map of Finance & Operations, and how a field that it takes is read.

A field is named as F&O's metadata have it (PaymMode, or CustTransOpens.CashDiscDate where two sets have it);
one that is not read anyhow, such as an extension's, is read beside those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.connecting.odata_fields import schema_of
from duehook.core.field_mapping import Schema
from duehook.core.field_mapping.schema import Form
from duehook.core.records import CustomerState, ItemClass, ItemKind, Purpose, Stream
from duehook.core.wire.odata import Entity

from . import entities

SETS: Final[Mapping[Stream, tuple[Entity, ...]]] = {
    "customer": (entities.CUSTOMER,),
    "contact": (entities.PERSON,),
    "item": (entities.TRANSACTION, entities.OPEN),
    "payment": (entities.TRANSACTION,),
}
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "OrganizationName, else PersonFirstName PersonLastName", "state": "CredManAccountStatusId",
        "state_since": "", "payer": "InvoiceAccount", "parent": "", "group": "CustomerGroupId",
        "collector": "CredManCollectionGroupId", "credit_manager": "", "terms": "PaymentTerms",
        "dunning_block": "CollectionLetterCode", "dunning_level": "", "last_dunned_on": "",
        "language": "LanguageId", "country": "AddressCountryRegionISOCode", "tax_id": "TaxExemptNumber",
        "categories": "", "address.postal_code": "AddressZipCode", "address.city": "AddressCity",
        "address.region": "", "address.country": "AddressCountryRegionISOCode",
    },
    "contact": {
        "name": "FirstName LastName", "purposes": "EmploymentJobTitle", "email": "PrimaryEmailAddress",
        "phone": "PrimaryPhoneNumber", "language": "", "role": "EmploymentJobTitle",
    },
    "item": {
        "document_on": "DocumentDate, else TransDate", "due_on": "CustTransOpens.DueDate, else DueDate",
        "discount_on": "CustTransOpens.CashDiscDate", "payer": "AccountNum",
        "bill_to": "", "fiscal_year": "", "instalment": "", "tax_amount": "",
        "discount_amount": "CustTransOpens.PossibleCashDisc", "payment_method": "PaymMode", "terms": "PaymTermId",
        "purchase_order": "", "sales_order": "", "reference": "PaymReference", "text": "Txt", "business_unit": "",
        "disputed_amount": "CustDisputes.AmountCur", "dispute_reason": "CustDisputes.ReasonCode",
        "dunning_block": "CustTransOpens.CollectionLetter", "dunning_level": "CustTransOpens.CollectionLetterCode",
        "last_dunned_on": "",
    },
    "payment": {
        "posted_on": "TransDate", "received_on": "DocumentDate, else TransDate", "method": "PaymMode",
        "reference": "PaymReference",
    },
}  # fmt: skip
YES_NO: Final = frozenset({
    "CreditLimitIsMandatory", "CredManCustUnlimitedCredit", "IsOneTimeCustomer", "IsInactive", "CollectionLetter",
    "CancelledPayment", "Prepayment",
})  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_type": ItemKind,
    "class_by_type": ItemClass,
    "class_by_payment_mode": ItemClass,
    "state_by_credit_status": CustomerState,
    "purpose_by_job_title": Purpose,
    "purpose_by_address_purpose": Purpose,
}
_FREE: Final[Mapping[str, Form]] = {"dispute_by_reason": "text", "language": "language"}
LISTS: Final = (*_WORDS, *_FREE)


def schema() -> Schema:
    """Return what may be mapped of F&O; a set may have fields that are not known here."""
    return schema_of(SETS, MAPPABLE, words=_WORDS, free=_FREE, flags=YES_NO)
