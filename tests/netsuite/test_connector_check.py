"""Check and discover: each permission is tried by name, and what shows no rows is never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from duehook.core.hookspecs import Finding
from duehook.core.testing.simulator import Reply, Request
from duehook.plugins.netsuite import check_mapping

from .connected import Connect, Connected, connect, stub
from .stubbed import Stub, refused


@pytest.fixture(autouse=True)
def _in_order(stub: Stub) -> None:
    stub.customer(80, 3, email="office@c.example")
    stub.document(1)
    stub.document(2, subsidiary=6)
    for number, kind in enumerate(("CustCred", "CustPymt", "CustDep", "CustRfnd"), 10):
        stub.document(number, kind)
    stub.journal_line(20, 1, "5", "5")
    stub.apply(11, 1, "60")
    stub.put("contact", id=5, firstname="Eve", company=80, isinactive="F")


def findings(made: Connected) -> list[Finding]:
    every = (made.customers, made.contacts, made.invoices, made.payments, made.target)
    return [finding for each in every for finding in each.check()]


def wrong(made: Connected) -> dict[str, Finding]:
    return {each.subject: each for each in findings(made) if not each.ok}


def test_an_account_in_order_is_told_so(connect: Connect) -> None:
    assert list(wrong(connect())) == ["writing"]


def test_on_the_test_customer_its_own_hold_and_a_marked_note_are_written(stub: Stub, connect: Connect) -> None:
    assert wrong(connect(test_customer="3/77")) == {}
    assert [each.method for each in stub.requests if each.method in {"PATCH", "PUT"}] == ["PATCH", "PUT"]


@pytest.mark.parametrize(
    ("gone", "subject", "permission", "severity"),
    [
        ("DELETE FROM subsidiary", "read subsidiary", "Subsidiaries", "error"),
        ("DELETE FROM customer", "read customersubsidiaryrelationship", "Customers", "error"),
        ("DELETE FROM term", "read term", "Accounting Lists", "warning"),
        ("DELETE FROM contact", "read contact", "Contacts", "warning"),
        ("DELETE FROM \"transaction\" WHERE type = 'CustInvc'", "read CustInvc", "Invoice", "error"),
        ("DELETE FROM \"transaction\" WHERE type = 'CustCred'", "read CustCred", "Credit Memo", "warning"),
        ("DELETE FROM \"transaction\" WHERE type = 'CustPymt'", "read CustPymt", "Customer Payment", "warning"),
        ("DELETE FROM \"transaction\" WHERE type = 'Journal'", "read Journal", "Make Journal Entry", "warning"),
        ("DELETE FROM NextTransactionLineLink", "read NextTransactionLineLink", "Find Transaction", "warning"),
    ],
)
def test_what_shows_no_row_is_told_with_its_permission(
    gone: str, subject: str, permission: str, severity: str, *, stub: Stub, connect: Connect
) -> None:
    stub.change(gone)
    found = wrong(connect())[subject]
    assert permission in found.message
    assert permission in (found.advice or "")
    assert found.severity == severity


def test_columns_that_the_account_lacks_are_named_as_the_setting_takes_them(stub: Stub, connect: Connect) -> None:
    stub.change('ALTER TABLE "transaction" DROP COLUMN otherrefnum')
    stub.change('ALTER TABLE "transaction" DROP COLUMN voided')
    advice = wrong(connect())["read transaction"].advice
    assert advice == "write `missing_columns: [transaction.otherrefnum, transaction.voided]`."
    named = ("transaction.otherrefnum", "transaction.voided")
    assert "read transaction" not in wrong(connect(missing_columns=named))


def test_customers_without_a_column_of_vat_numbers_are_told_with_what_to_write(stub: Stub, connect: Connect) -> None:
    stub.change("ALTER TABLE customer DROP COLUMN vatregnumber")
    found = wrong(connect())
    assert list(found) == ["read customer.vatregnumber", "writing"]
    assert found["read customer.vatregnumber"].severity == "warning"
    assert "write `missing_columns: [customer.vatregnumber]`" in (found["read customer.vatregnumber"].advice or "")
    assert list(wrong(connect(missing_columns=("customer.vatregnumber",)))) == ["writing"]


def test_another_time_zone_than_the_accounts_is_noticed(stub: Stub, connect: Connect) -> None:
    stub.change("UPDATE \"transaction\" SET lastmodifieddate = '2199-01-01 00:00:00' WHERE id = 1")
    assert "has not come yet" in wrong(connect())["time zone"].message


def test_a_book_without_amounts_is_noticed(connect: Connect) -> None:
    assert "accounting_book" in (wrong(connect(accounting_book="7"))["accounting book"].advice or "")


def test_fields_that_the_catalogue_does_not_have_are_named(stub: Stub, connect: Connect) -> None:
    fields = {"promise": {"date_field": "custbody_a"}, "dispute": {"field": "custbody_b"}}
    stub.fields["invoice"] = ["custbody_b"]
    stub.change('ALTER TABLE "transaction" ADD COLUMN custbody_b')
    assert "custbody_a is no field of invoice" in wrong(connect(**fields))["record invoice"].message


def test_an_account_without_the_record_note_is_told_what_to_set(stub: Stub, connect: Connect) -> None:
    del stub.fields["note"]
    assert "notes: phonecall" in (wrong(connect())["record note"].advice or "")


def test_a_refused_sign_in_ends_the_check_of_customers(stub: Stub, connect: Connect) -> None:
    stub.special = lambda request, statement: refused(401, "Invalid login attempt.")
    found = list(connect().customers.check())
    assert [(each.subject, each.ok) for each in found] == [("sign-in", False)]


def test_netsuites_own_letters_are_noticed(stub: Stub, connect: Connect) -> None:
    stub.tables.execute("CREATE TABLE customrecord_3805_dunning_procedure (id)")
    assert wrong(connect())["NetSuite's own letters"].severity == "warning"


def test_a_hold_that_holds_nothing_is_told(connect: Connect) -> None:
    assert "hold OFF" in wrong(connect(hold={"values": ["ON", "OFF"]}))


class TestDiscover:
    def test_companies_codes_and_unread_columns_are_listed(self, stub: Stub, connect: Connect) -> None:
        stub.change('ALTER TABLE "transaction" ADD COLUMN custbody_route')
        stub.change("UPDATE \"transaction\" SET custbody_route = 'North 7'")
        made = connect()
        every = (made.customers, made.contacts, made.invoices, made.payments)
        found = [each for source in every for each in source.discover()]
        assert {each.name for each in found if each.kind == "company"} == {"3", "6"}
        assert {each.name for each in found if each.kind == "transaction type"} == {
            "CustInvc", "CustCred", "CustPymt", "CustDep", "Journal",
        }  # fmt: skip
        assert "custbody_route" in next(each.text for each in found if each.kind == "unread columns")


class TestMapping:
    FILE = """
