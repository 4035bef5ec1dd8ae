"""Companies, terms, rates, customers and contacts as a connector shall read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.plugins.d365.simulator.tables.codes import PURPOSES, STATES, TITLES
from duehook.plugins.d365.simulator.tables.ledger_rows import Row
from duehook.plugins.d365.simulator.tables.master_rows import exchange_rates, legal_entities, payment_terms
from duehook.plugins.d365.simulator.tables.site import Site
from duehook.plugins.d365.simulator.tables.values import day_of

NO_LETTERS: Final = "no collection letters"
_FACTORS: Final = {"One": 1, "Ten": 10, "Hundred": 100, "Thousand": 1000, "TenThousand": 10_000}


def companies(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for row in legal_entities(site.book):
        yield {
            "company": row["LegalEntityId"],
            "name": row["Name"],
            "legal_name": row["Name"],
            "currency": site.currency(row["LegalEntityId"]),
            "vat_id": row["VATNum"],
            "register_number": row["RegistrationNumber"],
            "country": row["AddressCountryRegionISOCode"],
            "address": _address(row),
        }


def terms(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    terms = {row["Name"]: row for row in payment_terms(site.book)}
    for name, row in terms.items():
        yield {"key": name, "text": row["Description"], "net_days": row["NumberOfDays"] + 30 * row["NumberOfMonths"]}


def rates(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for row in exchange_rates(site.book):
        yield {
            "from_currency": row["FromCurrency"],
            "to_currency": row["ToCurrency"],
            "rate_type": row["RateTypeName"],
            "valid_on": day_of(row["StartDate"]),
            "rate": row["Rate"] / _FACTORS[row["ConversionFactor"]],
        }


def customers(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for row in site.masters.rows():
        person = row["PartyType"] == "Person"
        own = row["CustomerAccount"]
        states = {status: state for state, status in STATES.items()}
        state = "one_time" if row["IsOneTimeCustomer"] == "Yes" else "active"
        limit = row["CreditLimit"] if row["CreditLimit"] or row["CreditLimitIsMandatory"] == "Yes" else None
        yield {
            "company": row["dataAreaId"],
            "key": own,
            "name": f"{row['PersonFirstName']} {row['PersonLastName']}" if person else row["OrganizationName"],
            "state": states.get(row["CredManAccountStatusId"], state),
            "payer": row["InvoiceAccount"] if row["InvoiceAccount"] != own else None,
            "group": row["CustomerGroupId"],
            "collector": row["CredManCollectionGroupId"],
            "terms": row["PaymentTerms"],
            "currency": row["SalesCurrencyCode"],
            "credit_limit": None if row["CredManCustUnlimitedCredit"] == "Yes" else limit,
            "hold": row["OnHoldStatus"] if row["OnHoldStatus"] != "No" else None,
            "dunning_block": NO_LETTERS if row["CollectionLetterCode"] == "None" else None,
            "language": row["LanguageId"].partition("-")[0],
            "country": row["AddressCountryRegionISOCode"],
            "tax_id": row["TaxExemptNumber"],
            "address": _address(row),
        }


def contacts(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    desks = set()
    parties: dict[tuple[str, str], str] = {}
    for row in site.masters.rows():
        company, own = row["dataAreaId"], row["CustomerAccount"]
        desks.add((company, row["CollectionsContactPersonId"]))
        parties[company, row["PartyNumber"]] = own
        name = f"{row['PersonFirstName']} {row['PersonLastName']}".strip() or row["OrganizationName"]
        if row["PrimaryContactEmail"] or row["PrimaryContactPhone"]:
            yield {
                "company": company, "key": f"main|{own}", "customer": own, "name": name, "purposes": ("main",),
                "email": row["PrimaryContactEmail"], "phone": row["PrimaryContactPhone"],
            }  # fmt: skip
    for row in site.masters.people_rows():
        pair = row["dataAreaId"], row["ContactPersonId"]
        found = {TITLES.get(row["EmploymentJobTitle"]), "dunning" if pair in desks else None} - {None}
        yield {
            "company": pair[0],
            "key": pair[1],
            "customer": parties[pair[0], row["AssociatedPartyNumber"]],
            "name": f"{row['FirstName']} {row['LastName']}",
            "purposes": tuple(sorted(filter(None, found))),
            "email": row["PrimaryEmailAddress"],
            "phone": row["PrimaryPhoneNumber"],
            "role": row["EmploymentJobTitle"],
            "changed_at": row["LastEditDateTime"],
        }
    for row in site.masters.address_rows():
        yield {
            "company": row["dataAreaId"], "key": f"address|{row['ElectronicAddressId']}",
            "customer": row["CustomerAccount"], "name": row["Description"],
            "purposes": (PURPOSES[row["Purpose"]],), "email": row["Locator"],
        }  # fmt: skip


def _address(row: Row) -> Row:
    return {
        "lines": tuple(row["AddressStreet"].split("\n")),
        "postal_code": row["AddressZipCode"],
        "city": row["AddressCity"],
        "country": row["AddressCountryRegionISOCode"],
    }
