"""The sets and columns that are read, with their kinds: API v2.0, and the pages that a site publishes.

Of a page any column may be missing: a site, or its version, decides what is on it.
"""

from __future__ import annotations

from typing import Final

from duehook.core.wire.odata import Entity

COMPANY: Final = Entity.of("api/v2.0/companies", "name", text="id name displayName")
COMPANY_INFORMATION: Final = Entity.of(
    "companyInformation",
    "id",
    text="id displayName addressLine1 addressLine2 city state country postalCode taxRegistrationNumber currencyCode",
)
TERM: Final = Entity.of(
    "paymentTerms",
    "code",
    text="id code displayName dueDateCalculation discountDateCalculation",
    amount="discountPercent",
)
CUSTOMER: Final = Entity.of(
    "customers",
    "number",
    text="id number displayName addressLine1 addressLine2 city state country postalCode phoneNumber email "
    "salespersonCode taxRegistrationNumber currencyCode paymentTermsId blocked",
    amount="creditLimit",
    instant="lastModifiedDateTime",
)
CUSTOMER_KEY: Final = Entity.of("customers", "number", text="id number")
HOLD: Final = Entity.of("customers", "number", text="id number blocked")
CONTACT: Final = Entity.of(
    "contacts",
    "number",
    text="id number type displayName companyNumber phoneNumber mobilePhoneNumber email",
    instant="lastModifiedDateTime",
)
LINKS: Final = "contactsInformation"  # what a customer's contacts are told by
INVOICE: Final = Entity.of(
    "salesInvoices",
    "number",
    text="id number externalDocumentNumber customerPurchaseOrderReference orderNumber customerNumber "
    "billToCustomerNumber currencyCode paymentTermsId status",
    amount="totalAmountIncludingTax totalTaxAmount remainingAmount",
    day="invoiceDate postingDate dueDate",
    instant="lastModifiedDateTime",
)
CREDIT_MEMO: Final = Entity.of(
    "salesCreditMemos",
    "number",
    text="id number externalDocumentNumber customerNumber billToCustomerNumber currencyCode paymentTermsId status "
    "invoiceNumber",
    amount="totalAmountIncludingTax totalTaxAmount remainingAmount",
    day="creditMemoDate postingDate dueDate",
    instant="lastModifiedDateTime",
)
ENTRY: Final = Entity.of(
    "CustomerLedgerEntries",
    "Entry_No",
    text="Document_Type Document_No External_Document_No Your_Reference Customer_No Currency_Code Description On_Hold "
    "Dispute_Status Payment_Terms_Code Payment_Method_Code",
    whole="Entry_No Reversed_by_Entry_No Reversed_Entry_No",
    amount="Original_Amount Amount Amount_LCY Remaining_Amount Remaining_Amt_LCY Remaining_Pmt_Disc_Possible",
    day="Posting_Date Document_Date Due_Date Pmt_Discount_Date Promised_Pay_Date Closed_at_Date",
    flag="Open Reversed",
    instant="SystemModifiedAt",
)
ENTRY_KEY: Final = Entity.of(
    "CustomerLedgerEntries",
    "Entry_No",
    whole="Entry_No",
    amount="Remaining_Amount Remaining_Amt_LCY",
    flag="Open",
)
ENTRY_DAY: Final = Entity.of("CustomerLedgerEntries", "Entry_No", whole="Entry_No", day="Posting_Date")
ENTRY_KIND: Final = Entity.of(
    "CustomerLedgerEntries",
    "Entry_No",
    text="Document_Type",
    whole="Entry_No",
    amount="Remaining_Amount Remaining_Amt_LCY",
    day="Posting_Date Closed_at_Date",
    flag="Reversed",
)
DETAILED: Final = Entity.of(
    "DetailedCustLedgEntries",
    "Entry_No",
    text="Entry_Type Document_Type Document_No Customer_No Currency_Code",
    whole="Entry_No Cust_Ledger_Entry_No Applied_Cust_Ledger_Entry_No",
    amount="Amount Amount_LCY",
    day="Posting_Date",
)
MOVED: Final = Entity.of("DetailedCustLedgEntries", "Entry_No", whole="Entry_No Cust_Ledger_Entry_No")
COMMENT: Final = Entity.of("CommentSheet", "Line_No", text="Table_Name No Code Comment", whole="Line_No", day="Date")
STAMP: Final = "SystemModifiedAt"
