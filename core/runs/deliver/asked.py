"""What the ERP says of a notice's items and debtor just before it is sent (rule 22)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from duehook.core.books.store.accounts import COMMON
from duehook.core.collect.facts import Account, ItemFacts, Standing, in_dispute
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Source
from duehook.core.money import to_scaled
from duehook.core.records import Customer, Item, Stream

from .round import Round

LOOKUP: Final = 500
Key = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What the ERP said just now: the items and customers it found; of those asked, all others are not there.

    `data_at` is how new what it said can be: the ERP's clock, or the time of its last export.
    """

    data_at: datetime
    items: Mapping[str, Item]
    customers: Mapping[str, Customer]


def ask(round_: Round, company: str, connection: str, *, items: Iterable[str], debtors: Collection[str]) -> Asked:
    """Look up these items of a company, their own customers and these debtors, under the ERP's own company code.

    Raises ConnectorError when it cannot be asked, BadRecord for rows that cannot be read.
    """
    source = round_.outside.source(connection, "invoices")
    if source is None:
        raise BadRecord("the connection serves no invoices")
    erp = round_.settings.code_in(connection, company) if company in round_.settings.companies else None
    code = erp or company
    people = round_.outside.source(connection, "customers")
    try:
        data_at = source.upper_bound().at
        known = _found(source, "item", [(code, item) for item in items])
        rows = {item.key: item for item in map(Item.model_validate, known)}
        whom = dict.fromkeys((*debtors, *(row.customer for row in rows.values())))
        wanted = [(of, customer) for customer in whom for of in (code, COMMON)]
        found = _found(people, "customer", wanted) if people is not None else ()
        customers = sorted(map(Customer.model_validate, found), key=lambda row: row.company or COMMON)
    except ValidationError as error:
        raise BadRecord(f"its rows cannot be read ({error.error_count()} faults)") from error
    # the company's own row goes before the common one
    return Asked(data_at, rows, {row.key: row for row in customers})


def _found(source: Source, stream: Stream, keys: Iterable[Key]) -> list[Any]:
    wanted = list(dict.fromkeys(keys))
    answers = [source.lookup(stream, wanted[start : start + LOOKUP]) for start in range(0, len(wanted), LOOKUP)]
    return [row for answer in answers for row in answer.found]


def as_asked(account: Account, asked: Asked, keys: Collection[str]) -> Account:
    """Put what the ERP said in the place of what the books hold; what it no longer has drops out."""
    items = []
    for item in account.items:
        row = asked.items.get(item.key)
        if item.key not in keys:
            items.append(item)
        elif row is not None and row.open_amount and (row.debtor, row.currency) == (account.debtor, account.currency):
            items.append(_item_as_asked(item, row, asked.customers.get(row.customer)))
    account = replace(account, items=tuple(items))
    customer = asked.customers.get(account.debtor)
    if customer is None:
        return account
    return replace(
        account,
        state=customer.state,
        state_since=customer.state_since,
        erp_block=customer.dunning_block,
        erp_last_dunned_on=customer.last_dunned_on,
    )


def _item_as_asked(item: ItemFacts, row: Item, owner: Customer | None) -> ItemFacts:
    open_amount = to_scaled(row.open_amount)
    disputed = None if row.disputed_amount is None else to_scaled(row.disputed_amount)
    standing = item.owner if owner is None else Standing(owner.state, owner.state_since, owner.dunning_block)
    return replace(
        item,
        open_amount=open_amount,
        disputed_amount=in_dispute(open_amount, disputed, row.dispute_reason),
        item_class=row.item_class,
        due_on=row.due_on or item.due_on,
        erp_block=row.dunning_block,
        erp_level=row.dunning_level,
        erp_last_dunned_on=row.last_dunned_on,
        owner=standing if row.customer != row.debtor else None,
    )
