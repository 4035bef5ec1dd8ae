"""The entity types of API v2.0 and of the pages that are published as web services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from duehook.core.testing.odata import EntityType, Field, Navigation

from .codes import encoded


@dataclass(frozen=True)
class Option(Field):
    """A field with a few words to choose from; a blank in one is told by its number, and understood as it is too."""

    def told(self, text: str) -> str:
        """Return an option as rows hold it."""
        return encoded(text)


def _with_options(of: EntityType, *names: str) -> EntityType:
    """Return a type whose fields of these names are options."""
    fields = {name: Option(name) if name in names else held for name, held in of.fields.items()}
    return replace(of, fields=fields)


_ADDRESS: Final = (
    "addressLine1:String(100) addressLine2:String(50) city:String(30) state:String(30) country:String(10) "
    "postalCode:String(20) phoneNumber:String(30) email:String(80) website:String(80) "
)
COMPANY: Final = EntityType.read(
    "company", "id",
    "id:Guid! systemVersion:String timestamp:Int64 name:String(30) displayName:String(250) businessProfileId:String "
    "systemCreatedAt:DateTimeOffset systemModifiedAt:DateTimeOffset",
)  # fmt: skip
COMPANY_INFORMATION: Final = EntityType.read(
    "companyInformation", "id",
    "id:Guid! displayName:String(100) " + _ADDRESS +
    "faxNumber:String(30) taxRegistrationNumber:String(50) currencyCode:String(10) currentFiscalYearStartDate:Date "
    "industry:String(30) lastModifiedDateTime:DateTimeOffset",
)  # fmt: skip
PAYMENT_TERM: Final = EntityType.read(
    "paymentTerm", "id",
    "id:Guid! code:String(10) displayName:String(100) dueDateCalculation:String(32) discountDateCalculation:String(32) "
    "discountPercent:Decimal calculateDiscountOnCreditMemos:Boolean lastModifiedDateTime:DateTimeOffset",
)  # fmt: skip
CUSTOMER: Final = _with_options(
    EntityType.read(
        "customer", "id",
        "id:Guid! number:String(20) displayName:String(100) type:String " + _ADDRESS +
        "salespersonCode:String(20) balanceDue:Decimal creditLimit:Decimal taxLiable:Boolean taxAreaId:Guid "
        "taxAreaDisplayName:String taxRegistrationNumber:String(50) currencyId:Guid currencyCode:String(10) "
        "paymentTermsId:Guid shipmentMethodId:Guid paymentMethodId:Guid blocked:String "
        "lastModifiedDateTime:DateTimeOffset",
        Navigation("customerFinancialDetail", "customerFinancialDetails", {"id": "id"}, many=False),
        Navigation("contactsInformation", "contactsInformation", {"id": "relatedId"}),
        Navigation("paymentTerm", "paymentTerms", {"paymentTermsId": "id"}, many=False),
    ),
    "type", "blocked",
)  # fmt: skip
DISPUTE_STATUS: Final = EntityType.read("disputeStatus", "id", "id:Guid! code:String(10) displayName:String(100)")
FINANCIAL_DETAIL: Final = EntityType.read(
    "customerFinancialDetail", "id",
    "id:Guid! number:String(20) balance:Decimal totalSalesExcludingTax:Decimal overdueAmount:Decimal",
)  # fmt: skip
CONTACT: Final = _with_options(
    EntityType.read(
        "contact", "id",
        "id:Guid! number:String(20) type:String displayName:String(100) companyNumber:String(20) "
        "companyName:String(100) contactBusinessRelation:String " + _ADDRESS +
        "mobilePhoneNumber:String(30) searchName:String(100) privacyBlocked:Boolean taxRegistrationNumber:String(50) "
        "lastInteractionDate:Date lastModifiedDateTime:DateTimeOffset",
    ),
    "type", "contactBusinessRelation",
)  # fmt: skip
CONTACT_INFORMATION: Final = _with_options(
    EntityType.read(
        "contactInformation", "relatedId contactId",
        "contactId:Guid! contactNumber:String(20) contactName:String(100) contactType:String relatedId:Guid! "
        "relatedType:String",
    ),
    "contactType", "relatedType",
)  # fmt: skip
_DOCUMENT: Final = (
    "postingDate:Date dueDate:Date customerId:Guid customerNumber:String(20) customerName:String(100) "
    "billToName:String(100) billToCustomerId:Guid billToCustomerNumber:String(20) currencyId:Guid "
    "currencyCode:String(10) paymentTermsId:Guid shipmentMethodId:Guid salesperson:String(20) "
    "pricesIncludeTax:Boolean discountAmount:Decimal totalAmountExcludingTax:Decimal totalTaxAmount:Decimal "
    "totalAmountIncludingTax:Decimal status:String lastModifiedDateTime:DateTimeOffset phoneNumber:String(30) "
    "email:String(80) "
)
_SALES_INVOICE: Final = (
    "id:Guid! number:String(20) externalDocumentNumber:String(35) invoiceDate:Date "
    "customerPurchaseOrderReference:String(35) orderId:Guid orderNumber:String(20) remainingAmount:Decimal "
)
_TO_CUSTOMER: Final = Navigation("customer", "customers", {"customerId": "id"}, many=False)
SALES_CREDIT_MEMO: Final = _with_options(
    EntityType.read(
        "salesCreditMemo", "id",
        "id:Guid! number:String(20) externalDocumentNumber:String(35) creditMemoDate:Date "
        + _DOCUMENT + "invoiceId:Guid invoiceNumber:String(20)",
        _TO_CUSTOMER,
    ),
    "status",
)  # fmt: skip
_LEDGER_ENTRY: Final = (
    "Entry_No:Int32! Posting_Date:Date Document_Date:Date Document_Type:String Document_No:String(20) "
    "External_Document_No:String(35) Your_Reference:String(35) Customer_No:String(20) Description:String(100) "
    "Currency_Code:String(10) Original_Amount:Decimal Original_Amt_LCY:Decimal Amount:Decimal Amount_LCY:Decimal "
    "Remaining_Amount:Decimal Remaining_Amt_LCY:Decimal Due_Date:Date Pmt_Discount_Date:Date "
    "Remaining_Pmt_Disc_Possible:Decimal Payment_Terms_Code:String(10) Payment_Method_Code:String(10) "
    "On_Hold:String Open:Boolean Closed_at_Date:Date Reversed:Boolean Reversed_by_Entry_No:Int32 "
    "Reversed_Entry_No:Int32"
)
_DETAILED_ENTRY: Final = (
    "Entry_No:Int32! Cust_Ledger_Entry_No:Int32 Applied_Cust_Ledger_Entry_No:Int32 Entry_Type:String "
    "Posting_Date:Date Document_Type:String Document_No:String(20) Amount:Decimal Amount_LCY:Decimal "
    "Customer_No:String(20) Currency_Code:String(10) Unapplied:Boolean"
)
COMMENT: Final = _with_options(
    EntityType.read(
        "CommentSheet", "Table_Name No Line_No",
        "Table_Name:String! No:String(20)! Line_No:Int32! Date:Date Code:String Comment:String",
    ),
    "Table_Name",
)  # fmt: skip
_STAMP: Final = " SystemModifiedAt:DateTimeOffset"


def sales_invoice(options: Mapping[str, Any]) -> EntityType:
    """Return the type of salesInvoices as the site's version has it."""
    text = _SALES_INVOICE + _DOCUMENT
    text += "promisedPayDate:Date " if options["promise"] else ""
    text += "disputeStatusId:Guid" if options["dispute"] else ""
    return _with_options(EntityType.read("salesInvoice", "id", text, _TO_CUSTOMER), "status")


def ledger_entry(options: Mapping[str, Any]) -> EntityType:
    """Return the type of page 25 as the site's version has it."""
    text = _LEDGER_ENTRY + (_STAMP if options["modified_at"] else "")
    text += " Promised_Pay_Date:Date" if options["promise"] else ""
    text += " Dispute_Status:String" if options["dispute"] else ""
    return _with_options(EntityType.read("CustomerLedgerEntries", "Entry_No", text), "Document_Type")


def detailed_entry(options: Mapping[str, Any]) -> EntityType:
    """Return the type of page 573 as the site's version has it."""
    text = _DETAILED_ENTRY + (_STAMP if options["modified_at"] else "")
    return _with_options(EntityType.read("DetailedCustLedgEntries", "Entry_No", text), "Entry_Type", "Document_Type")
