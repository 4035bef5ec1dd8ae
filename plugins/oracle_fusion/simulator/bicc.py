"""BICC extracts of the payment schedules: zips of CSV in a folder, and a manifest when an extract is whole."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from .site.codes import CURRENCIES, ORG_IDS, UNITS, account_id, amount
from .site.documents import INSTALLMENTS, MEMO_INSTALLMENTS
from .site.ledger import Ledger
from .site.receipts import accounted
from .site.table import Row, Table

STORE: Final = "FscmTopModelAM.FinExtractAM.ArBiccExtractAM.PaymentScheduleExtractPVO"
PREFIX: Final = "ArPaymentSchedule"
COLUMNS: Final = (
    "PaymentScheduleId", "CustomerTrxId", "CashReceiptId", "TrxNumber", "PaymentScheduleClass1", "Status", "DueDate",
    "TrxDate", "GlDate", "TermsSequenceNumber", "AmountDueOriginal", "AmountDueRemaining", "AcctdAmountDueRemaining",
    "AmountApplied", "AmountCredited", "AmountAdjusted", "AmountInDispute", "DisputeDate", "InvoiceCurrencyCode",
    "ExchangeRate", "GlDateClosed", "ActualDateClosed", "CustomerId", "OrgId", "CreationDate", "LastUpdateDate",
)  # fmt: skip
_FIRST_BATCH: Final = 100001
_FIRST_DOCUMENT: Final = 540001
_ORGS: Final = {UNITS[code]: number for code, number in ORG_IDS.items()}


class Extracts:
    """Writes what has changed since the extract before: everything at first."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        """Take the folder, in which earlier extracts of this site may lie."""
        self.folder, self._ledger = folder, ledger
        folder.mkdir(parents=True, exist_ok=True)
        self._seen: dict[str, int] = {}
        earlier = (int(each.stem.partition("-")[2]) for each in folder.glob("MANIFEST-*.MF"))
        self._batch = max(earlier, default=_FIRST_BATCH - 1)

    def write(self, now: datetime) -> int:
        """Write an extract where anything changed; return the number of its rows."""
        rows = list(self._changed())
        if not rows:
            return 0
        batch = self._batch = self._batch + 1
        name = f"file_{STORE.lower().replace('.', '_')}-batch{batch}-{now:%Y%m%d_%H%M%S}"
        packed = _packed(name, rows)
        (self.folder / f"{name}.zip").write_bytes(packed)
        checksum = hashlib.md5(packed, usedforsecurity=False).hexdigest()
        line = f"{name}.zip;{_FIRST_DOCUMENT + batch};{checksum}\n"
        (self.folder / f"MANIFEST-{batch}.MF").write_text(line, encoding="ascii")
        return len(rows)

    def _changed(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of what was put since the last time."""
        for table, child in ((self._ledger.invoices, INSTALLMENTS), (self._ledger.memos, MEMO_INSTALLMENTS)):
            for row in self._new(child, table):
                for part in row[child]:
                    yield _installment(row, part, self._ledger.classes[part["InstallmentId"]])
        for row in self._new("receipts", self._ledger.receipts):
            yield _receipt(row)

    def _new(self, name: str, table: Table) -> Iterator[Row]:
        since, self._seen[name] = self._seen.get(name, 0), table.version
        return (row for key, row in table.rows.items() if table.put_at[key] > since)


def _packed(name: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([f"{PREFIX}{column}" for column in COLUMNS])
    for row in rows:
        writer.writerow(["" if row.get(column) is None else row[column] for column in COLUMNS])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{name}.csv", text.getvalue())
    return packed.getvalue()


def _installment(row: Row, part: Row, sort: str) -> dict[str, Any]:
    return {
        "PaymentScheduleId": part["InstallmentId"],
        "CustomerTrxId": row["CustomerTransactionId"],
        "TrxNumber": row["TransactionNumber"],
        "PaymentScheduleClass1": sort,
        "Status": "OP" if part["InstallmentStatus"] == "Open" else "CL",
        "DueDate": part["InstallmentDueDate"],
        "TrxDate": row["TransactionDate"],
        "GlDate": row["AccountingDate"],
        "TermsSequenceNumber": part["InstallmentSequenceNumber"],
        "AmountDueOriginal": part["OriginalAmount"],
        "AmountDueRemaining": part["InstallmentBalanceDue"],
        "AcctdAmountDueRemaining": part["AccountedBalanceDue"],
        "AmountApplied": part["AmountPaid"],
        "AmountCredited": part["InstallmentAmountCredited"],
        "AmountAdjusted": part["InstallmentAmountAdjusted"],
        "AmountInDispute": part["DisputeAmount"],
        "DisputeDate": part["DisputeDate"],
        "InvoiceCurrencyCode": row.get("InvoiceCurrencyCode") or row["CreditMemoCurrency"],
        "ExchangeRate": row["ConversionRate"],
        "GlDateClosed": part["InstallmentGLClosedDate"],
        "ActualDateClosed": part["InstallmentClosedDate"],
        **_common(row, row["BillToCustomerNumber"]),
    }


def _receipt(row: Row) -> dict[str, Any]:
    own = CURRENCIES[row["BusinessUnit"]]
    _, left = accounted(row, own)
    return {
        "PaymentScheduleId": row["StandardReceiptId"] * 1000 + 1,
        "CashReceiptId": row["StandardReceiptId"],
        "TrxNumber": row["ReceiptNumber"],
        "PaymentScheduleClass1": "PMT",
        "Status": "OP" if row["UnappliedAmount"] else "CL",
        "DueDate": row["ReceiptDate"],
        "TrxDate": row["ReceiptDate"],
        "GlDate": row["AccountingDate"],
        "TermsSequenceNumber": 1,
        "AmountDueOriginal": -row["Amount"],
        "AmountDueRemaining": -row["UnappliedAmount"],
        "AcctdAmountDueRemaining": amount(-left, own),
        "InvoiceCurrencyCode": row["Currency"],
        "ExchangeRate": row["ConversionRate"],
        **_common(row, row["CustomerAccountNumber"]),
    }


def _common(row: Row, account: str | None) -> dict[str, Any]:
    stamps = {name: str(row[name]).replace("+00:00", ".000000Z") for name in ("CreationDate", "LastUpdateDate")}
    return {"CustomerId": account_id(account) if account else None, "OrgId": _ORGS[row["BusinessUnit"]], **stamps}
