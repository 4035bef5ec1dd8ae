"""The ids and codes of the simulated account, and what they stand for in the book."""

from __future__ import annotations

from typing import Final

ACCOUNT: Final = "1234567_SB1"
SUBSIDIARIES: Final = {"00001": 1, "00010": 2, "00020": 3, "00030": 4}
CURRENCIES: Final = {  # id, name, sign
    "USD": (1, "US Dollar", "$"), "GBP": (2, "British pound", "£"), "EUR": (4, "Euro", "€"),
    "JPY": (5, "Japanese Yen", "¥"), "KWD": (6, "Kuwaiti Dinar", "د.ك"),
}  # fmt: skip
BASE_CURRENCY: Final = "USD"  # the root subsidiary's
TERMS: Final = {"N14": 1, "N30": 2, "D30": 3, "N45": 4, "N60": 5, "N90": 6, "S3": 7}
ROLES: Final = {"Accounts payable": 1, "Dunning desk": 2, "Purchasing": 3, "Statements": 4, "Legal counsel": 5}
PRIMARY_BOOK: Final = 1
LOCAL_BOOK: Final = 2  # a second accounting book: one subsidiary also keeps its country's
LOCAL_BOOK_OF: Final = "00010"
RECEIVABLE, DEPOSITS, BANK, SALES, EXPENSE = 121, 240, 112, 54, 61
ACCOUNTS: Final = {  # id: number, type, name
    RECEIVABLE: ("1100", "AcctRec", "Accounts Receivable"),
    DEPOSITS: ("2150", "OthCurrLiab", "Customer Deposits"),
    BANK: ("1000", "Bank", "Checking"),
    SALES: ("4000", "Income", "Sales"),
    EXPENSE: ("6200", "Expense", "Discounts and deductions"),
}
CLASS_FIELD: Final = (
    "custbody_due_class"  # the account's own body field: how an invoice is to be paid, where not as usual
)
LEVEL_FIELD, DUNNED_FIELD = "custbody_due_dunning_level", "custbody_due_dunned_on"  # its own letters': level and day
CLASSES: Final = {
    "direct_debit": "DD", "draft": "BE", "down_payment": "DP", "retainage": "RT", "intercompany": "IC",
    "chargeback": "CB",
}  # fmt: skip
STATUSES: Final = {  # customer statuses of the account's own making, beside NetSuite's "Closed Won"
    "active": (13, "Closed Won"), "legal": (101, "In court"), "insolvent": (102, "Insolvent"),
    "deceased": (103, "Deceased"), "intercompany": (104, "Intercompany"), "one_time": (105, "One-time"),
    "do_not_contact": (106, "Do not contact"),
}  # fmt: skip
INVOICE, CREDIT, PAYMENT, DEPOSIT, JOURNAL = "CustInvc", "CustCred", "CustPymt", "CustDep", "Journal"
REFUND: Final = "CustRfnd"
STATUS_TEXTS: Final = {
    (INVOICE, "A"): "Invoice : Open", (INVOICE, "B"): "Invoice : Paid In Full", (INVOICE, "V"): "Invoice : Voided",
    (CREDIT, "A"): "Credit Memo : Open", (CREDIT, "B"): "Credit Memo : Fully Applied",
    (CREDIT, "V"): "Credit Memo : Voided", (PAYMENT, "B"): "Payment : Not Deposited",
    (PAYMENT, "C"): "Payment : Deposited", (PAYMENT, "V"): "Payment : Voided",
    (DEPOSIT, "A"): "Customer Deposit : Not Deposited", (DEPOSIT, "B"): "Customer Deposit : Deposited",
    (JOURNAL, "B"): "Journal : Approved for Posting",
}  # fmt: skip
TYPE_TEXTS: Final = {
    INVOICE: "Invoice", CREDIT: "Credit Memo", PAYMENT: "Payment", DEPOSIT: "Customer Deposit", JOURNAL: "Journal",
    REFUND: "Customer Refund", "SalesOrd": "Sales Order", "CashSale": "Cash Sale", "VendBill": "Bill",
}  # fmt: skip
RECORD_OF: Final = {  # the record API's name of a type of transaction
    INVOICE: "invoice", CREDIT: "creditmemo", PAYMENT: "customerpayment", DEPOSIT: "customerdeposit",
    JOURNAL: "journalentry", REFUND: "customerrefund",
}  # fmt: skip


def hold_value(code: str | None) -> str:
    """Return creditHoldOverride for a hold of the book: NetSuite's own words as they are, any other is ON."""
    if code is None:
        return "AUTO"
    return code if code in ("AUTO", "ON", "OFF") else "ON"
