"""The account's tables and fields are NetSuite's own: held against what others have published of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from duehook.plugins.netsuite.simulator.records.fields import CUSTOMER, TRANSACTION, Field
from duehook.plugins.netsuite.simulator.tables.schema import MIRRORS, Schema

DATA = Path(__file__).parents[3] / "shared" / "data" / "netsuite"
SEEDS = {
    "account": "account",
    "accountingbook": "accounting_book",
    "currency": "currency",
    "customer": "customer",
    "customersubsidiaryrelationship": "customer_subsidiary_relationship",
    "entityaddress": "entity_address",
    "subsidiary": "subsidiary",
    "transaction": "transaction",
    "transactionaccountingline": "tran_acct_line",
    "transactionline": "transaction_line",
}
# Columns that the seeds leave out and that public queries use.
BESIDE = {
    "customer": {"vatregnumber"},
    "customersubsidiaryrelationship": {"primarycurrency"},
    "transaction": {
        "tranid", "exchangerate", "foreigntotal", "total", "terms", "voided", "approvalstatus", "otherrefnum",
        "lastmodifieddate", "externalid", "custbody_due_class",
        "custbody_due_dunning_level", "custbody_due_dunned_on",
    },
    "transactionaccountingline": {"lastmodifieddate"},
}  # fmt: skip
UNPUBLISHED = {
    "contact": "entityid firstname lastname email phone title company contactrole isinactive datecreated "
    "lastmodifieddate externalid id",
    "contactrole": "id name description isinactive",
    "deletedrecord": "type recordid name deleteddate deletedby context",
    "dual": "dummy",
    "entitystatus": "id name inactive",
    "nexttransactionlinelink": "previousdoc previousline previoustype nextdoc nextline nexttype linktype foreignamount",
    "term": "id name daysuntilnetdue discountpercent daysuntilexpiry datedriven isinactive",
    "transactioninstallment": "transaction seqnum installmentnumber duedate amount amountdue status",
}


def published(name: str) -> Path:
    """Return a file of what others have published; leave the test out where it is not here."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{name} is not here: the account's tables cannot be held against it")
    return file


def seed_columns(name: str) -> set[str]:
    """Return the columns of a seed."""
    file = published(f"fivetran_seeds/netsuite2_{name}_data.csv")
    with file.open(encoding="utf-8") as lines:
        return set(next(csv.reader(lines)))


@pytest.mark.parametrize("table", SEEDS)
def test_a_tables_columns_are_those_of_suiteanalytics(table: str) -> None:
    columns = set(Schema(instalments=False, custom_fields=False).tables[table])
    assert columns - seed_columns(SEEDS[table]) == BESIDE.get(table, set())


def test_no_other_table_is_made_up() -> None:
    schema = Schema(instalments=True, custom_fields=True)
    others = {name: set(columns) for name, columns in schema.tables.items() if name not in {*SEEDS, *MIRRORS}}
    assert others == {name: set(text.split()) for name, text in UNPUBLISHED.items()}


@pytest.mark.parametrize(("record", "fields"), [("customer", CUSTOMER), ("invoice", TRANSACTION)])
def test_a_records_fields_are_those_of_the_records_browser(record: str, fields: tuple[Field, ...]) -> None:
    found: dict[str, Any] = json.loads(published("oracle_records.json").read_text(encoding="utf-8"))["records"]
    known = {field["internalId"].lower() for field in found[record]["fields"]}
    assert {field.name.lower() for field in fields} - known == {"id"}
