"""What the account's tables hold of companies, customers and their people, and when a stamp moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, newcomer

from .simulated import Caller

STAMP = "SELECT TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS at FROM customer WHERE id = {}"


def stamp(client: Caller, customer: str) -> str:
    """Return a customer's stamp."""
    return str(client.rows(STAMP.format(customer))[0]["at"])


def test_a_customer_over_its_limit_is_on_hold_while_the_field_says_auto(opened: Callable[..., Caller]) -> None:
    client = opened()
    query = "SELECT id FROM customer WHERE creditholdoverride = 'AUTO' AND oncredithold = 'F'"
    customer = client.rows(query)[0]["id"]
    before = client.rows(f"SELECT lastmodifieddate FROM customer WHERE id = {customer}")
    client.simulator.account.masters.exceed(customer)
    fields = "creditholdoverride, oncredithold"
    assert client.rows(f"SELECT {fields} FROM customer WHERE id = {customer}") == [
        {"creditholdoverride": "AUTO", "oncredithold": "T"}
    ]
    assert client.rows(f"SELECT lastmodifieddate FROM customer WHERE id = {customer}") == before


def test_a_company_is_a_subsidiary_under_the_first_one(client: Caller) -> None:
    query = (
        "SELECT s.id, s.name, s.parent, c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency ORDER BY s.id"
    )
    assert client.rows(query) == [
        {"id": "1", "name": "Halden Supply Inc.", "symbol": "USD"},
        {"id": "2", "name": "Halden Europa GmbH", "parent": "1", "symbol": "EUR"},
        {"id": "3", "name": "Halden Nihon KK", "parent": "1", "symbol": "JPY"},
        {"id": "4", "name": "Halden Gulf WLL", "parent": "1", "symbol": "KWD"},
    ]


def test_a_term_says_its_days_and_its_discount(client: Caller) -> None:
    query = "SELECT name, daysuntilnetdue, daysuntilexpiry, discountpercent FROM term WHERE id = 3"
    assert client.rows(query) == [
        {"name": "2 % 10 days, net 30", "daysuntilnetdue": "30", "daysuntilexpiry": "10", "discountpercent": "2"}
    ]


def test_a_customer_is_a_company_or_a_person(client: Caller) -> None:
    rows = client.rows("SELECT isperson, companyname, firstname, lastname FROM customer ORDER BY id")
    people = [row for row in rows if row["isperson"] == "T"]
    assert people != []
    assert all("companyname" not in row and row["firstname"] and row["lastname"] for row in people)
    assert all("firstname" not in row for row in rows if row["isperson"] == "F")


def test_a_customer_has_its_vat_number_unless_the_account_keeps_none(opened: Callable[..., Caller]) -> None:
    query = "SELECT vatregnumber FROM customer WHERE id = 1001"
    assert opened().rows(query) == [{"vatregnumber": "US100000000"}]
    assert "Unknown identifier 'vatregnumber'" in opened(tax_ids=False).refusal(query)


def test_a_document_in_another_subsidiary_puts_the_customer_there_and_moves_its_stamp(client: Caller) -> None:
    client.simulator.advance_to(date(2026, 3, 4))
    people = client.simulator.book.customers.values()
    customer = next(each for each in people if each.company == "00001")
    before = stamp(client, customer.key)
    with client.simulator.act() as book:
        issue(book, "10.00", customer=customer, company="00010")
    query = (
        f"SELECT subsidiary, isprimarysub FROM customersubsidiaryrelationship WHERE entity = {customer.key} ORDER BY 1"
    )
    assert client.rows(query) == [{"subsidiary": "1", "isprimarysub": "T"}, {"subsidiary": "2", "isprimarysub": "F"}]
    assert before < stamp(client, customer.key)[:10] <= "2026-03-04"


def test_another_address_moves_the_stamp_of_whose_it_is(client: Caller) -> None:
    client.simulator.advance_to(date(2026, 3, 4))
    with client.simulator.act() as book:
        later(book)
        customer = customer_of(book)
        people = [each for each in book.contacts.values() if each.customer == customer.key]
        for contact in people:
            book.set_mail(contact.key, f"new{contact.line}@c.example")
    row = client.rows(f"SELECT email FROM customer WHERE id = {customer.key}")[0]
    assert (row["email"], stamp(client, customer.key)[:10]) == ("new0@c.example", "2026-03-03")  # still the day before
    query = (
        "SELECT c.email, r.name AS part FROM contact c JOIN contactrole r ON r.id = c.contactrole "
        f"WHERE c.company = {customer.key} ORDER BY c.id"
    )
    found = client.rows(query)
    assert [(each["email"], each["part"]) for each in found] == [
        (f"new{each.line}@c.example", each.role) for each in people if each.line
    ]


def test_a_customer_who_goes_to_court_gets_another_status(client: Caller) -> None:
    with client.simulator.act() as book:
        later(book)
        book.set_state("1001", "legal")
    query = "SELECT s.name FROM customer c JOIN entitystatus s ON s.id = c.entitystatus WHERE c.id = 1001"
    assert client.rows(query) == [{"name": "In court"}]


def test_a_new_customer_is_there_at_once(client: Caller) -> None:
    with client.simulator.act() as book:
        made = newcomer(book)
    found: list[dict[str, Any]] = client.rows(f"SELECT companyname, firstname FROM customer WHERE id = {made.key}")
    assert len(found) == 1


def test_without_the_right_to_view_customers_their_links_to_subsidiaries_are_not_seen_either(client: Caller) -> None:
    client.simulator.deny("customer")
    assert client.rows("SELECT id FROM customersubsidiaryrelationship") == []
    assert client.send("GET", "/services/rest/record/v1/customer/1001").status_code == 403
