"""The entity sets and fields that are read and written, with their kinds; tests compare them with F&O's metadata.

Enums are text on the wire, Yes and No among them. What is a date in F&O is an instant at midday there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from duehook.core.wire.odata import Entity

from .settings import Sets

NAMESPACE: Final = "Microsoft.Dynamics.DataEntities"
LEGAL_ENTITY: Final = Entity.of(
    "LegalEntities",
    "LegalEntityId",
    text="LegalEntityId Name VATNum RegistrationNumber AddressStreet AddressZipCode AddressCity "
    "AddressCountryRegionISOCode",
)
LEDGER: Final = Entity.of("Ledgers", "LegalEntityId", text="LegalEntityId AccountingCurrency")
TERM: Final = Entity.of(
    "PaymentTerms",
    "dataAreaId Name",
    text="dataAreaId Name Description PaymentMethodType",
    whole="NumberOfDays NumberOfMonths",
)
RATE: Final = Entity.of(
    "ExchangeRates",
    "RateTypeName FromCurrency ToCurrency StartDate",
    text="RateTypeName FromCurrency ToCurrency ConversionFactor",
    instant="StartDate",  # the first of January 1900 is a date here: valid from the beginning
    amount="Rate",
)
CUSTOMER: Final = Entity.of(
    "CustomersV3",
    "dataAreaId CustomerAccount",
    text="dataAreaId CustomerAccount PartyType OrganizationName PersonFirstName PersonLastName NameAlias KnownAs "
    "CustomerGroupId SalesCurrencyCode PaymentTerms LanguageId TaxExemptNumber InvoiceAccount AddressStreet "
    "AddressZipCode AddressCity AddressCountryRegionISOCode OnHoldStatus CreditLimitIsMandatory "
    "CredManCustUnlimitedCredit CredManAccountStatusId CredManCollectionGroupId CollectionLetterCode IsOneTimeCustomer",
    amount="CreditLimit",
)
CUSTOMER_KEY: Final = Entity.of("CustomersV3", "dataAreaId CustomerAccount", text="dataAreaId CustomerAccount")
HOLD: Final = Entity.of(
    "CustomersV3", "dataAreaId CustomerAccount", text="dataAreaId CustomerAccount OnHoldStatus CollectionLetterCode"
)
OWN_CONTACT: Final = Entity.of(
    "CustomersV3",
    "dataAreaId CustomerAccount",
    text="dataAreaId CustomerAccount PartyNumber PartyType OrganizationName PersonFirstName PersonLastName "
    "PrimaryContactEmail PrimaryContactPhone CollectionsContactPersonId",
)
PERSON: Final = Entity.of(
    "ContactPersons",
    "dataAreaId ContactPersonId",
    text="dataAreaId ContactPersonId AssociatedPartyNumber FirstName LastName PrimaryEmailAddress PrimaryPhoneNumber "
    "EmploymentJobTitle IsInactive",
    instant="LastEditDateTime",
)
ADDRESS: Final = Entity.of(
    "CustomerElectronicAddresses",
    "dataAreaId ElectronicAddressId CustomerAccount",
    text="dataAreaId ElectronicAddressId CustomerAccount Type Locator Purpose Description",
)
OPEN: Final = Entity.of(
    "CustTransOpens",
    "dataAreaId SysRecId",
    text="dataAreaId CollectionLetter CollectionLetterCode",
    whole="SysRecId RefRecId",
    amount="AmountCur AmountMST PossibleCashDisc",
    day="DueDate CashDiscDate TransDate",
)
OPEN_KEY: Final = Entity.of(
    "CustTransOpens",
    "dataAreaId SysRecId",
    text="dataAreaId",
    whole="SysRecId RefRecId",
    amount="AmountCur AmountMST",
    day="DueDate",
)
TRANSACTION: Final = Entity.of(
    "CustTransactions",
    "dataAreaId SysRecId",
    text="dataAreaId AccountNum OrderAccount Invoice Voucher TransType DocumentNum CurrencyCode LastSettleVoucher "
    "PaymTermId PaymMode PaymReference CancelledPayment Prepayment Txt CollectionLetterCode",
    whole="SysRecId",
    amount="AmountCur AmountMST SettleAmountCur SettleAmountMST",
    day="TransDate DueDate DocumentDate LastSettleDate",
)
CHANGED: Final = Entity.of(
    "CustTransBiEntities",
    "dataAreaId SourceKey",
    text=" ".join(field.name for field in TRANSACTION.fields if field.kind == "text"),
    whole="SourceKey",
    amount="AmountCur AmountMST SettleAmountCur SettleAmountMST",
    day="TransDate DueDate DocumentDate LastSettleDate",
    instant="SysModifiedDateTime",
)
SETTLEMENT: Final = Entity.of(
    "CustSettlements",
    "dataAreaId SysRecId",
    text="dataAreaId",
    whole="SysRecId TransRecId OffsetRecid",
    amount="SettleAmountCur SettleAmountMST",
    day="TransDate",
)
DISPUTE: Final = Entity.of(
    "CustDisputes",
    "dataAreaId SysRecId",
    text="dataAreaId Status ReasonCode ReasonComment",
    whole="SysRecId CustTrans",
    amount="AmountCur",
    day="FollowUpDate StatusChangedDate",
)
ATTACHMENT: Final = Entity.of(
    "CustomerAttachmentsV2",
    "dataAreaId DocumentId",
    text="dataAreaId DocumentId TypeId Name CustomerAccountNumber",
)
ALL: Final = (
    LEGAL_ENTITY, LEDGER, TERM, RATE, CUSTOMER, CUSTOMER_KEY, HOLD, OWN_CONTACT, PERSON, ADDRESS, OPEN, OPEN_KEY,
    TRANSACTION, CHANGED, SETTLEMENT, DISPUTE, ATTACHMENT,
)  # fmt: skip
# What is written: the values of a change or a new row, by set.
WRITTEN: Final = {
    "CustomersV3": ("OnHoldStatus",),
    "CustDisputes": ("dataAreaId", "CustTrans", "Status", "FollowUpDate", "ReasonCode", "ReasonComment", "AmountCur"),
    "CustomerAttachmentsV2": ("dataAreaId", "DocumentId", "TypeId", "Name", "Notes", "CustomerAccountNumber"),
}


def named(entity: Entity, name: str | None) -> Entity:
    """Return an entity under the name that a site publishes it by."""
    return entity if name in {None, entity.name} else replace(entity, name=name)


def transactions(sets: Sets) -> Entity:
    """Return where transactions are read from: with a change stamp where the settings name such a set."""
    if sets.changed_transactions:
        return named(CHANGED, sets.changed_transactions)
    return named(TRANSACTION, sets.transactions)


def enum(field: str, name: str, member: str, *, is_it: bool = True) -> str:
    """Return the condition that an enum's field is, or is not, a member; F&O compares enums in no other way."""
    return f"{field} {'eq' if is_it else 'ne'} {NAMESPACE}.{name}'{member}'"
