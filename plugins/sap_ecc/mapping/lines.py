"""Rows of BSID and BSAD as the lines that SAP's connectors share, under the names that SAP's services give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.wire.odata.dialect import Unreadable
from duehook.plugins.sap_ecc.client.tables import Columns, Rows
from duehook.plugins.sap_ecc.site import EccSite

from .values import amount, bare, day, number, whole

Line = dict[str, Any]
Values = dict[str, list[Any]]  # of a field, line by line
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
_NO_YEAR: Final = frozenset({"", "0000"})


@dataclass(frozen=True)
class LineMapping:
    """Makes lines of the rows of one question, column by column; what was not read is left out."""

    site: EccSite

    def lines(self, rows: Rows, *, cleared: bool) -> list[Line]:
        """Return the rows as lines; what cannot be read of one says so when it is asked for."""
        read = rows.columns()
        made = _plain(read) | _clearing(read, cleared=cleared) | self._amounts(read)
        made |= _terms(read, made["DocumentDate"])
        return [dict(zip(made, values, strict=True)) for values in zip(*made.values(), strict=True)]

    def _amounts(self, read: Columns) -> Values:
        decimals, currencies = self.site.decimals, read["WAERS"]
        companys = _each(self._currency, read["BUKRS"])
        made: Values = {"CompanyCodeCurrency": [None if isinstance(each, Unreadable) else each for each in companys]}
        for name, column in _OWN.items():
            if column in read:
                pairs = zip(read[column], currencies, strict=True)
                made[name] = [amount(column, text, currency, decimals) for text, currency in pairs]
        for name, column in _COMPANYS.items():
            if column in read:
                told = zip(read[column], companys, strict=True)
                made[name] = [
                    each if isinstance(each, Unreadable) else amount(column, text, each, decimals)
                    for text, each in told
                ]
        return made

    def _currency(self, company: str) -> str | Unreadable:
        try:
            return self.site.currency_of(company)
        except BadRecord:
            return Unreadable("T001.WAERS", f"nothing for company code {company}")


def _plain(read: Columns) -> Values:
    made: Values = {name: [text or None for text in read[column]] for name, column in _TEXTS.items() if column in read}
    made |= {name: _each(partial(day, column), read[column]) for name, column in _DAYS.items() if column in read}
    made["InvoiceReferenceFiscalYear"] = _each(_year, read["REBZJ"])
    made["InvoiceItemReference"] = read["REBZZ"]
    made["Customer"] = _each(lambda key: bare(key) or None, read["KUNNR"])
    return made


def _clearing(read: Columns, *, cleared: bool) -> Values:
    """Say what cleared lines; where the year of that document is not told, the day's year is taken."""
    count = len(read["BUKRS"])
    if not cleared:
        nothing = [None] * count
        return {"IsCleared": [False] * count, "ClearingAccountingDocument": nothing, "ClearingDocFiscalYear": nothing}
    by_day = [text[:4] or None for text in read["AUGDT"]]
    years = _each(_year, read["AUGGJ"]) if "AUGGJ" in read else by_day
    return {
        "IsCleared": [True] * count,
        "ClearingAccountingDocument": [text or None for text in read["AUGBL"]],
        "ClearingDocFiscalYear": [year or other for year, other in zip(years, by_day, strict=True)],
    }


def _terms(read: Columns, written: Sequence[Any]) -> Values:
    """Say when lines are due: a base day, or the document's, and the last of three terms that is one.

    A credit is due at once.
    """
    based = _each(partial(day, "ZFBDT"), read["ZFBDT"])
    bases = [other if base is None else base for base, other in zip(based, written, strict=True)]
    first, second, third = (_each(whole, read[name]) for name in ("ZBD1T", "ZBD2T", "ZBD3T"))
    credits = [side == "H" for side in read["SHKZG"]]
    net = [0 if credit else _last(days) for credit, *days in zip(credits, third, second, first, strict=True)]
    made = {"NetDueDate": list(map(_after, bases, net))}
    if "ZBD1P" in read:
        percents = _each(partial(number, "ZBD1P"), read["ZBD1P"])
        granted = [bool(percent) and not credit for percent, credit in zip(percents, credits, strict=True)]
        told = zip(granted, bases, first, strict=True)
        made["CashDiscount1DueDate"] = [_after(base, days) if given else None for given, base, days in told]
    return made


def _each(read: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    """Read a column, each of its values once: most repeat."""
    known = {text: read(text) for text in set(texts)}
    return [known[text] for text in texts]


def _year(text: str) -> str | None:
    return None if text in _NO_YEAR else text


def _last(days: Iterable[int]) -> int:
    return next((count for count in days if count > 0), 0)


def _after(base: Any, days: int) -> Any:
    return base + timedelta(days=days) if isinstance(base, date) else base


def due_as(line: Mapping[str, Any], invoice: Mapping[str, Any]) -> Line:
    """Return a credit line that refers to an invoice, due with it."""
    return {**line, "NetDueDate": invoice.get("NetDueDate")}
