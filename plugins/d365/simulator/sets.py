"""The entity sets of the simulated site: which rows each has, and what may be written into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from duehook.core.testing.odata import EntitySet, EntityType, Row, Table, Written

from .service import etag, posted_etag
from .tables import entities
from .tables.attachments import Attachments
from .tables.master_rows import exchange_rates, ledgers, legal_entities, payment_terms
from .tables.settlements import Settlements
from .tables.site import Site

Write = Callable[[Written], "Row | None"]
Rows = Callable[[], Table | Iterable[Row]]
NEVER_WRITTEN: Mapping[str, EntityType] = {
    "LegalEntities": entities.LEGAL_ENTITY,
    "Ledgers": entities.LEDGER,
    "PaymentTerms": entities.PAYMENT_TERM,
    "ExchangeRates": entities.EXCHANGE_RATE,
    "ContactPersons": entities.CONTACT_PERSON,
    "CustomerElectronicAddresses": entities.ELECTRONIC_ADDRESS,
    "CustTransOpens": entities.OPEN,
    "CustTransactions": entities.TRANSACTION,
    "CustTransBiEntities": entities.CHANGED,
    "CustSettlements": entities.SETTLEMENT,
    "SysAADClients": entities.CLIENT,
}


def entity_sets(
    site: Site, attachments: Attachments, absent: Iterable[str], *, clients: Rows, writes: Mapping[str, Write]
) -> Iterator[EntitySet]:
    """Yield the sets that the site has; `writes` carries out what is written, by set: `<set> POST` creates."""
    gone = set(absent)
    rows = _rows(site) | {"SysAADClients": clients}
    for name, type in NEVER_WRITTEN.items():
        if name not in gone:
            made = posted_etag if name.startswith("CustTrans") else etag
            yield EntitySet(name, _without(type, gone), rows[name], etag=made)
    yield EntitySet(
        "CustomersV3", entities.CUSTOMER, lambda: site.masters.customers, writes["CustomersV3"],
        updatable=True, etag=etag,
    )  # fmt: skip
    yield EntitySet(
        "CustDisputes", entities.DISPUTE, lambda: site.disputes.table, writes["CustDisputes"],
        creatable=True, updatable=True, etag=etag,
    )  # fmt: skip
    yield EntitySet(
        "CustomerAttachmentsV2", entities.ATTACHMENT, lambda: attachments.table, writes["CustomerAttachmentsV2"],
        creatable=True, etag=etag,
    )  # fmt: skip


def _rows(site: Site) -> dict[str, Rows]:
    book, ledger = site.book, site.ledger
    settlements = Settlements(ledger)
    found: dict[str, Callable[[], Any]] = {
        "LegalEntities": lambda: legal_entities(book),
        "Ledgers": lambda: ledgers(book.companies.values()),
        "PaymentTerms": lambda: payment_terms(book),
        "ExchangeRates": lambda: exchange_rates(book),
        "ContactPersons": lambda: site.masters.people,
        "CustomerElectronicAddresses": lambda: site.masters.addresses,
        "CustTransOpens": lambda: ledger.opens,
        "CustTransactions": lambda: ledger.transactions,
        "CustTransBiEntities": lambda: ledger.changed,
        "CustSettlements": lambda: settlements.table,
    }
    return dict(found)


def _without(type: EntityType, gone: set[str]) -> EntityType:
    """Return a type without the navigations that lead to sets which are not there."""
    left = {name: each for name, each in type.navigations.items() if each.target not in gone}
    return replace(type, navigations=left)
