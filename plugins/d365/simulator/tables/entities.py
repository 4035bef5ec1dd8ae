"""The entity types that the simulated site offers under /data, with the field names of F&O's own metadata."""

from __future__ import annotations

from typing import Final

from duehook.core.testing.odata import EntityType, Navigation

from .codes import NAMESPACE


def _type(name: str, key: str, text: str, *navigations: Navigation) -> EntityType:
    return EntityType.read(name, key, text.replace("enum.", f"{NAMESPACE}."), *navigations)


LEGAL_ENTITY: Final = _type(
    "LegalEntity",
    "LegalEntityId",
    "LegalEntityId:String! Name:String CompanyName:String NameAlias:String PartyNumber:String LanguageId:String "
    "VATNum:String RegistrationNumber:String AddressStreet:String AddressZipCode:String AddressCity:String "
    "AddressCountryRegionId:String AddressCountryRegionISOCode:String TimeZone:enum.Timezone",
)
LEDGER: Final = _type(
    "Ledger",
    "LegalEntityId",
    "LegalEntityId:String! Name:String AccountingCurrency:String ReportingCurrency:String ExchangeRateType:String",
)
CUSTOMER: Final = _type(
    "CustomerV3",
    "dataAreaId CustomerAccount",
    "dataAreaId:String! CustomerAccount:String! PartyNumber:String PartyType:String OrganizationName:String "
    "PersonFirstName:String PersonLastName:String NameAlias:String KnownAs:String CustomerGroupId:String "
    "SalesCurrencyCode:String PaymentTerms:String PaymentMethod:String LanguageId:String TaxExemptNumber:String "
    "InvoiceAccount:String PrimaryContactEmail:String PrimaryContactPhone:String AddressStreet:String "
    "AddressZipCode:String AddressCity:String AddressCountryRegionId:String AddressCountryRegionISOCode:String "
    "FullPrimaryAddress:String OnHoldStatus:enum.CustVendorBlocked CreditLimit:Decimal! "
    "CreditLimitIsMandatory:enum.NoYes CredManCustUnlimitedCredit:enum.NoYes CredManExclude:enum.NoYes "
    "CredManAccountStatusId:String CredManStatusReasonId:String CredManGroupId:String "
    "CredManCollectionGroupId:String CredManNotes:String CredManCreditLimitExpiryDate:DateTimeOffset! "
    "EmployeeResponsibleNumber:String CollectionLetterCode:enum.CustCollectionLetterCode "
    "IsExcludedFromCollectionFeeCalculation:enum.NoYes IsExcludedFromInterestChargeCalculation:enum.NoYes "
    "CollectionsContactPersonId:String IsOneTimeCustomer:enum.NoYes",
)
CONTACT_PERSON: Final = _type(
    "ContactPerson",
    "dataAreaId ContactPersonId",
    "dataAreaId:String! ContactPersonId:String! AssociatedPartyNumber:String ContactPersonName:String "
    "FirstName:String LastName:String PrimaryEmailAddress:String PrimaryPhoneNumber:String "
    "EmploymentJobTitle:String IsDefaultContactPerson:enum.NoYes IsInactive:enum.NoYes "
    "LastEditDateTime:DateTimeOffset!",
)
ELECTRONIC_ADDRESS: Final = _type(
    "CustomerElectronicAddress",
    "dataAreaId ElectronicAddressId CustomerAccount",
    "dataAreaId:String! ElectronicAddressId:String! CustomerAccount:String! "
    "Type:enum.LogisticsElectronicAddressMethodType Locator:String LocatorExtension:String Purpose:String "
    "Description:String IsPrimary:enum.NoYes IsMobilePhone:enum.NoYes IsInstantMessage:enum.NoYes "
    "IsPrivate:enum.NoYes LocationId:String CountryRegionCode:String",
)
PAYMENT_TERM: Final = _type(
    "PaymentTerm",
    "dataAreaId Name",
    "dataAreaId:String! Name:String! Description:String NumberOfDays:Int32! NumberOfMonths:Int32! "
    "CutoffDayOfMonth:Int32! AdditionalMonthsForCutoffDate:Int32! PaymentMethodType:enum.NetCurrent "
    "PaymentScheduleName:String IsCashPayment:enum.NoYes IsDefaultPaymentTerm:enum.NoYes",
)
EXCHANGE_RATE: Final = _type(
    "ExchangeRate",
    "RateTypeName FromCurrency ToCurrency StartDate",
    "RateTypeName:String! FromCurrency:String! ToCurrency:String! StartDate:DateTimeOffset! EndDate:DateTimeOffset! "
    "Rate:Decimal! ConversionFactor:enum.ExchangeRateDisplayFactor RateTypeDescription:String",
)
OPEN: Final = _type(
    "CustTransOpen",
    "dataAreaId SysRecId",
    "dataAreaId:String! SysRecId:Int64! AccountNum:String AmountCur:Decimal! AmountMST:Decimal! "
    "DueDate:DateTimeOffset! TransDate:DateTimeOffset! RefRecId:Int64! CollectionLetter:enum.NoYes "
    "CollectionLetterCode:enum.CustCollectionLetterCode CashDiscDate:DateTimeOffset! PossibleCashDisc:Decimal! "
    "LastInterestDate:DateTimeOffset!",
    Navigation("CustTransaction", "CustTransactions", {"dataAreaId": "dataAreaId", "RefRecId": "SysRecId"}, many=False),
)
_TRANSACTION: Final = (
    "AccountNum:String OrderAccount:String Invoice:String Voucher:String TransType:enum.LedgerTransType "
    "TransDate:DateTimeOffset! DueDate:DateTimeOffset! DocumentDate:DateTimeOffset! DocumentNum:String "
    "CurrencyCode:String AmountCur:Decimal! AmountMST:Decimal! SettleAmountCur:Decimal! SettleAmountMST:Decimal! "
    "ExchRate:Decimal! Closed:DateTimeOffset! LastSettleDate:DateTimeOffset! LastSettleVoucher:String "
    "PaymTermId:String PaymMode:String PaymReference:String PaymId:String CancelledPayment:enum.NoYes "
    "Prepayment:enum.NoYes Txt:String CollectionLetterCode:enum.CustCollectionLetterCode"
)
TRANSACTION: Final = _type(
    "CustTransaction",
    "dataAreaId SysRecId",
    f"dataAreaId:String! SysRecId:Int64! {_TRANSACTION}",
    Navigation("custTransOpen", "CustTransOpens", {"dataAreaId": "dataAreaId", "SysRecId": "RefRecId"}),
    Navigation("CustDispute", "CustDisputes", {"dataAreaId": "dataAreaId", "SysRecId": "CustTrans"}, many=False),
)
CHANGED: Final = _type(
    "CustTransBiEntity",
    "dataAreaId SourceKey",
    f"dataAreaId:String! SourceKey:Int64! {_TRANSACTION} SysModifiedDateTime:DateTimeOffset! "
    "CreatedOn:DateTimeOffset! SysRecVersion:Int64!",
)
SETTLEMENT: Final = _type(
    "CustSettlement",
    "dataAreaId SysRecId",
    "dataAreaId:String! SysRecId:Int64! TransRecId:Int64! OffsetRecid:Int64! AccountNum:String "
    "TransDate:DateTimeOffset! DueDate:DateTimeOffset! SettleAmountCur:Decimal! SettleAmountMST:Decimal! "
    "ExchAdjustment:Decimal! OffsetTransVoucher:String SettlementVoucher:String CanBeReversed:enum.NoYes",
)
DISPUTE: Final = _type(
    "CustDispute",
    "dataAreaId SysRecId",
    "dataAreaId:String! SysRecId:Int64! SysDataAreaId:String CustTrans:Int64! Status:enum.CustVendDisputeStatus "
    "StatusChangedDate:DateTimeOffset! FollowUpDate:DateTimeOffset! ReasonTableRef:Int64! ReasonCode:String "
    "ReasonComment:String Note:String AmountCur:Decimal! TransactionCurrency:String TransactionBalance:Decimal! "
    "IsAutomaticUpdate:enum.NoYes LastPayment:Decimal!",
)
ATTACHMENT: Final = _type(
    "CustomerAttachmentV2",
    "dataAreaId DocumentId",
    "dataAreaId:String! DocumentId:Guid! TypeId:String Name:String Notes:String Restriction:String "
    "FileName:String FileType:String DefaultAttachment:enum.NoYes CustomerAccountNumber:String",
)
CLIENT: Final = _type("SysAADClient", "AADClientId", "AADClientId:String! Name:String UserId:String")
