"""BICC extracts: one of everything, then one of what changed, each whole when its manifest is there."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.oracle_fusion.simulator.site.codes import installment_id

from .simulated import Caller

OLDER = "ReceiptDate<'2026-03-02'"
NAME = "file_fscmtopmodelam_finextractam_arbiccextractam_paymentscheduleextractpvo"


@pytest.fixture
def client(opened: Callable[..., Caller]) -> Caller:
    """Give a client of a pod whose schedules are extracted."""
    return opened(read_by="bicc")


def folder(caller: Caller) -> Path:
    """Return the folder that the extracts come into."""
    return Path(caller.settings["bicc_folder"])


def extracts(caller: Caller) -> list[list[dict[str, str]]]:
    """Return the rows of each extract, oldest first, as its manifest names it."""
    found = []
    for manifest in sorted(folder(caller).glob("MANIFEST-*.MF")):
        for line in manifest.read_text(encoding="ascii").splitlines():
            name, _, checksum = line.split(";")
            packed = (folder(caller) / name).read_bytes()
            assert hashlib.md5(packed, usedforsecurity=False).hexdigest() == checksum
            with zipfile.ZipFile(io.BytesIO(packed)) as read:
                assert read.namelist() == [f"{name.removesuffix('.zip')}.csv"]
                text = read.read(read.namelist()[0]).decode()
            found.append(list(csv.DictReader(io.StringIO(text))))
    return found


def test_the_settings_name_the_folder(client: Caller) -> None:
    assert client.settings["read_by"] == "bicc"
    assert folder(client).is_dir()


def test_the_first_extract_is_of_everything_and_the_next_of_what_changed(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice, other = issue(book, "2000.00"), issue(book, "10.00")
    with client.simulator.act() as book:
        pay(book, invoice, "750.00")
    assert sorted(each.name for each in folder(client).iterdir()) == [
        "MANIFEST-100001.MF", "MANIFEST-100002.MF", "MANIFEST-100003.MF",
        f"{NAME}-batch100001-20260302_234500.zip", f"{NAME}-batch100002-20260302_234500.zip",
        f"{NAME}-batch100003-20260302_234500.zip",
    ]  # fmt: skip
    first, second, third = (
        {row["ArPaymentScheduleTrxNumber"]: row["ArPaymentScheduleAmountDueRemaining"] for row in rows}
        for rows in extracts(client)
    )
    held = {row["ReceiptNumber"]: str(-row["UnappliedAmount"]) for row in client.rows("standardReceipts", q=OLDER)}
    assert first == held
    assert (first["LOCKBOX-1"], first["LOCKBOX-2"]) == ("-123.45", "-999")
    assert second == {str(invoice.document_no): "2000", str(other.document_no): "10"}
    assert third == {str(invoice.document_no): "1250", "700003": "0"}


def test_a_schedule_has_the_columns_of_the_table_under_its_prefix(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "2000.00")
        pay(book, invoice, "750.00")
    row = {name.removeprefix("ArPaymentSchedule"): text for name, text in extracts(client)[-1][0].items()}
    assert row == {
        "PaymentScheduleId": str(installment_id(invoice)),
        "CustomerTrxId": str(installment_id(invoice) // 1000),
        "CashReceiptId": "",
        "TrxNumber": str(invoice.document_no),
        "PaymentScheduleClass1": "INV",
        "Status": "OP",
        "DueDate": "2026-04-01",
        "TrxDate": "2026-03-02",
        "GlDate": "2026-03-02",
        "TermsSequenceNumber": "1",
        "AmountDueOriginal": "2000",
        "AmountDueRemaining": "1250",
        "AcctdAmountDueRemaining": "1250",
        "AmountApplied": "750",
        "AmountCredited": "0",
        "AmountAdjusted": "0",
        "AmountInDispute": "",
        "DisputeDate": "",
        "InvoiceCurrencyCode": "EUR",
        "ExchangeRate": "",
        "GlDateClosed": "",
        "ActualDateClosed": "",
        "CustomerId": str(100000000000000 + int(invoice.customer)),
        "OrgId": "300000001110002",
        "CreationDate": "2026-03-02T06:00:00.000000Z",
        "LastUpdateDate": "2026-03-02T23:30:02.000000Z",
    }


def test_cash_is_a_schedule_of_the_class_pmt_and_negative(client: Caller) -> None:
    with client.simulator.act() as book:
        money = issue(book, "-50.00", kind="on_account")
    row = extracts(client)[-1][0]
    names = ("PaymentScheduleClass1", "AmountDueOriginal", "AmountDueRemaining", "TrxNumber", "Status", "CustomerTrxId")
    assert [row[f"ArPaymentSchedule{name}"] for name in names] == [
        "PMT",
        "-50",
        "-50",
        str(money.document_no),
        "OP",
        "",
    ]
    key = f"R|{row['ArPaymentScheduleCashReceiptId']}"
    assert [each["open_amount"] for each in client.simulator.given("item") if each["key"] == key] == [-50]


def test_the_last_row_of_each_schedule_adds_up_to_what_is_open(opened: Callable[..., Caller]) -> None:
    client = opened(read_by="bicc", customers=60, items=300)
    for day in range(3, 17):
        client.simulator.advance_to(date(2026, 3, day))
    last: dict[str, dict[str, Any]] = {}
    for rows in extracts(client):
        last |= {row["ArPaymentSchedulePaymentScheduleId"]: row for row in rows}
    given = {row["key"]: row for row in client.simulator.given("item") if row["open_amount"]}
    theirs = {}
    for key, row in last.items():
        if float(row["ArPaymentScheduleAmountDueRemaining"]) and row["ArPaymentScheduleCustomerId"]:
            cash = row["ArPaymentScheduleCashReceiptId"]
            theirs[f"R|{cash}" if cash else key] = float(row["ArPaymentScheduleAmountDueRemaining"])
    assert theirs == {key: float(row["open_amount"]) for key, row in given.items()}
    assert not any("terms" in row or "purchase_order" in row for row in given.values())


def test_a_decided_dispute_is_extracted(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
        book.dispute(invoice.key, 4000, "PR")
    assert extracts(client)[-1][0]["ArPaymentScheduleAmountInDispute"] == "40"
