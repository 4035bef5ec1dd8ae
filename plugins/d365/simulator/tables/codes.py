"""The enums of F&O that the simulated site uses, and what its codes stand for in the book."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "Microsoft.Dynamics.DataEntities"
NO_DATE: Final = "1900-01-01"  # what F&O writes where there is no date

NO_YES: Final = ("No", "Yes")
BLOCKED: Final = ("No", "Invoice", "All", "Payment", "Requisition", "Never", "PurchOrder")
COLLECTION_LETTER: Final = (
    "None", "CollectionLetter1", "CollectionLetter2", "CollectionLetter3", "CollectionLetter4",
    "Collection", "All", "CollectionPerCust",
)  # fmt: skip
DISPUTE_STATUS: Final = ("None", "Disputed", "PromiseToPay", "Resolved", "PromiseToPayBroken", "PromiseToPayKept")
TRANS_TYPE: Final = (
    "None", "Sales", "Interest", "Cust", "ExchAdjustment", "CollectionLetter", "Payment", "Settlement", "CashDisc",
    "WriteOff",
)  # fmt: skip
ADDRESS_METHOD: Final = ("None", "Phone", "Email", "URL", "Telex", "Fax", "Facebook", "Twitter", "LinkedIn")
NET_CURRENT: Final = ("Net", "CurrentMth", "CurrentQuart", "CurrentYear", "CurrentWeek", "COD", "CutOffDate")
RATE_FACTOR: Final = ("One", "Ten", "Hundred", "Thousand", "TenThousand")
TIME_ZONES: Final = {
    "America/New_York": "GMTMINUS0500EASTERNTIME",
    "Europe/Berlin": "GMTPLUS0100_AMSTERDAM_BERLIN_BERN_ROME",
    "Asia/Tokyo": "GMTPLUS0900OSAKA_SAPPORO_TOKYO",
    "Asia/Kuwait": "GMTPLUS0300KUWAIT_RIYADH",
}
ENUMS: Final[dict[str, tuple[str, ...]]] = {
    "NoYes": NO_YES,
    "CustVendorBlocked": BLOCKED,
    "CustCollectionLetterCode": COLLECTION_LETTER,
    "CustVendDisputeStatus": DISPUTE_STATUS,
    "LedgerTransType": TRANS_TYPE,
    "LogisticsElectronicAddressMethodType": ADDRESS_METHOD,
    "NetCurrent": NET_CURRENT,
    "ExchangeRateDisplayFactor": RATE_FACTOR,
    "Timezone": tuple(TIME_ZONES.values()),
}

# F&O's companies have four letters at most, written small.
AREAS: Final = {"00001": "usmf", "00010": "demf", "00020": "jpmf", "00030": "kwmf"}

# What this site's people put into fields that F&O leaves to them.
MODES: Final = {  # CustTransactions.PaymMode by item class
    "direct_debit": "DIRDEB",
    "draft": "BOE",
    "intercompany": "INTERCO",
    "chargeback": "CHRGBK",
}
TRANSFER: Final = "TRANSF"
STATES: Final = {  # CustomersV3.CredManAccountStatusId by customer state
    "legal": "LEGAL",
    "insolvent": "INSOLV",
    "deceased": "DECEASED",
    "intercompany": "INTERCO",
    "do_not_contact": "NOCONT",
}
HOLDS: Final = {"C2": "Invoice", "H9": "All"}  # CustomersV3.OnHoldStatus by the book's codes
TITLES: Final = {  # purposes of ContactPersons.EmploymentJobTitle
    "Accounts payable": "accounts_payable",
    "Dunning desk": "dunning",
    "Purchasing": "sales",
    "Legal counsel": "legal",
}
PURPOSES: Final = {"Statement": "statement"}  # purposes of CustomerElectronicAddresses.Purpose
STANDARD_GROUP: Final = "STD"  # every customer has a group in F&O
LANGUAGES: Final = {"en": "en-us", "de": "de"}
COUNTRIES: Final = {
    "US": "USA", "DE": "DEU", "AT": "AUT", "JP": "JPN", "KW": "KWT", "GB": "GBR", "FR": "FRA", "NL": "NLD",
}  # fmt: skip


def data_area(company: str) -> str:
    """Return dataAreaId for a company of the book; one that is dataAreaId already as it is."""
    return AREAS.get(company, company)


def book_company(area: str) -> str:
    """Return the book's code for dataAreaId."""
    return next((company for company, known in AREAS.items() if known == area), area)


def letter_code(level: int | None) -> str:
    """Return the collection letter that a level is, None for no level."""
    return COLLECTION_LETTER[min(level or 0, 5)]


def hold_value(code: str | None) -> str:
    """Return OnHoldStatus for a hold of the book: its own codes translated, F&O's words as they are."""
    return HOLDS.get(code or "No", code or "No")
