"""What the ERP told us: companies, customers, contacts, items, payments, allocations, terms, rates.

Each row carries `known_from` and the run that wrote it. What the ERP says of its own dunning
(`dunning_*`) stands here; what Duehook does stands in tables/dunning.py (rule 8).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    Text,
    literal,
    or_,
)

from .base import Json, day, instant, key, metadata, money, versions_of


def _stamp() -> list[Column]:  # type: ignore[type-arg]
    return [
        instant("changed_at"),
        instant("known_from", nullable=False),
        Column("run_id", BigInteger, nullable=False),
    ]


company = Table(
    "company",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("legal_name", Text),
    Column("address", Json),
    Column("vat_id", Text),
    Column("register_number", Text),
    Column("bank_accounts", Json),
    Column("timezone", Text),
    Column("country", Text),
    *_stamp(),
)

payment_term = Table(
    "payment_term",
    metadata,
    key("connection", primary_key=True),
    key("key", primary_key=True),
    Column("text", Text, nullable=False),
    Column("net_days", Integer, nullable=False),
    Column("discount_days", Integer),
    Column("discount_percent", Text),
    *_stamp(),
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    key("connection", primary_key=True),
    Column("from_currency", String(3), primary_key=True),
    Column("to_currency", String(3), primary_key=True),
    Column("rate_type", String(40), primary_key=True),
    Column("valid_on", day("valid_on").type, primary_key=True),
    Column("rate", Text, nullable=False),
    *_stamp(),
)

# `company` is '' on the row that governs every company without one of its own.
customer = Table(
    "customer",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("key", primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", String(20), nullable=False),
    day("state_since"),
    key("payer", nullable=True),
    key("parent", nullable=True),
    Column("group", Text),
    Column("collector", Text),
    Column("credit_manager", Text),
    Column("terms", Text),
    Column("currency", String(3)),
    money("credit_limit", nullable=True),
    Column("limit_currency", String(3)),
    Column("hold", Text),
    Column("dunning_block", Text),
    Column("dunning_level", Integer),
    day("last_dunned_on"),
    Column("language", Text),
    Column("country", Text),
    Column("tax_id", Text),
    Column("address", Json),
    Column("categories", Json),
    Column("extra", Json),
    Column("placeholder", Boolean, nullable=False),
    *_stamp(),
)
customer_version = versions_of(customer)

contact = Table(
    "contact",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("key", primary_key=True),
    key("customer"),
    Column("name", Text, nullable=False),
    Column("purposes", Json, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("language", Text),
    Column("role", Text),
    Column("extra", Json),
    *_stamp(),
    Index(None, "connection", "customer"),
)

# state: open · cleared · gone · deleted · purged · deleted_or_purged (rule 15).
# `debtor` is payer, else bill-to, else customer (rule 6). `reopened_on` is set when the open
# amount grew again (rule 16). What every selection reads stands first: a row is read from its left.
item = Table(
    "item",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("key", primary_key=True),
    key("customer"),
    key("debtor"),
    Column("currency", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    money("open_amount"),
    day("due_on", nullable=False),
    day("document_on", nullable=False),
    day("posted_on"),
    Column("item_class", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    money("amount"),
    Column("due_derived", Boolean, nullable=False),
    Column("document_no", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    key("payer", nullable=True),
    key("bill_to", nullable=True),
    Column("fiscal_year", Integer),
    Column("instalment", Text),
    day("discount_on"),
    day("cleared_on"),
    money("tax_amount", nullable=True),
    money("discount_amount", nullable=True),
    Column("company_currency", String(3)),
    money("company_amount", nullable=True),
    money("company_open_amount", nullable=True),
    Column("payment_method", Text),
    Column("terms", Text),
    Column("purchase_order", Text),
    Column("sales_order", Text),
    Column("reference", Text),
    Column("text", Text),
    Column("business_unit", Text),
    key("applies_to", nullable=True),
    key("reversal_of", nullable=True),
    money("disputed_amount", nullable=True),
    Column("dispute_reason", Text),
    Column("dunning_block", Text),
    Column("dunning_level", Integer),
    day("last_dunned_on"),
    Column("address", Json),
    Column("extra", Json),
    day("reopened_on"),
    *_stamp(),
)
ALIVE: Final = ("open", "gone")  # states of an item that is still somebody's debt, or may be


def in_state(of: FromClause, *states: str) -> ColumnElement[bool]:
    """Return the condition that an item is in one of these states, of which each stands in the statement itself.

    Bound as a parameter it is known when the statement runs and not when it is prepared: SQLite prepares it
    anew each time, and PostgreSQL's prepared statements leave the index of the living items aside.
    """
    return or_(*(of.c.state == literal(state, literal_execute=True) for state in states))


# Most items of a book are cleared: what asks for the living ones reads them alone.
Index(
    "ix_item_alive",
    item.c.state,
    item.c.company,
    item.c.connection,
    item.c.key,
    postgresql_where=in_state(item, *ALIVE),
    sqlite_where=in_state(item, *ALIVE),
)
Index("ix_item_debtor", item.c.company, item.c.connection, item.c.debtor)
Index("ix_item_document_no", item.c.document_no)
Index(
    "ix_item_applies_to",
    item.c.company,
    item.c.connection,
    item.c.applies_to,
    postgresql_where=item.c.applies_to.is_not(None),
    sqlite_where=item.c.applies_to.is_not(None),
)
item_version = versions_of(item)
Index("ix_item_version_key", item_version.c.company, item_version.c.connection, item_version.c.key)

payment = Table(
    "payment",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("key", primary_key=True),
    key("customer"),
    Column("currency", String(3), nullable=False),
    money("amount"),
    day("received_on", nullable=False),
    day("posted_on"),
    money("unapplied_amount", nullable=True),
    Column("company_currency", String(3)),
    money("company_amount", nullable=True),
    Column("method", Text),
    Column("reference", Text),
    key("reversal_of", nullable=True),
    day("reversed_on"),
    Column("extra", Json),
    *_stamp(),
    Index(None, "company", "connection", "customer"),
)
Index(
    "ix_payment_reversal_of",
    payment.c.company,
    payment.c.connection,
    payment.c.reversal_of,
    postgresql_where=payment.c.reversal_of.is_not(None),
    sqlite_where=payment.c.reversal_of.is_not(None),
)

allocation = Table(
    "allocation",
    metadata,
    key("company", primary_key=True),
    key("connection", primary_key=True),
    key("key", primary_key=True),
    key("item"),
    key("payment", nullable=True),
    Column("kind", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    money("amount"),
    day("allocated_on", nullable=False),
    day("posted_on"),
    money("company_amount", nullable=True),
    Column("reason", Text),
    key("reversal_of", nullable=True),
    *_stamp(),
    Index(None, "company", "connection", "item"),
)
allocation_version = versions_of(allocation)
