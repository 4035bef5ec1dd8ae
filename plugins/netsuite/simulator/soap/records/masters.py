"""Subsidiaries, currencies, terms, customers, contacts and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.soap.names import ACCOUNTING, COMMON, RELATIONSHIPS, tag

from .shape import Context, Shape, fields, put

Row = dict[str, Any]
CUSTOMER: Final = Shape("Customer", RELATIONSHIPS, "customer", fields(
    "entityId altName isPerson:bool firstName lastName companyName entityStatus:ref.entitystatus parent:ref.customer "
    "phone email isInactive:bool altPhone altEmail language:language comments dateCreated:date "
    "subsidiary:ref.subsidiary vatRegNumber accountNumber terms:ref.term creditLimit:number creditHoldOverride:hold "
    "currency:ref.currency lastModifiedDate:date stage:stage:searchstage"
))  # fmt: skip
CONTACT: Final = Shape("Contact", RELATIONSHIPS, "contact", fields(
    "entityId company:ref.customer firstName lastName title phone email isInactive:bool dateCreated:date "
    "lastModifiedDate:date"
))  # fmt: skip
RELATION: Final = Shape(
    "CustomerSubsidiaryRelationship", RELATIONSHIPS, "customersubsidiaryrelationship",
    fields("entity:ref.customer subsidiary:ref.subsidiary isPrimarySub:bool primaryCurrency:ref.currency"),
)  # fmt: skip
SUBSIDIARY: Final = Shape("Subsidiary", ACCOUNTING, "subsidiary", fields(
    "name parent:ref.subsidiary isInactive:bool country:country legalName isElimination:bool currency:ref.currency "
    "federalIdNumber"
))  # fmt: skip
CURRENCY: Final = Shape("Currency", ACCOUNTING, "currency", fields(
    "name symbol isBaseCurrency:bool isInactive:bool displaySymbol exchangeRate:number "
    "currencyPrecision:precision"
))  # fmt: skip
TERM: Final = Shape("Term", ACCOUNTING, "term", fields(
    "name dateDriven:bool daysUntilNetDue:long discountPercent:number daysUntilExpiry:long isInactive:bool"
))  # fmt: skip
ROLE: Final = Shape("ContactRole", ACCOUNTING, "contactrole", fields("name description isInactive:bool"))
ACCOUNT: Final = Shape("Account", ACCOUNTING, "account", fields(
    "acctType:account:accttype acctNumber acctName:text:fullname parent:ref.account description isInactive:bool"
))  # fmt: skip
MASTERS: Final[Mapping[str, Shape]] = {
    "customer": CUSTOMER, "contact": CONTACT, "customerSubsidiaryRelationship": RELATION, "subsidiary": SUBSIDIARY,
    "currency": CURRENCY, "term": TERM, "contactRole": ROLE, "account": ACCOUNT,
}  # fmt: skip
_ADDRESS: Final = fields("country:country addressee addr1 addr2 addr3 city state zip")


def loaded(shape: Shape, keys: Sequence[int], context: Context) -> list[Row]:
    """Return the rows of some records, in their order; one that is gone is left out."""
    marks = ", ".join("?" * len(keys))
    found = context.database.rows(f"SELECT * FROM `{shape.table}` WHERE id IN ({marks})", *keys)
    if shape is CUSTOMER:
        _add_subsidiaries(found, marks, keys, context)
    rows = {row["id"]: row for row in found}
    return [rows[key] for key in keys if key in rows]


def element(shape: Shape, row: Row, context: Context, *, lists: bool) -> Element:
    """Return a row as its record; with `lists`, a customer's addresses too."""
    made = shape.element(row, context)
    if lists and shape is CUSTOMER:
        _add_addresses(made, row, context)
    return made


def _add_subsidiaries(rows: list[Row], marks: str, keys: Sequence[int], context: Context) -> None:
    """Give customers the subsidiary that is their primary one."""
    statement = (
        "SELECT entity, subsidiary FROM customersubsidiaryrelationship "
        f"WHERE isprimarysub = 'T' AND entity IN ({marks})"
    )
    primary = {each["entity"]: each["subsidiary"] for each in context.database.rows(statement, *keys)}
    for row in rows:
        row["subsidiary"] = primary.get(row["id"])


def _add_addresses(customer: Element, row: Row, context: Context) -> None:
    listed = SubElement(customer, tag(RELATIONSHIPS, "addressbookList"), {"replaceAll": "false"})
    statement = "SELECT * FROM entityaddress WHERE nkey = ?"
    for address in context.database.rows(statement, row["defaultbillingaddress"]):
        entry = SubElement(listed, tag(RELATIONSHIPS, "addressbook"))
        for name in ("defaultShipping", "defaultBilling"):
            SubElement(entry, tag(RELATIONSHIPS, name)).text = "true"
        inner = SubElement(entry, tag(RELATIONSHIPS, "addressbookAddress"))
        SubElement(inner, tag(COMMON, "internalId")).text = str(address["nkey"])
        for field in _ADDRESS:
            put(inner, tag(COMMON, field.name), field.kind, address[field.column], context=context)
        SubElement(entry, tag(RELATIONSHIPS, "internalId")).text = str(address["nkey"])
