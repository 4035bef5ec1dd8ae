"""The entity sets of the simulated site: those of API v2.0, and the web services that it publishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from duehook.core.testing.odata import EntitySet

from .service import customer_etag, document_etag, entry_etag, etag
from .tables import entities
from .tables.codes import book_company
from .tables.master_rows import companies, company_information, dispute_statuses, payment_terms
from .tables.site import Site
from .writes import Writes


def company_list(site: Site) -> EntitySet:
    """Return companies, the only set that is asked for outside of a company."""
    return EntitySet("companies", entities.COMPANY, lambda: companies(site.book))


def of_api(site: Site, company: str, writes: Writes, options: Mapping[str, Any]) -> Iterator[EntitySet]:
    """Yield the sets of API v2.0 in a company."""
    book, masters, documents = site.book, site.masters, site.documents
    own = book.companies[book_company(company)]
    yield EntitySet(
        "companyInformation", entities.COMPANY_INFORMATION, lambda: iter([company_information(own)]), etag=etag
    )
    yield EntitySet("paymentTerms", entities.PAYMENT_TERM, lambda: payment_terms(book, company), etag=etag)
    yield EntitySet("disputeStatus", entities.DISPUTE_STATUS, lambda: dispute_statuses(company), etag=etag)
    yield EntitySet(
        "customers", entities.CUSTOMER, lambda: masters.customers[company], writes.customer, updatable=True,
        guarded=True, etag=customer_etag,
    )  # fmt: skip
    yield EntitySet("customerFinancialDetails", entities.FINANCIAL_DETAIL, lambda: masters.details[company], etag=etag)
    yield EntitySet("contacts", entities.CONTACT, lambda: masters.contacts[company], etag=etag)
    yield EntitySet("contactsInformation", entities.CONTACT_INFORMATION, lambda: masters.links[company], etag=etag)
    invoice = entities.sales_invoice(options)
    yield EntitySet("salesInvoices", invoice, lambda: documents.invoices[company], etag=document_etag)
    yield EntitySet(
        "salesCreditMemos", entities.SALES_CREDIT_MEMO, lambda: documents.credit_memos[company], etag=document_etag
    )


def of_web_services(site: Site, company: str, writes: Writes, options: Mapping[str, Any]) -> Iterator[EntitySet]:
    """Yield the pages that the site publishes as web services, in a company."""
    ledger = site.ledger
    if options["ledger_entries"]:
        yield EntitySet(
            "CustomerLedgerEntries", entities.ledger_entry(options), lambda: ledger.entries[company], writes.entry,
            updatable=True, guarded=True, etag=entry_etag,
        )  # fmt: skip
    if options["ledger_entries"] and options["detailed_entries"]:
        yield EntitySet(
            "DetailedCustLedgEntries", entities.detailed_entry(options), lambda: ledger.details[company], etag=etag
        )
    if options["comments"]:
        yield EntitySet(
            "CommentSheet", entities.COMMENT, lambda: site.comments.tables[company], writes.comment, creatable=True,
            etag=etag,
        )  # fmt: skip
