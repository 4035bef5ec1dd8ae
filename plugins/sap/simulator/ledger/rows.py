"""What the cube shows of a line, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book_simulator import DATE
from duehook.core.testing.sap_ledger.codes import SALES_INVOICE, SPECIAL_GL
from duehook.core.testing.sap_ledger.kept import posting_day
from duehook.core.testing.sap_ledger.lines import Line, type_of
from duehook.plugins.sap.simulator.codes import METHODS

if TYPE_CHECKING:
    from .cube import Cube

GL_LINE: Final = "990"
_REVENUE: Final = "0041000000"
INITIAL: Final = date.min  # how half of the documents give a date that is none: as ABAP's 00000000 comes over
_INITIAL: Final = frozenset({
    "NetDueDate", "CashDiscount1DueDate", "ClearingDate", "ClearingCreationDate", "LastDunningDate", "LastChangeDate",
})  # fmt: skip
AMOUNT, SIDE = "amount", "side"  # flaws beside a date that is none


class Garbled:
    """An amount that is no number."""

    def __format__(self, shape: str) -> str:
        return "1.0e"


class CubeRow:
    """One row of the cube; a field is worked out when it is asked for."""

    __slots__ = ("cube", "is_ledger", "line")

    def __init__(self, cube: Cube, line: Line, *, is_ledger: bool = False) -> None:
        """Show a customer line, or the G/L line opposite to it."""
        self.cube, self.line, self.is_ledger = cube, line, is_ledger

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a field's value."""
        if self.is_ledger and name in _LEDGER:
            return _LEDGER[name](self.line)
        getter = _CUSTOMER.get(name)
        found = default if getter is None else getter(self)
        if found is None and name in _INITIAL and int(self.line.key[2]) % 2 == 0:
            return INITIAL
        return default if found is None else found


def _name(row: CubeRow) -> str:
    customer = row.line.book.customers.get(row.line.item.customer)
    return customer.name if customer else ""


def _amount(minor: int, currency: str) -> Decimal:
    return to_amount(minor, currency)


def _posted_amount(row: CubeRow) -> Decimal | Garbled:
    line = row.line
    return Garbled() if row.cube.flaw(line) == AMOUNT else _amount(line.minor, line.item.currency)


def _terms(row: CubeRow, name: str) -> Any:
    item = row.line.item
    if row.line.payment is not None:
        return None
    return getattr(row.line.book.terms[item.terms], name)


def _days(value: int | None) -> Decimal:
    return Decimal(value or 0)


def _own(name: str) -> Callable[[CubeRow], Any]:
    """Return what takes a field of the item, on its own line alone."""
    return lambda row: None if row.line.payment else getattr(row.line.item, name)


def _text(name: str) -> Callable[[CubeRow], Any]:
    return lambda row: None if row.line.payment else str(getattr(row.line.item, name) or "")


def _side(row: CubeRow) -> str:
    if row.cube.flaw(row.line) == SIDE:
        return ""
    return "S" if row.line.is_debit else "H"


def _posting_key(row: CubeRow) -> str:
    line = row.line
    if line.payment is not None:
        return "05" if line.is_debit else "15"
    if line.item.item_class in SPECIAL_GL:
        return "09" if line.is_debit else "19"
    return "01" if line.is_debit else "11"


def _document_date(row: CubeRow) -> date | None:
    line = row.line
    if row.cube.flaw(line) == DATE:
        return None
    return line.payment.received_on if line.payment else line.item.document_on


def _posted_on(row: CubeRow) -> date | None:
    line = row.line
    if line.payment is None:
        return line.item.posted_on
    return None if row.cube.flaw(line) == DATE else line.payment.received_on


def _class_code(row: CubeRow) -> str:
    return "" if row.line.payment else SPECIAL_GL.get(row.line.item.item_class, "")


