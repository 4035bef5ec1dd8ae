"""Customers, their people and the site's tables in API v2.0, and what a user's or client's writing does to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from duehook.core.testing.contract.scenes.acts import later, newcomer

from .simulated import START, Client, Opened, healthy, invoice


def customer(client: Client, number: str) -> dict[str, Any]:
    """Return a customer, as it is read."""
    return client.row(f"api/customers?$filter=number eq '{number}'")


def test_payment_terms_are_date_formulas_under_ids_of_each_company(small: Client) -> None:
    rows = {row["code"]: row for row in small.rows("api/paymentTerms")}
    assert (rows["N30"]["dueDateCalculation"], rows["N30"]["discountDateCalculation"]) == ("30D", "")
    assert (rows["D30"]["discountDateCalculation"], rows["D30"]["discountPercent"]) == ("10D", 2)
    ids = {row["id"] for row in rows.values()}
    small.company = "Halden Supply Inc."
    assert not ids & {row["id"] for row in small.rows("api/paymentTerms")}


def test_a_customer_is_in_its_company_with_terms_by_id_and_the_local_currency_filled_in(small: Client) -> None:
    known = healthy(small)
    row = customer(small, known.key)
    assert (row["displayName"], row["currencyCode"], row["addressLine1"]) == (known.name, "EUR", known.street)
    assert (row["taxRegistrationNumber"], row["country"], row["blocked"]) == (known.tax_id, known.country, "_x0020_")
    terms = small.get(f"api/paymentTerms({row['paymentTermsId']})")
    assert terms["code"] == known.account("00010").terms
    assert row["currencyId"] == "00000000-0000-0000-0000-000000000000"


def test_a_balance_is_what_is_overdue_in_the_local_currency_and_moves_no_stamp(small: Client) -> None:
    number = healthy(small).key
    before = customer(small, number)
    invoice(small, "100.00", due_on=START - timedelta(days=3))
    invoice(small, "40.00")
    row = customer(small, number)
    assert (row["balanceDue"], before["balanceDue"]) == (100, 0)
    assert (row["lastModifiedDateTime"], row["@odata.etag"]) == (before["lastModifiedDateTime"], before["@odata.etag"])
    detail = small.get(f"api/customers({row['id']})/customerFinancialDetail")
    assert (detail["balance"], detail["overdueAmount"]) == (140, 100)


def test_no_limit_is_nought(small: Client) -> None:
    number = healthy(small).key
    for limit, shown in ((None, 0), (20_000, 20_000)):
        with small.simulator.act() as book:
            book.set_limit(number, limit, company="00010")
        assert customer(small, number)["creditLimit"] == shown


def test_a_case_is_handed_over_by_the_salesperson(small: Client) -> None:
    number = healthy(small).key
    collector = customer(small, number)["salespersonCode"]
    assert collector in {"KLEIN", "ORTEGA", "SATO", "WEBER"}
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.set_state(number, "legal")
    row = customer(small, number)
    assert (row["salespersonCode"], row["lastModifiedDateTime"][:10]) == ("LEGAL", "2026-03-03")


def test_a_stamp_moves_with_the_mail_address_for_it_stands_on_the_customer(small: Client) -> None:
    number = healthy(small).key
    small.simulator.advance_to(START + timedelta(days=1))
    with small.simulator.act() as book:
        later(book)
        book.set_mail(f"{number}-0", "another@c.example")
    found = small.row(f"api/customers?$filter=lastModifiedDateTime ge 2026-03-03T06:00:00Z and number eq '{number}'")
    assert found["email"] == "another@c.example"
    card = small.row(f"api/contacts?$filter=number eq 'CT{number}00'")
    assert (card["type"], card["email"]) == ("Company", "another@c.example")


def test_people_are_contacts_that_are_linked_to_their_customer(played: Client) -> None:
    people = {row["id"]: row for row in played.rows("api/contacts") if row["type"] == "Person"}
    linked = played.rows("api/customers?$expand=contactsInformation")
    found = {link["contactId"]: (row["number"], link) for row in linked for link in row["contactsInformation"]}
    assert people.keys() < found.keys()
    for name, person in people.items():
        number, link = found[name]
        assert (link["contactNumber"], link["relatedType"]) == (person["number"], "Customer")
        assert person["companyNumber"] == f"CT{number}00"
    assert "jobTitle" not in next(iter(people.values()))


def test_links_are_asked_for_under_a_customer_and_never_alone(played: Client) -> None:
    row = played.rows("api/customers")[0]
    links = played.rows(f"api/customers({row['id']})/contactsInformation")
    assert {link["relatedId"] for link in links} == {row["id"]}
    assert played.rows(f"api/contactsInformation?$filter=relatedId eq {row['id']} and relatedType eq 'Customer'") == (
        links
    )
    assert played.refused("api/contactsInformation")["message"] == "id type not specified."


def test_a_customer_comes_into_a_company_with_its_first_document_and_is_stamped_then(small: Client) -> None:
    known, small.company = healthy(small), "Halden Gulf WLL"
    assert small.rows(f"api/customers?$filter=number eq '{known.key}'") == []
    small.simulator.advance_to(START + timedelta(days=1))
    invoice(small, "100.00", "EUR", customer=known)
    row = customer(small, known.key)
    assert (row["currencyCode"], row["lastModifiedDateTime"][:10]) == ("EUR", "2026-03-03")
    assert row["currencyId"] != "00000000-0000-0000-0000-000000000000"


def test_a_new_customer_is_there_with_its_card(small: Client) -> None:
    with small.simulator.act() as book:
        made = newcomer(book)
    row = customer(small, made.key)
    assert row["displayName"] == made.name
    (link,) = small.rows(f"api/customers({row['id']})/contactsInformation")
    assert (link["contactNumber"], link["contactType"]) == (f"CT{made.key}00", "Company")


def test_the_codes_of_disputes_are_listed(small: Client) -> None:
    assert {row["code"] for row in small.rows("api/disputeStatus")} >= {"PRICE", "QL"}


def test_a_user_blocks_a_customer_in_one_company(opened: Opened) -> None:
    client = opened()
    number = healthy(client).key
    client.simulator.user_sets_hold("00010", number, "All")
    assert customer(client, number)["blocked"] == "All"
    assert client.simulator.hold(client.id, number) == "All"
    client.simulator.user_sets_hold("00010", number, None)
    assert (customer(client, number)["blocked"], client.simulator.hold("00010", number)) == ("_x0020_", None)
    with client.simulator.act() as book:
        book.set_hold(number, "C2", company="00010")
    assert customer(client, number)["blocked"] == "Invoice"
