"""Companies, terms, customers and contacts as a connector shall read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duehook.plugins.business_central.simulator.tables.codes import BLANK, STATES, company_id
from duehook.plugins.business_central.simulator.tables.master_rows import company_information, payment_terms
from duehook.plugins.business_central.simulator.tables.site import Site

Row = dict[str, Any]


def companies(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for code, company in site.book.companies.items():
        row = company_information(company)
        yield {
            "company": company_id(code),
            "name": company.name,
            "legal_name": row["displayName"],
            "currency": row["currencyCode"],
            "vat_id": row["taxRegistrationNumber"],
            "country": row["country"],
            "address": _address(row),
        }


def terms(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    company = company_id(next(iter(site.book.companies)))
    for row in payment_terms(site.book, company):
        yield {
            "key": row["code"],
            "text": row["displayName"],
            "net_days": _days(row["dueDateCalculation"]),
            "discount_days": _days(row["discountDateCalculation"]),
            "discount_percent": row["discountPercent"] or None,
        }


def customers(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    states = {code: state for state, code in STATES.items()}
    for company in site.masters.customers:
        codes = {row["id"]: row["code"] for row in payment_terms(site.book, company)}
        for row in site.masters.rows(company):
            yield {
                "company": company,
                "key": row["number"],
                "name": row["displayName"],
                "state": states.get(row["salespersonCode"], "active"),
                "collector": row["salespersonCode"],
                "terms": codes[row["paymentTermsId"]],
                "currency": row["currencyCode"],
                "credit_limit": row["creditLimit"] or None,
                "limit_currency": site.currency(company) if row["creditLimit"] else None,
                "hold": row["blocked"] if row["blocked"] != BLANK else None,
                "country": row["country"],
                "tax_id": row["taxRegistrationNumber"],
                "address": _address(row),
                "changed_at": row["lastModifiedDateTime"],
            }


def contacts(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for company in site.masters.customers:
        for row in site.masters.rows(company):
            if row["email"] or row["phoneNumber"]:
                yield {
                    "company": company, "key": f"{row['number']}|email", "customer": row["number"],
                    "name": row["displayName"], "purposes": ("main",), "email": row["email"],
                    "phone": row["phoneNumber"], "changed_at": row["lastModifiedDateTime"],
                }  # fmt: skip
        owners = {row["companyNumber"]: row["companyNumber"][2:-2] for row in site.masters.contact_rows(company)}
        for row in site.masters.contact_rows(company):
            if row["type"] == "Person":
                yield {
                    "company": company, "key": row["number"], "customer": owners[row["companyNumber"]],
                    "name": row["displayName"], "email": row["email"], "phone": row["phoneNumber"],
                    "changed_at": row["lastModifiedDateTime"],
                }  # fmt: skip


def _days(formula: str) -> int | None:
    return int(formula.removesuffix("D")) if formula else None


def _address(row: Row) -> Row:
    return {
        "lines": (row["addressLine1"],),
        "postal_code": row["postalCode"],
        "city": row["city"],
        "country": row["country"],
    }
