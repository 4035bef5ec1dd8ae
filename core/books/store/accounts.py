"""Debtors' accounts as the dunning rules look at them, for a batch of debtors of one company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, tuple_

from duehook.core.books.tables.dunning import block, debtor_dunning, item_dunning, notice
from duehook.core.books.tables.ledger import ALIVE, customer, in_state, item
from duehook.core.collect.facts import Account, Block, ItemFacts, Standing, in_dispute

Debtor = tuple[str, str]  # connection, key
ON_ITS_WAY = ("approved", "in_doubt")
COMMON = ""  # the company of a customer's row that governs where a company has none of its own


def load_accounts(
    tx: Connection, company: str, debtors: Collection[Debtor], as_of: date, *, but: Collection[int] = ()
) -> list[Account]:
    """Return the debtors' accounts with their open and vanished items, one a currency.

    `as_of` is the day that blocks count by. Notices in `but` are not counted as on their way.
    """
    wanted = sorted(set(debtors))
    loading = _Loading(tx, company, wanted, as_of=as_of, but=frozenset(but))
    return [loading.account(*key) for key in sorted(loading.items)]


class _Loading:
    """What was read for one batch of debtors."""

    def __init__(
        self, tx: Connection, company: str, wanted: Sequence[Debtor], *, as_of: date, but: frozenset[int]
    ) -> None:
        self.company, self.as_of = company, as_of
        self.items: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
        for row in tx.execute(_items(company, wanted)):
            self.items[row.connection, row.debtor, row.currency].append(row)
        names = {*wanted, *((row.connection, row.customer) for rows in self.items.values() for row in rows)}
        self.customers = governing_customers(tx, company, names)
        self.blocks = _blocks(tx, company, wanted, as_of)
        self.pending, self.pending_items = _pending(tx, company, wanted, but)
        self.last_sent = _last_sent(tx, company, wanted)

    def account(self, connection: str, debtor: str, currency: str) -> Account:
        """Put one account together."""
        facts = self.customers.get((connection, debtor))
        return Account(
            self.company,
            debtor,
            currency,
            tuple(self._item(row) for row in self.items[connection, debtor, currency]),
            connection=connection,
            state=facts.state if facts else "active",
            state_since=facts.state_since if facts else None,
            block=self.blocks.get((connection, debtor, None)),
            pending=(connection, debtor, currency) in self.pending,
            last_sent_on=self.last_sent.get((connection, debtor, currency)),
            erp_block=facts.dunning_block if facts else None,
            erp_last_dunned_on=facts.last_dunned_on if facts else None,
        )

    def _item(self, row: Row[Any]) -> ItemFacts:
        known = [self.customers.get((row.connection, key)) for key in (row.customer, row.debtor)]
        return ItemFacts(
            row.key,
            f"{row.document_type} {row.document_no}".strip(),
            row.due_on,
            row.document_on,
            row.open_amount,
            disputed_amount=in_dispute(row.open_amount, row.disputed_amount, row.dispute_reason),
            item_class=row.item_class,
            applies_to=row.applies_to,
            gone=row.state == "gone",
            placeholder=any(facts is None or facts.placeholder for facts in known),
            level=row.level,
            hand_set=bool(row.hand_set),
            last_notice_on=row.level_on,
            reminded_on=row.reminded_on,
            reopened_on=row.reopened_on,
            block=self.blocks.get((row.connection, None, row.key)),
            pending=(row.connection, row.debtor, row.key) in self.pending_items,
            erp_block=row.dunning_block,
            erp_level=row.dunning_level,
            erp_last_dunned_on=row.last_dunned_on,
            owner=self._owner(row),
        )

    def _owner(self, row: Row[Any]) -> Standing | None:
        """Return how the item's own customer stands where another one pays for it."""
        facts = self.customers.get((row.connection, row.customer)) if row.customer != row.debtor else None
        return Standing(facts.state, facts.state_since, facts.dunning_block) if facts else None


def _of(table: Any, company: str, wanted: Sequence[Debtor], column: str = "debtor") -> tuple[Any, Any]:
    return table.c.company == company, tuple_(table.c.connection, table.c[column]).in_(wanted)


def _items(company: str, wanted: Sequence[Debtor]) -> Select[Any]:
    ours = item_dunning
    same = (ours.c.company == item.c.company) & (ours.c.connection == item.c.connection) & (ours.c.item == item.c.key)
    columns = (ours.c.level, ours.c.hand_set, ours.c.level_on, ours.c.reminded_on)
    joined = item.outerjoin(ours, same)
    return select(item, *columns).select_from(joined).where(*_of(item, company, wanted), in_state(item, *ALIVE))


def governing_customers(tx: Connection, company: str, wanted: Collection[Debtor]) -> Mapping[tuple[str, str], Row[Any]]:
    """Return each customer's row that governs in the company: its own there, else the common one."""
    named = tuple_(customer.c.connection, customer.c.key).in_(sorted(wanted))
    statement = select(customer).where(named, customer.c.company.in_((company, COMMON))).order_by(customer.c.company)
    return {(row.connection, row.key): row for row in tx.execute(statement)}


def _blocks(
    tx: Connection, company: str, wanted: Sequence[Debtor], as_of: date
) -> dict[tuple[str, str | None, str | None], Block]:
    """Return the block that counts, by debtor or by item: the one that holds longest, else ended last.

    A block of an item follows the item to another debtor.
    """
    found: dict[tuple[str, str | None, str | None], Block] = {}
    theirs = select(item.c.connection, item.c.key).where(*_of(item, company, wanted))
    asked = or_(
        tuple_(block.c.connection, block.c.debtor).in_(wanted), tuple_(block.c.connection, block.c.item).in_(theirs)
    )
    statement = select(block).where(block.c.company == company, asked, block.c.from_on <= as_of)
    for row in tx.execute(statement.order_by(block.c.id)):
        ends = [row.until_on, row.lifted_at.date() if row.lifted_at else None]
        ends_on = min((day for day in ends if day), default=None)
        key = (row.connection, None if row.item else row.debtor, row.item or None)
        held = found.get(key)
        if held is None or (held.ends_on is not None and (ends_on is None or ends_on > held.ends_on)):
            found[key] = Block(row.reason, ends_on)
    return found


def _pending(
    tx: Connection, company: str, wanted: Sequence[Debtor], but: frozenset[int]
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Return the accounts that have a notice on its way, and the items that have one of their own."""
    columns = (notice.c.id, notice.c.connection, notice.c.debtor, notice.c.currency, notice.c.item)
    on_its_way = (*_of(notice, company, wanted), notice.c.state.in_(ON_ITS_WAY))
    rows = [row for row in tx.execute(select(*columns).where(*on_its_way)) if row.id not in but]
    accounts = {(row.connection, row.debtor, row.currency) for row in rows if not row.item}
    return accounts, {(row.connection, row.debtor, row.item) for row in rows if row.item}


def _last_sent(tx: Connection, company: str, wanted: Sequence[Debtor]) -> dict[tuple[str, str, str], date]:
    rows = tx.execute(select(debtor_dunning).where(*_of(debtor_dunning, company, wanted)))
    return {(row.connection, row.debtor, row.currency): row.last_sent_on for row in rows}
