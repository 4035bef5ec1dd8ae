"""Items of BICC's extracts: whole runs, the newest word of each schedule, and nothing of files that are not whole."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused

from .connected import Connect, connect, stub
from .stubbed import Stub

NAMES = (
    "PaymentScheduleId", "CashReceiptId", "TrxNumber", "PaymentScheduleClass1", "DueDate", "TrxDate", "GlDate",
    "TermsSequenceNumber", "AmountDueOriginal", "AmountDueRemaining", "AcctdAmountDueRemaining", "AmountInDispute",
    "InvoiceCurrencyCode", "ExchangeRate", "ActualDateClosed", "CustomerId", "OrgId", "LastUpdateDate",
)  # fmt: skip
UNITS = [{"name": "Vision", "currency": "USD", "org_id": "11"}]
INVOICE = {
    "PaymentScheduleId": "300000000000005001", "TrxNumber": "100045", "PaymentScheduleClass1": "INV",
    "DueDate": "2026-03-31", "TrxDate": "2026-03-01", "GlDate": "2026-03-01", "TermsSequenceNumber": "1",
    "AmountDueOriginal": "500", "AmountDueRemaining": "100", "AcctdAmountDueRemaining": "108.77",
    "InvoiceCurrencyCode": "EUR", "ExchangeRate": "1.08765", "CustomerId": "4001", "OrgId": "11",
    "LastUpdateDate": "2026-03-01T10:00:00.000000Z",
}  # fmt: skip
MONEY = INVOICE | {
    "PaymentScheduleId": "300000000000005002", "CashReceiptId": "300000000000000100", "TrxNumber": "RC1",
    "PaymentScheduleClass1": "PMT", "AmountDueOriginal": "-500", "AmountDueRemaining": "-120",
    "AcctdAmountDueRemaining": "-120", "InvoiceCurrencyCode": "USD", "ExchangeRate": "", "DueDate": "2026-03-02",
    "TrxDate": "2026-03-02",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, stub: Stub) -> Path:
    stub.rows["receivablesCustomerAccountActivities"].append({"AccountId": 4001, "AccountNumber": "1006"})
    return tmp_path


def run(folder: Path, number: int, *rows: dict[str, str], at: str = "20260302_120000", whole: bool = True) -> Path:
    name = f"file_fscmtopmodelam_finextractam_arbiccextractam_paymentscheduleextractpvo-batch{number}-{at}"
    lines = [",".join(f'"ArPaymentSchedule{each}"' for each in NAMES)]
    lines += [",".join(f'"{row.get(each, "")}"' for each in NAMES) for row in rows]
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as packed:
        packed.writestr(f"{name}.csv", "\n".join(lines) + "\n")
    if whole:
        md5 = hashlib.md5((folder / f"{name}.zip").read_bytes(), usedforsecurity=False).hexdigest()
        (folder / f"MANIFEST-{number}.MF").write_text(f"{name}.zip;540001;{md5}\n")
    return folder / f"{name}.zip"


def read(connect: Connect, folder: Path, position: Any = None, **more: Any) -> list[dict[str, Any]]:
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS, **more)
    return connected.rows("item", position)


def test_a_schedule_is_an_item_as_rest_would_give_it(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE)
    (row,) = read(connect, folder)
    assert (row["company"], row["key"], row["customer"], row["kind"]) == (
        "Vision", "300000000000005001", "1006", "invoice",
    )  # fmt: skip
    assert (row["amount"], row["open_amount"]) == (500, 100)
    assert (row["company_amount"], row["company_open_amount"]) == (Decimal("543.83"), Decimal("108.77"))
    assert (row["document_no"], row["document_on"], row["due_on"]) == ("100045", date(2026, 3, 1), date(2026, 3, 31))


def test_what_is_left_of_money_is_on_account(folder: Path, connect: Connect) -> None:
    settled = MONEY | {"PaymentScheduleId": "300000000000005003", "AmountDueRemaining": "0"}
    of_nobody = MONEY | {"PaymentScheduleId": "300000000000005004", "CustomerId": ""}
    run(folder, 1, MONEY, settled, of_nobody)
    (row,) = read(connect, folder)
    assert (row["key"], row["kind"], row["amount"], row["open_amount"], row["due_on"]) == (
        "R|300000000000000100", "on_account", -500, -120, date(2026, 3, 2),
    )  # fmt: skip


def test_of_each_schedule_the_newest_run_counts(folder: Path, connect: Connect) -> None:
    run(folder, 9, INVOICE)
    run(folder, 10, INVOICE | {"AmountDueRemaining": "0", "ActualDateClosed": "2026-03-02"})
    (row,) = read(connect, folder)
    assert (row["open_amount"], row["cleared_on"]) == (0, date(2026, 3, 2))


def test_the_next_reading_takes_the_runs_behind_the_last(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE, MONEY)
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS)
    position = connected.pages("item")[-1].position
    assert read(connect, folder, position) == []
    run(folder, 2, MONEY | {"AmountDueRemaining": "-20"})
    assert [row["open_amount"] for row in read(connect, folder, position)] == [-20]


def test_a_reading_that_broke_off_goes_on_behind_its_page(folder: Path, connect: Connect) -> None:
    rows = [INVOICE | {"PaymentScheduleId": str(number)} for number in range(11, 16)]
    run(folder, 1, *rows)
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS, page_size=2)
    pages = connected.pages("item")
    assert [[row["key"] for row in page.rows] for page in pages] == [["11", "12"], ["13", "14"], ["15"], []]
    assert [row["key"] for row in read(connect, folder, pages[0].position)] == ["13", "14", "15"]


def test_the_bound_is_when_the_newest_run_was_made(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE, at="20260302_061500")
    bound = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS).invoices.upper_bound()
    assert bound.at == datetime(2026, 3, 2, 6, 15, tzinfo=UTC)


def test_a_run_without_its_manifest_is_still_being_written(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE)
    run(folder, 2, MONEY, whole=False)
    assert [row["kind"] for row in read(connect, folder)] == ["invoice"]


def test_a_file_that_is_not_what_its_manifest_says_is_refused(folder: Path, connect: Connect) -> None:
    packed = run(folder, 1, INVOICE)
    packed.write_bytes(packed.read_bytes()[:-5])
    with pytest.raises(ConnectorGarbled) as raised:
        read(connect, folder)
    assert f"MANIFEST-1.MF:1: {packed.name} has another MD5" in raised.value.message


def test_a_file_that_is_not_there_yet_is_waited_for(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE).unlink()
    with pytest.raises(ConnectorDown) as raised:
        read(connect, folder)
    assert "are not there, or still being written" in raised.value.message


def test_a_folder_without_a_manifest_is_refused(folder: Path, connect: Connect) -> None:
    with pytest.raises(ConnectorRefused) as raised:
        read(connect, folder)
    assert "no manifest with an extract of payment schedules" in raised.value.message
    with pytest.raises(ConnectorRefused) as raised:
        read(connect, folder / "none")
    assert raised.value.fix == "correct `bicc_folder`, or let Duehook's user read it."


def test_a_schedule_that_cannot_be_read_is_set_aside(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE | {"TrxDate": "soon"}, MONEY | {"TrxDate": ""})
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS)
    bad = [each for page in connected.pages("item") for each in page.bad]
    assert [(each.key, each.reason) for each in bad] == [
        ("300000000000005001", "TransactionDate holds 'soon', which is no day."),
        ("R|300000000000000100", "ReceiptDate is empty."),
    ]


def test_an_account_that_is_new_is_asked_for(folder: Path, connect: Connect, stub: Stub) -> None:
    run(folder, 1, INVOICE, INVOICE | {"PaymentScheduleId": "5", "CustomerId": "4002"})
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS)
    bad = [each for page in connected.pages("item") for each in page.bad]
    assert [(each.key, each.reason) for each in bad] == [("5", "BillToCustomerNumber is empty.")]
    assert "AccountId=4002" in stub.asked


def test_check_tells_units_that_no_setting_names(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE | {"OrgId": "12"})
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS, known_invoice="1")
    wrong = [each.message for each in connected.invoices.check() if not each.ok and "extracts" in each.subject]
    assert wrong == ["no business unit of the settings has the org_id 12"]


def test_types_mean_nothing_beside_extracts_which_tell_none(folder: Path, connect: Connect) -> None:
    run(folder, 1, INVOICE)
    codes = {"kind_by_type": {"Invoice": "fee"}, "class_by_type": {"Invoice": "retainage"}}
    connected = connect(read_by="bicc", bicc_folder=str(folder), business_units=UNITS, codes=codes)
    found = connected.invoices.lookup("item", [("Vision", "300000000000005001")])
    assert [(row["kind"], row["item_class"]) for row in found.found] == [("invoice", "normal")]
