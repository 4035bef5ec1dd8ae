"""The entity sets and fields that are read and written, with their kinds; tests compare them with SAP's metadata."""

from __future__ import annotations

from typing import Final

from duehook.core.wire.odata import Entity

PARTNER: Final = Entity.of(
    "A_BusinessPartner",
    "BusinessPartner",
    text="BusinessPartner Customer BusinessPartnerFullName CorrespondenceLanguage BusinessPartnerGrouping",
    day="CreationDate LastChangeDate",
    time="LastChangeTime",
    flag="BusinessPartnerIsBlocked IsMarkedForArchiving",
)
CUSTOMER: Final = Entity.of(
    "A_Customer",
    "Customer",
    text="Customer CustomerName CustomerAccountGroup OrderIsBlockedForCustomer VATRegistration CustomerCorporateGroup",
    flag="DeletionIndicator PostingIsBlocked",
)
COMPANY: Final = Entity.of(
    "A_CustomerCompany",
    "Customer CompanyCode",
    text="Customer CompanyCode PaymentTerms AccountingClerk AccountingClerkInternetAddress AlternativePayerAccount "
    "CustomerHeadOffice PaymentBlockingReason",
    flag="DeletionIndicator",
)
DUNNING: Final = Entity.of(
    "A_CustomerDunning",
    "Customer CompanyCode DunningArea",
    text="Customer CompanyCode DunningArea DunningBlock DunningLevel DunningProcedure DunningClerk",
    day="LastDunnedOn LegDunningProcedureOn",
)
CREDIT: Final = Entity.of(
    "CreditManagementAccount",
    "BusinessPartner CreditSegment",
    text="BusinessPartner CreditSegment CreditSegmentCurrency CreditAccountBlockReason",
    amount="CreditLimitAmount",
    flag="CreditAccountIsBlocked CreditLimitIsZero",
    day="CreditLimitValidityEndDate",
)
CONTACT: Final = Entity.of(
    "A_BusinessPartnerContact",
    "RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ValidityEndDate",
    text="RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson",
    day="ValidityEndDate",
)
FUNCTION: Final = Entity.of(
    "A_BPContactToFuncAndDept",
    "RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ValidityEndDate",
    text="RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ContactPersonFunction "
    "ContactPersonFunctionName ContactPersonDepartment PhoneNumber EmailAddress",
    day="ValidityEndDate",
)
ADDRESS: Final = Entity.of(
    "A_BusinessPartnerAddress",
    "BusinessPartner AddressID",
    text="BusinessPartner AddressID StreetName HouseNumber PostalCode CityName Region Country",
)
EMAIL: Final = Entity.of(
    "A_AddressEmailAddress",
    "AddressID Person OrdinalNumber",
    text="AddressID Person OrdinalNumber EmailAddress",
    flag="IsDefaultEmailAddress",
)
PHONE: Final = Entity.of(
    "A_AddressPhoneNumber",
    "AddressID Person OrdinalNumber",
    text="AddressID Person OrdinalNumber InternationalPhoneNumber PhoneNumber",
    flag="IsDefaultPhoneNumber",
)
BANK: Final = Entity.of(
    "A_BusinessPartnerBank", "BusinessPartner BankIdentification", text="BusinessPartner BankIdentification IBAN"
)
IDENTIFICATION: Final = Entity.of(
    "A_BuPaIdentification",
    "BusinessPartner BPIdentificationType BPIdentificationNumber",
    text="BusinessPartner BPIdentificationType BPIdentificationNumber",
)
TEXT: Final = Entity.of("A_CustomerText", "Customer Language LongTextID", text="Customer Language LongTextID LongText")
COMPANY_TEXT: Final = Entity.of(
    "A_CustomerCompanyText",
    "Customer CompanyCode Language LongTextID",
    text="Customer CompanyCode Language LongTextID LongText",
)
ITEM: Final = Entity.of(
    "A_OperationalAcctgDocItemCube",
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem",
    text="CompanyCode FiscalYear AccountingDocument AccountingDocumentItem Customer DebitCreditCode "
    "AccountingDocumentType SpecialGLCode TransactionCurrency CompanyCodeCurrency ClearingAccountingDocument "
    "ClearingDocFiscalYear InvoiceReference InvoiceReferenceFiscalYear InvoiceItemReference DunningLevel "
    "DunningBlockingReason PaymentBlockingReason PaymentMethod PaymentTerms PaymentDifferenceReason "
    "DocumentReferenceID AssignmentReference SalesDocument DocumentItemText PaymentReference ReverseDocument "
    "ReverseDocumentFiscalYear CompanyCodeName",
    amount="AmountInTransactionCurrency AmountInCompanyCodeCurrency CashDiscountAmount CashDiscountAmtInCoCodeCrcy",
    day="DocumentDate PostingDate NetDueDate CashDiscount1DueDate ClearingDate ClearingCreationDate LastDunningDate "
    "LastChangeDate AccountingDocumentCreationDate",
    flag="IsCleared ClearingIsReversed IsReversal IsReversed",
)
# What is told of an item; its dates of change are there to be asked by.
OWED: Final = ITEM.only(
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem Customer DebitCreditCode AccountingDocumentType "
    "SpecialGLCode TransactionCurrency CompanyCodeCurrency AmountInTransactionCurrency AmountInCompanyCodeCurrency "
    "CashDiscountAmount ClearingAccountingDocument ClearingDocFiscalYear InvoiceReference InvoiceReferenceFiscalYear "
    "InvoiceItemReference DunningLevel DunningBlockingReason PaymentMethod PaymentTerms DocumentReferenceID "
    "SalesDocument DocumentItemText DocumentDate PostingDate NetDueDate CashDiscount1DueDate LastDunningDate IsCleared "
    "ClearingDate ClearingCreationDate LastChangeDate AccountingDocumentCreationDate"
)
# What tells which line belongs to which, and who took how much off what: half as long as a whole line.
FAMILY: Final = ITEM.only(
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem AccountingDocumentType DebitCreditCode "
    "TransactionCurrency AmountInTransactionCurrency AmountInCompanyCodeCurrency CashDiscountAmount "
    "CashDiscountAmtInCoCodeCrcy PaymentDifferenceReason InvoiceReference InvoiceReferenceFiscalYear "
    "InvoiceItemReference IsCleared ClearingAccountingDocument ClearingDocFiscalYear ClearingDate ClearingIsReversed "
    "PostingDate LastChangeDate ClearingCreationDate AccountingDocumentCreationDate"
)
# What tells which open line is an item of its own: all that a listing of keys needs.
MARKS: Final = ITEM.only(
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem AccountingDocumentType TransactionCurrency "
    "InvoiceReference InvoiceReferenceFiscalYear InvoiceItemReference IsCleared ClearingAccountingDocument "
    "ClearingDocFiscalYear"
)
# What tells whether a document that cleared an item is a payment, and whether it grants a discount.
GRANT: Final = ITEM.only(
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem AccountingDocumentType DebitCreditCode "
    "AmountInTransactionCurrency CashDiscountAmount"
)
# What a payment's line tells of its document beside what tells of its family.
PAYMENT: Final = ITEM.only(
    f"{' '.join(FAMILY.kinds)} Customer CompanyCodeCurrency DocumentDate DocumentReferenceID IsReversal "
    "ReverseDocument ReverseDocumentFiscalYear"
)
ALL: Final = (
    PARTNER, CUSTOMER, COMPANY, DUNNING, CREDIT, CONTACT, FUNCTION, ADDRESS, EMAIL, PHONE, BANK, IDENTIFICATION, TEXT,
    COMPANY_TEXT, ITEM,
)  # fmt: skip
