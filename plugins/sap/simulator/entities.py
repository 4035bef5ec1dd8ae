"""The entity types of the simulated services: names, types, lengths and keys are those of SAP's metadata.

A type has the properties that receivables are about, not all of SAP's. The credit and dispute services
have no public metadata: theirs are as published clients know them.
"""

from __future__ import annotations

from typing import Final

from duehook.core.testing.odata import EntityType, Navigation

_PERIOD: Final = "RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ValidityEndDate"
_PERIOD_FIELDS: Final = (
    "RelationshipNumber:String(12)! BusinessPartnerCompany:String(10)! BusinessPartnerPerson:String(10)! "
    "ValidityEndDate:DateTime(0)! "
)
_SAME_PERIOD: Final = {name: name for name in _PERIOD.split()}
_AT_ADDRESS: Final = {"AddressID": "AddressID", "Person": "Person"}

# Numbers that are kept with zeros in front and shown without (conversion exit ALPHA).
ALPHA: Final = frozenset(
    "BusinessPartner BusinessPartnerCompany BusinessPartnerPerson Customer Supplier AddressID RelationshipNumber "
    "AlternativePayerAccount CustomerHeadOffice AccountingDocument ClearingAccountingDocument InvoiceReference "
    "ReverseDocument BillingDocument SalesDocument CaseID".split()
)