_CUSTOMER: Final[Mapping[str, Callable[[CubeRow], Any]]] = {
    "CompanyCode": lambda row: row.line.key[0],
    "FiscalYear": lambda row: row.line.key[1],
    "AccountingDocument": lambda row: row.line.key[2],
    "AccountingDocumentItem": lambda row: GL_LINE if row.is_ledger else row.line.key[3],
    "CompanyCodeName": lambda row: row.line.book.companies[row.line.item.company].name[:25],
    "AccountingDocumentItemType": lambda row: "",
    "FinancialAccountType": lambda row: "D",
    "AccountingDocumentType": lambda row: type_of(row.line),
    "SpecialGLCode": _class_code,
    "PostingKey": _posting_key,
    "DebitCreditCode": _side,
    "BusinessArea": _text("business_unit"),
    "Customer": lambda row: row.line.item.customer,
    "CustomerName": _name,
    "TransactionCurrency": lambda row: row.line.item.currency,
    "AmountInTransactionCurrency": _posted_amount,
    "CompanyCodeCurrency": lambda row: row.line.item.company_currency,
    "AmountInCompanyCodeCurrency": lambda row: _amount(row.line.company_minor, row.line.item.company_currency),
    "CashDiscountAmount": lambda row: _amount(row.line.discount_minor, row.line.item.currency),
    "CashDiscountAmtInCoCodeCrcy": lambda row: _amount(row.line.company_discount_minor, row.line.item.company_currency),
    "TaxAmount": lambda row: None if row.line.payment else _amount(row.line.item.tax_minor, row.line.item.currency),
    "DocumentDate": _document_date,
    "PostingDate": _posted_on,
    "NetDueDate": lambda row: row.line.payment.received_on if row.line.payment else row.line.item.due_on,
    "DueCalculationBaseDate": lambda row: _document_date(row),
    "CashDiscount1DueDate": _own("discount_on"),
    "AccountingDocumentCreationDate": lambda row: row.cube.created_on(row.line),
    "LastChangeDate": lambda row: row.cube.header_changed_on(row.line),
    "PaymentTerms": _own("terms"),
    "NetPaymentDays": lambda row: _days(_terms(row, "net_days")),
    "CashDiscount1Days": lambda row: _days(_terms(row, "discount_days")),
    "CashDiscount1Percent": lambda row: _terms(row, "discount_percent") or Decimal(0),
    "PaymentMethod": lambda row: "" if row.line.payment else METHODS.get(row.line.item.payment_method, ""),
    "IsCleared": lambda row: row.line.cleared is not None,
    "ClearingDate": lambda row: row.line.cleared and row.line.cleared.on,
    "ClearingCreationDate": lambda row: row.line.cleared and row.line.cleared.on,
    "ClearingAccountingDocument": lambda row: row.line.cleared and row.line.cleared.document,
    "ClearingDocFiscalYear": lambda row: row.line.cleared and row.line.cleared.year,
    "ClearingIsReversed": lambda row: row.line.cleared is None and row.line.reset_on is not None,
    "InvoiceReference": lambda row: row.cube.reference(row.line)[0],
    "InvoiceReferenceFiscalYear": lambda row: row.cube.reference(row.line)[1],
    "InvoiceItemReference": lambda row: row.cube.reference(row.line)[2],
    "DunningBlockingReason": lambda row: row.cube.block(row.line),
    "DunningLevel": lambda row: "0" if row.line.payment else str(row.line.item.dunning_level or 0),
    "LastDunningDate": _own("last_dunned_on"),
    "PaymentDifferenceReason": lambda row: row.line.reason,
    "DocumentReferenceID": lambda row: (row.line.payment or row.line.item).reference[:16],
    "AssignmentReference": _text("purchase_order"),
    "DocumentItemText": _text("text"),
    "SalesDocument": _text("sales_order"),
    "BillingDocument": lambda row: row.line.key[2] if type_of(row.line) == SALES_INVOICE else "",
    "OriginalReferenceDocument": lambda row: f"{row.line.key[2]}{row.line.key[0]}{row.line.key[1]}",
    "FiscalPeriod": lambda row: f"{posting_day(row.line).month:03d}",
    "AccountingDocCreatedByUser": lambda row: "SIMUSER",
    "IsReversal": lambda row: bool(row.line.payment and row.line.payment.reversal_of),
    "IsReversed": lambda row: bool(row.line.payment and row.line.payment.reversed_on),
    "ReverseDocument": lambda row: row.cube.reversal(row.line)[1],
    "ReverseDocumentFiscalYear": lambda row: row.cube.reversal(row.line)[0],
    "Ledger": lambda row: "0L",
}
_LEDGER: Final[Mapping[str, Callable[[Line], Any]]] = {
    "FinancialAccountType": lambda line: "S",
    "Customer": lambda line: "",
    "CustomerName": lambda line: "",
    "GLAccount": lambda line: _REVENUE,
    "PostingKey": lambda line: "50" if line.is_debit else "40",
    "DebitCreditCode": lambda line: "H" if line.is_debit else "S",
    "AmountInTransactionCurrency": lambda line: _amount(-line.minor, line.item.currency),
    "AmountInCompanyCodeCurrency": lambda line: _amount(-line.company_minor, line.item.company_currency),
    "IsCleared": lambda line: False,
    "ClearingDate": lambda line: None,
    "ClearingCreationDate": lambda line: None,
    "ClearingAccountingDocument": lambda line: "",
    "ClearingDocFiscalYear": lambda line: "",
    "NetDueDate": lambda line: None,
    "DunningLevel": lambda line: "0",
    "DunningBlockingReason": lambda line: "",
}
