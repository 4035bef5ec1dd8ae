"""Rows of BSID and BSAD as the lines that SAP's connectors share, under the names that SAP's services give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.wire.odata.dialect import Unreadable
from duehook.plugins.sap_ecc.client.tables import Row
from duehook.plugins.sap_ecc.site import EccSite

from .values import amount, bare, day, number, whole

Line = dict[str, Any]
_TEXTS: Final = {
    "CompanyCode": "BUKRS", "FiscalYear": "GJAHR", "AccountingDocument": "BELNR", "AccountingDocumentItem": "BUZEI",
    "DebitCreditCode": "SHKZG", "AccountingDocumentType": "BLART", "SpecialGLCode": "UMSKZ",
    "TransactionCurrency": "WAERS", "InvoiceReference": "REBZG", "PaymentMethod": "ZLSCH", "PaymentTerms": "ZTERM",
    "DocumentReferenceID": "XBLNR", "SalesDocument": "VBELN", "DocumentItemText": "SGTXT", "DunningLevel": "MANST",
    "DunningBlockingReason": "MANSP", "PaymentDifferenceReason": "RSTGR",
}  # fmt: skip
_DAYS: Final = {
    "DocumentDate": "BLDAT", "PostingDate": "BUDAT", "ClearingDate": "AUGDT", "LastDunningDate": "MADAT",
    "AccountingDocumentCreationDate": "CPUDT",
}  # fmt: skip
_OWN: Final = {"AmountInTransactionCurrency": "WRBTR", "CashDiscountAmount": "WSKTO"}
_COMPANYS: Final = {"AmountInCompanyCodeCurrency": "DMBTR", "CashDiscountAmtInCoCodeCrcy": "SKNTO"}
_YEARS: Final = {"InvoiceReferenceFiscalYear": "REBZJ", "ClearingDocFiscalYear": "AUGGJ"}
_NO_YEAR: Final = frozenset({"", "0000"})


Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Known:
    """The fields of a line whose columns were read."""

    texts: Fields
    days: Fields
    own: Fields
    companys: Fields


@dataclass
class LineMapping:
    """Makes lines of the rows of one question, which have the same columns; what was not read is left out."""

    site: EccSite
    _told: Known | None = None

    def _known(self, row: Row) -> Known:
        if self._told is None:
            told = (_TEXTS, _DAYS, _OWN, _COMPANYS)
            self._told = Known(*(tuple(pair for pair in each.items() if pair[1] in row) for each in told))
        return self._told

    def line(self, row: Row, *, cleared: bool) -> Line:
        """Return a line; what cannot be read of it says so when it is asked for."""
        known = self._known(row)
        made: Line = {name: row[column] or None for name, column in known.texts}
        for name, column in known.days:
            made[name] = day(column, row[column])
        made["Customer"] = bare(row["KUNNR"]) if row.get("KUNNR") else None
        made["IsCleared"] = cleared
        made["ClearingAccountingDocument"] = (row.get("AUGBL") or None) if cleared else None
        for name, column in _YEARS.items():
            made[name] = None if row.get(column, "") in _NO_YEAR else row[column]
        made["InvoiceItemReference"] = row.get("REBZZ")
        if cleared and made["ClearingDocFiscalYear"] is None:
            made["ClearingDocFiscalYear"] = row.get("AUGDT", "")[:4] or None
        self._amounts(row, made)
        self._terms(row, made)
        return made

    def _amounts(self, row: Row, made: Line) -> None:
        decimals, currency, known = self.site.decimals, row["WAERS"], self._known(row)
        for name, each in known.own:
            made[name] = amount(each, row[each], currency, decimals)
        try:
            company = self.site.currency_of(row["BUKRS"])
        except BadRecord:
            told = Unreadable("T001.WAERS", f"nothing for company code {row['BUKRS']}")
            made |= {"CompanyCodeCurrency": None, **dict.fromkeys(_COMPANYS, told)}
            return
        made["CompanyCodeCurrency"] = company
        for name, each in known.companys:
            made[name] = amount(each, row[each], company, decimals)

    def _terms(self, row: Row, made: Line) -> None:
        """Say when a line is due: a base day and the last of three terms that is one."""
        base = day("ZFBDT", row["ZFBDT"])
        base = made["DocumentDate"] if base is None else base
        days = next((count for name in ("ZBD3T", "ZBD2T", "ZBD1T") if (count := whole(row[name])) > 0), 0)
        credit = row["SHKZG"] == "H"
        made["NetDueDate"] = _after(base, 0 if credit else days)
        percent = number("ZBD1P", row.get("ZBD1P", ""))
        made["CashDiscount1DueDate"] = _after(base, whole(row["ZBD1T"])) if percent and not credit else None


def _after(base: Any, days: int) -> Any:
    return base + timedelta(days=days) if isinstance(base, date) else base


def due_as(line: Mapping[str, Any], invoice: Mapping[str, Any]) -> Line:
    """Return a credit line that refers to an invoice, due with it."""
    return {**line, "NetDueDate": invoice.get("NetDueDate")}
