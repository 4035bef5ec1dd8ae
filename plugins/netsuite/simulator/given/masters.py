"""Companies, terms, customers and contacts as a connector shall read them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from duehook.plugins.netsuite.simulator.tables.account import Account
from duehook.plugins.netsuite.simulator.tables.codes import STATUSES
from duehook.plugins.netsuite.simulator.tables.schema import RATES, TAX_ID
from duehook.plugins.netsuite.simulator.tables.values import as_date

Row = dict[str, Any]
_STATES = {number: state for state, (number, _) in STATUSES.items()}


def companies(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    found = account.rows("SELECT s.*, c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency")
    for row in found:
        yield {
            "company": str(row["id"]), "name": row["name"], "legal_name": row["legalname"], "currency": row["symbol"],
            "country": row["country"], "vat_id": row["federalidnumber"],
        }  # fmt: skip


def terms(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    for row in account.rows("SELECT * FROM term"):
        percent = row["discountpercent"]
        yield {
            "key": str(row["id"]),
            "text": row["name"],
            "net_days": row["daysuntilnetdue"],
            "discount_days": row["daysuntilexpiry"],
            "discount_percent": None if percent is None else Decimal(str(percent)),
        }


def rates(account: Account) -> Iterator[Row]:
    """Yield the rows, where the account has the table."""
    if RATES not in account.database.schema.tables:
        return
    found = account.rows(
        "SELECT r.*, f.symbol AS foreign_symbol, b.symbol AS base_symbol FROM currencyrate r "
        "JOIN currency f ON f.id = r.transactioncurrency JOIN currency b ON b.id = r.basecurrency ORDER BY r.id"
    )
    for row in found:
        yield {
            "from_currency": row["foreign_symbol"], "to_currency": row["base_symbol"],
            "valid_on": as_date(row["effectivedate"]), "rate": Decimal(str(row["exchangerate"])),
        }  # fmt: skip


def customers(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    found = account.rows(
        "SELECT c.*, r.subsidiary, m.symbol, a.addr1, a.zip, a.city, a.country AS land "
        "FROM customersubsidiaryrelationship r JOIN customer c ON c.id = r.entity "
        "JOIN currency m ON m.id = c.currency JOIN entityaddress a ON a.nkey = c.defaultbillingaddress ORDER BY r.id"
    )
    for row in found:
        hold, limit = row["creditholdoverride"], row["creditlimit"]
        yield {
            "company": str(row["subsidiary"]),
            "key": str(row["id"]),
            "name": row["companyname"] or f"{row['firstname']} {row['lastname']}",
            "state": _STATES[row["entitystatus"]],
            "language": row["language"].partition("_")[0],
            "country": row["land"],
            "address": {
                "lines": (row["addr1"],),
                "postal_code": row["zip"],
                "city": row["city"],
                "country": row["land"],
            },
            "parent": None if row["parent"] is None else str(row["parent"]),
            "terms": str(row["terms"]),
            "currency": row["symbol"],
            "credit_limit": None if limit is None else Decimal(str(limit)),
            "hold": None if hold == "AUTO" else hold,
            "tax_id": row.get(TAX_ID),
            "changed_at": account.instant(row["lastmodifieddate"]),
        }


def contacts(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    for row in account.rows("SELECT * FROM customer WHERE email IS NOT NULL ORDER BY id"):
        yield {
            "key": f"{row['id']}|email", "customer": str(row["id"]), "email": row["email"], "phone": row["phone"],
            "name": row["companyname"] or f"{row['firstname']} {row['lastname']}", "purposes": ("main",),
            "changed_at": account.instant(row["lastmodifieddate"]),
        }  # fmt: skip
    found = account.rows(
        "SELECT c.*, r.name AS rolename FROM contact c LEFT JOIN contactrole r ON r.id = c.contactrole ORDER BY c.id"
    )
    for row in found:
        yield {
            "key": str(row["id"]), "customer": str(row["company"]), "email": row["email"], "phone": row["phone"],
            "name": f"{row['firstname']} {row['lastname']}", "role": row["rolename"],
            "changed_at": account.instant(row["lastmodifieddate"]),
        }  # fmt: skip