BUSINESS_PARTNER: Final = EntityType.read(
    "A_BusinessPartnerType",
    "BusinessPartner",
    """BusinessPartner:String(10)! Customer:String(10) Supplier:String(10) BusinessPartnerCategory:String(1)
    BusinessPartnerFullName:String(81) BusinessPartnerGrouping:String(4) BusinessPartnerName:String(81)
    CorrespondenceLanguage:String(2) CreatedByUser:String(12) CreationDate:DateTime(0) CreationTime:Time(0)
    FirstName:String(40) LastName:String(40) Language:String(2) LastChangeDate:DateTime(0) LastChangeTime:Time(0)
    LastChangedByUser:String(12) OrganizationBPName1:String(40) SearchTerm1:String(20)
    BusinessPartnerIsBlocked:Boolean ETag:String(26) IsMarkedForArchiving:Boolean""",
    Navigation("to_BusinessPartnerAddress", "A_BusinessPartnerAddress", {"BusinessPartner": "BusinessPartner"}),
    Navigation("to_BusinessPartnerContact", "A_BusinessPartnerContact", {"BusinessPartner": "BusinessPartnerCompany"}),
    Navigation("to_Customer", "A_Customer", {"Customer": "Customer"}, many=False),
    padded=ALPHA,
)
CUSTOMER: Final = EntityType.read(
    "A_CustomerType",
    "Customer",
    """Customer:String(10)! AuthorizationGroup:String(4) BillingIsBlockedForCustomer:String(2)
    CreatedByUser:String(12) CreationDate:DateTime(0) CustomerAccountGroup:String(4)
    CustomerFullName:String(220) CustomerName:String(80) DeliveryIsBlocked:String(2)
    OrderIsBlockedForCustomer:String(2) PostingIsBlocked:Boolean CustomerCorporateGroup:String(10)
    VATRegistration:String(20) DeletionIndicator:Boolean""",
    Navigation("to_CustomerCompany", "A_CustomerCompany", {"Customer": "Customer"}),
    Navigation("to_CustomerSalesArea", "A_CustomerSalesArea", {"Customer": "Customer"}),
    Navigation("to_CustomerText", "A_CustomerText", {"Customer": "Customer"}),
    padded=ALPHA,
)
_IN_COMPANY: Final = {"Customer": "Customer", "CompanyCode": "CompanyCode"}
CUSTOMER_COMPANY: Final = EntityType.read(
    "A_CustomerCompanyType",
    "Customer CompanyCode",
    """Customer:String(10)! CompanyCode:String(4)! AccountingClerk:String(2)
    AccountingClerkInternetAddress:String(130) AccountingClerkPhoneNumber:String(30) AlternativePayerAccount:String(10)
    CustomerAccountNote:String(30) CustomerHeadOffice:String(10) PaymentBlockingReason:String(1)
    PaymentMethodsList:String(10) PaymentTerms:String(4) ReconciliationAccount:String(10)
    RecordPaymentHistoryIndicator:Boolean UserAtCustomer:String(15) DeletionIndicator:Boolean
    CustomerAccountGroup:String(4)""",
    Navigation("to_CompanyText", "A_CustomerCompanyText", _IN_COMPANY),
    Navigation("to_CustomerDunning", "A_CustomerDunning", _IN_COMPANY),
    padded=ALPHA,
)
CUSTOMER_DUNNING: Final = EntityType.read(
    "A_CustomerDunningType",
    "Customer CompanyCode DunningArea",
    """Customer:String(10)! CompanyCode:String(4)! DunningArea:String(2)! DunningBlock:String(1)
    DunningLevel:String(1) DunningProcedure:String(4) DunningRecipient:String(10) LastDunnedOn:DateTime(0)
    LegDunningProcedureOn:DateTime(0) DunningClerk:String(2) AuthorizationGroup:String(4)
    CustomerAccountGroup:String(4)""",
    padded=ALPHA,
)
SALES_AREA: Final = EntityType.read(
    "A_CustomerSalesAreaType",
    "Customer SalesOrganization DistributionChannel Division",
    """Customer:String(10)! SalesOrganization:String(4)! DistributionChannel:String(2)! Division:String(2)!
    BillingIsBlockedForCustomer:String(2) CreditControlArea:String(4) Currency:String(5)
    CustomerPaymentTerms:String(4) DeletionIndicator:Boolean DeliveryIsBlockedForCustomer:String(2)
    OrderIsBlockedForCustomer:String(2)""",
    padded=ALPHA,
)
CUSTOMER_TEXT: Final = EntityType.read(
    "A_CustomerTextType",
    "Customer Language LongTextID",
    "Customer:String(10)! Language:String(2)! LongTextID:String(4)! LongText:String",
    padded=ALPHA,
)
COMPANY_TEXT: Final = EntityType.read(
    "A_CustomerCompanyTextType",
    "Customer CompanyCode Language LongTextID",
    "Customer:String(10)! CompanyCode:String(4)! Language:String(2)! LongTextID:String(4)! LongText:String",
    padded=ALPHA,
)
CONTACT: Final = EntityType.read(
    "A_BusinessPartnerContactType",
    _PERIOD,
    _PERIOD_FIELDS + "ValidityStartDate:DateTime(0) IsStandardRelationship:Boolean RelationshipCategory:String(6)",
    Navigation("to_ContactRelationship", "A_BPContactToFuncAndDept", _SAME_PERIOD, many=False),
    padded=ALPHA,
)
FUNCTION: Final = EntityType.read(
    "A_BPContactToFuncAndDeptType",
    _PERIOD,
    _PERIOD_FIELDS
    + """ContactPersonDepartment:String(4) ContactPersonDepartmentName:String(40) ContactPersonFunction:String(4)
    ContactPersonFunctionName:String(40) ContactPersonRemarkText:String(40) EmailAddress:String(241)
    PhoneNumber:String(30) PhoneNumberExtension:String(10) RelationshipCategory:String(6)""",
    padded=ALPHA,
)
ADDRESS: Final = EntityType.read(
    "A_BusinessPartnerAddressType",
    "BusinessPartner AddressID",
    """BusinessPartner:String(10)! AddressID:String(10)! ValidityStartDate:DateTimeOffset(0)
    ValidityEndDate:DateTimeOffset(0) CityName:String(40) Country:String(3) FullName:String(80)
    HouseNumber:String(10) Language:String(2) Person:String(10) PostalCode:String(10) Region:String(3)
    StreetName:String(60)""",
    Navigation("to_EmailAddress", "A_AddressEmailAddress", _AT_ADDRESS),
    Navigation("to_PhoneNumber", "A_AddressPhoneNumber", _AT_ADDRESS),
    padded=ALPHA,
)
EMAIL: Final = EntityType.read(
    "A_AddressEmailAddressType",
    "AddressID Person OrdinalNumber",
    """AddressID:String(10)! Person:String(10)! OrdinalNumber:String(3)! IsDefaultEmailAddress:Boolean
    EmailAddress:String(241) SearchEmailAddress:String(20) AddressCommunicationRemarkText:String(50)""",
    padded=ALPHA,
)
PHONE: Final = EntityType.read(
    "A_AddressPhoneNumberType",
    "AddressID Person OrdinalNumber",
    """AddressID:String(10)! Person:String(10)! OrdinalNumber:String(3)! DestinationLocationCountry:String(3)
    IsDefaultPhoneNumber:Boolean PhoneNumber:String(30) PhoneNumberExtension:String(10)
    InternationalPhoneNumber:String(30) PhoneNumberType:String(1)""",
    padded=ALPHA,
)
BANK: Final = EntityType.read(
    "A_BusinessPartnerBankType",
    "BusinessPartner BankIdentification",
    """BusinessPartner:String(10)! BankIdentification:String(4)! BankCountryKey:String(3) BankName:String(60)
    BankNumber:String(15) SWIFTCode:String(11) BankControlKey:String(2) BankAccountHolderName:String(60)
    BankAccountName:String(40) ValidityStartDate:DateTimeOffset(0) ValidityEndDate:DateTimeOffset(0) IBAN:String(34)
    IBANValidityStartDate:DateTime(0) BankAccount:String(18) BankAccountReferenceText:String(20)
    CollectionAuthInd:Boolean CityName:String(35) AuthorizationGroup:String(4)""",
    padded=ALPHA,
)
IDENTIFICATION: Final = EntityType.read(
    "A_BuPaIdentificationType",
    "BusinessPartner BPIdentificationType BPIdentificationNumber",
    """BusinessPartner:String(10)! BPIdentificationType:String(6)! BPIdentificationNumber:String(60)!
    BPIdnNmbrIssuingInstitute:String(40) BPIdentificationEntryDate:DateTime(0) Country:String(3) Region:String(3)
    ValidityStartDate:DateTime(0) ValidityEndDate:DateTime(0) AuthorizationGroup:String(4)""",
    padded=ALPHA,
)
CUBE: Final = EntityType.read(
    "A_OperationalAcctgDocItemCubeType",
    "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem",
    """CompanyCode:String(4)! FiscalYear:String(4)! AccountingDocument:String(10)! AccountingDocumentItem:String(3)!
    CompanyCodeName:String(25) AccountingDocumentItemType:String(1) ClearingDate:DateTime(0)
    ClearingCreationDate:DateTime(0) ClearingAccountingDocument:String(10) IsCleared:Boolean PostingKey:String(2)
    FinancialAccountType:String(1) SpecialGLCode:String(1) DebitCreditCode:String(1) BusinessArea:String(4)
    AssignmentReference:String(18) DocumentItemText:String(50) BillingDocument:String(10) SalesDocument:String(10)
    GLAccount:String(10) Customer:String(10) CustomerName:String(80) Supplier:String(10)
    DueCalculationBaseDate:DateTime(0) PaymentTerms:String(4) CashDiscount1Days:Decimal(3,0)
    NetPaymentDays:Decimal(3,0) CashDiscount1Percent:Decimal(5,3) PaymentMethod:String(1)
    PaymentBlockingReason:String(1) InvoiceReference:String(10) InvoiceReferenceFiscalYear:String(4)
    InvoiceItemReference:String(3) DunningKey:String(1) DunningBlockingReason:String(1) LastDunningDate:DateTime(0)
    DunningLevel:String(1) DunningArea:String(2) PaymentDifferenceReason:String(3) ClearingIsReversed:Boolean
    IsNegativePosting:Boolean PaymentReference:String(30) ClearingItem:Decimal(5,0) CustomerIsInExecution:Boolean
    ClearingDocFiscalYear:String(4) OriginalReferenceDocument:String(20) FiscalPeriod:String(3)
    PostingDate:DateTime(0) DocumentDate:DateTime(0) AccountingDocumentType:String(2) NetDueDate:DateTime(0)
    CashDiscount1DueDate:DateTime(0) CompanyCodeCurrency:String(5) AmountInCompanyCodeCurrency:Decimal(24,3)
    CashDiscountAmtInCoCodeCrcy:Decimal(24,3) TransactionCurrency:String(5)
    AmountInTransactionCurrency:Decimal(24,3) TaxAmount:Decimal(24,3) CashDiscountBaseAmount:Decimal(24,3)
    CashDiscountAmount:Decimal(24,3) AccountingDocumentCreationDate:DateTime(0) CreationTime:Time(0)
    LastChangeDate:DateTime(0) AccountingDocCreatedByUser:String(12) DocumentReferenceID:String(16)
    ReverseDocument:String(10) ReverseDocumentFiscalYear:String(4) AccountingDocumentHeaderText:String(25)
    Ledger:String(2) LatePaymentReason:String(2) IsReversal:Boolean IsReversed:Boolean""",
    padded=ALPHA,
)
CREDIT_PARTNER: Final = EntityType.read(
    "CreditMgmtBusinessPartnerType",
    "BusinessPartner",
    """BusinessPartner:String(10)! CreditRiskClass:String(3) CreditWorthinessScoreValue:String(10)
    CrdtMgmtBusinessPartnerGroup:String(4) CreditCheckRule:String(10)""",
    Navigation("to_CreditMgmtAccountTP", "CreditManagementAccount", {"BusinessPartner": "BusinessPartner"}),
    padded=ALPHA,
)
CREDIT_ACCOUNT: Final = EntityType.read(
    "CreditManagementAccountType",
    "BusinessPartner CreditSegment",
    """BusinessPartner:String(10)! CreditSegment:String(10)! CreditLimitAmount:Decimal(15,3)
    CreditSegmentCurrency:String(5) CreditLimitValidityEndDate:DateTime(0) CreditLimitIsZero:Boolean
    CreditAccountIsBlocked:Boolean CreditAccountBlockReason:String(2) CreditAccountResubmissionDate:DateTime(0)
    BusinessPartnerIsCritical:Boolean CreditLimitCalculatedAmount:Decimal(15,3)
    CreditLimitRequestedAmount:Decimal(15,3) CrdtLmtIsReqdFrmAutomCalc:Boolean""",
    padded=ALPHA,
)
DISPUTE: Final = EntityType.read(
    "DisputeCaseType",
    "CaseUUID",
    """CaseUUID:Guid! CaseID:String(12) CompanyCode:String(4) FiscalYear:String(4) AccountingDocument:String(10)
    AccountingDocumentItem:String(3) Customer:String(10) DisputedAmount:Decimal(24,3) DisputeCaseCurrency:String(5)
    CaseReason:String(4) CaseStatus:String(2) CaseTitle:String(60) CaseNote:String ExternalReference:String(35)
    CreationDate:DateTime(0) LastChangeDate:DateTime(0)""",
    padded=ALPHA,
)
