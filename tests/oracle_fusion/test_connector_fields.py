"""The site's own field mapping: attributes of other names, flexfields, and what codes mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from duehook.core.errors import ConfigError
from duehook.plugins.oracle_fusion import check_mapping

from .connected import Connect, connect, stub
from .stubbed import Stub

MAPPING = """
fields:
  item: {reference: CrossReference, text: receivablesInvoiceInstallments.InstallmentStatus}
  customer: {group: CustomerProfile.ProfileClassName}
extra:
  item: {days_late: {from: receivablesInvoiceInstallments.PaymentDaysLate, as: whole}}
codes:
  kind_by_type: {codes: {Late Charge: fee}, default: usual}
"""


def test_a_site_s_file_fills_fields_of_its_own(stub: Stub, connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "fusion.yaml").write_text(MAPPING)
    part = {"PaymentDaysLate": 12}
    stub.invoice(300000000000000002, CrossReference="X-1", TransactionType="Late Charge", part=part)
    row = connect(mapping=str(tmp_path / "fusion.yaml")).rows("item")[1]
    assert (row["reference"], row["text"], row["kind"], row["extra"]) == ("X-1", "Open", "fee", {"days_late": 12})


def test_an_element_of_the_profile_that_nothing_reads_may_be_mapped(
    stub: Stub, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "fusion.yaml").write_text(MAPPING)
    stub.profile("1006", ProfileClassName="Key accounts")
    assert connect(mapping=str(tmp_path / "fusion.yaml")).rows("customer")[0]["group"] == "Key accounts"


def test_a_value_that_is_no_such_thing_sets_the_row_aside(stub: Stub, connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "fusion.yaml").write_text(MAPPING)
    stub.rows["receivablesInvoices"][0]["receivablesInvoiceInstallments"][0]["PaymentDaysLate"] = 1.5
    bad = [each for page in connect(mapping=str(tmp_path / "fusion.yaml")).pages("item") for each in page.bad]
    assert [each.reason for each in bad] == ["extra.days_late: PaymentDaysLate holds 1.5, which is no whole number."]


def test_a_file_is_checked_by_itself(tmp_path: Path) -> None:
    (tmp_path / "fusion.yaml").write_text(MAPPING)
    assert "item" in check_mapping(tmp_path / "fusion.yaml")
    (tmp_path / "fusion.yaml").write_text("fields: {item: {amount: EnteredAmount}}\n")
    with pytest.raises(ConfigError) as raised:
        check_mapping(tmp_path / "fusion.yaml")
    assert "amount" in str(raised.value)