fields:
  item: {business_unit: custbody_route, text: transactionline.department}
extra:
  customer: {owner: salesrep}
codes:
  state_by_category: {codes: {"9": legal}, default: usual}
"""

    def test_a_sites_own_columns_are_read_beside_the_others(self, stub: Stub, connect: Connect, tmp_path: Path) -> None:
        for table, column in (
            ("transaction", "custbody_route"),
            ("transactionline", "department"),
            ("customer", "salesrep"),
        ):
            stub.change(f'ALTER TABLE "{table}" ADD COLUMN {column}')
            stub.change(f"UPDATE \"{table}\" SET {column} = 'the {column}'")
        stub.change("UPDATE customer SET category = '9' WHERE id = 80")
        file = tmp_path / "fields.yaml"
        file.write_text(self.FILE)
        made = connect(mapping=str(file))
        row = made.rows("item")[0]
        assert (row["business_unit"], row["text"]) == ("the custbody_route", "the department")
        rows = {row["key"]: row for row in made.rows("customer")}
        assert rows["80"]["state"] == "legal"
        assert rows["80"]["extra"]["owner"] == "the salesrep"

    def test_the_file_is_checked_without_an_account(self, tmp_path: Path) -> None:
        file = tmp_path / "fields.yaml"
        file.write_text(self.FILE)
        assert check_mapping(file) == "customer (1 extra), item (2 fields), 1 code list"

    def test_a_column_that_there_is_not_is_named_by_check(self, connect: Connect, tmp_path: Path) -> None:
        file = tmp_path / "fields.yaml"
        file.write_text("fields:\n  customer: {collector: custentity_nobody}\n")
        assert "custentity_nobody" in wrong(connect(mapping=str(file)))["field mapping"].message


def test_no_answer_at_all_is_told_with_advice(stub: Stub, connect: Connect) -> None:
    def away(request: Request, statement: str) -> Reply | None:
        return refused(404, "nothing here", "NOT_FOUND")

    stub.special = away
    assert [each for each in findings(connect()) if not each.ok and not each.advice] == []
