"""What stops one item before anything is counted: its own facts and its debtor's, first reason wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from .codes import Code
from .decision import Decision
from .facts import Account, Block, ItemFacts, Standing, Terms
from .ripeness import is_over

Rule = Callable[[ItemFacts, Account, Terms], Decision | None]


def stopped(item: ItemFacts, account: Account, terms: Terms) -> Decision | None:
    """Return the decision that keeps the item out of every letter, or None when it may be dunned.

    An item that passes is dunnable: it counts for the account's level (rule 18), and a credit
    that passes may be netted.
    """
    found = (rule(item, account, terms) for rule in _RULES)
    return next((decision for decision in found if decision), None)


def account_level(account: Account, terms: Terms) -> int:
    """Return the account's level: the highest of its open dunnable items (rule 18)."""
    dunnable = (item for item in account.items if item.open_amount > 0 and stopped(item, account, terms) is None)
    return max((item.standing_level for item in dunnable), default=0)


def _missing(item: ItemFacts, _account: Account, _terms: Terms) -> Decision | None:
    return Decision(item.key, Code.PLACEHOLDER) if item.placeholder else None


def _gone(item: ItemFacts, _account: Account, _terms: Terms) -> Decision | None:
    return Decision(item.key, Code.GONE) if item.gone else None


def _settled(item: ItemFacts, _account: Account, _terms: Terms) -> Decision | None:
    return Decision(item.key, Code.SETTLED) if item.open_amount == 0 else None


def _state(item: ItemFacts, account: Account, _terms: Terms) -> Decision | None:
    """Stop by the debtor's state, else by that of the item's own customer (rules 5 and 8)."""
    owner = item.owner or Standing()
    found = _by_state(item, account.state, account.state_since)
    return found or _by_state(item, owner.state, owner.state_since)


def _by_state(item: ItemFacts, state: str, since: date | None) -> Decision | None:
    """Stop by a customer's state; insolvency parts items before and after its date (rule 5)."""
    if state == "active":
        return None
    if state != "insolvent":
        return Decision(item.key, Code.CUSTOMER_STATE, on=since, detail=state)
    return Decision(item.key, Code.INSOLVENT, on=since) if since is None or item.document_on < since else None


def _class(item: ItemFacts, _account: Account, terms: Terms) -> Decision | None:
    if item.item_class in terms.policy.classes:
        return None
    return Decision(item.key, Code.CLASS, detail=item.item_class)


def _debtor_block(item: ItemFacts, account: Account, terms: Terms) -> Decision | None:
    return _blocked(item, account.block, Code.BLOCKED_DEBTOR, terms)


def _item_block(item: ItemFacts, _account: Account, terms: Terms) -> Decision | None:
    return _blocked(item, item.block, Code.BLOCKED_ITEM, terms)


def _blocked(item: ItemFacts, block: Block | None, code: Code, terms: Terms) -> Decision | None:
    if block is None:
        return None
    if block.holds(terms.as_of):
        return Decision(item.key, code, on=block.ends_on, detail=block.reason)
    if not is_over(block.ends_on, terms.policy.unblock_grace, terms):
        return Decision(item.key, Code.UNBLOCK_GRACE, on=block.ends_on)
    return None


def _erp_block(item: ItemFacts, account: Account, _terms: Terms) -> Decision | None:
    """Stop by the ERP's own block: the debtor's first, then the item's customer's, then its own."""
    blocks = (account.erp_block, item.owner.erp_block if item.owner else None, item.erp_block)
    block = next((block for block in blocks if block is not None), None)
    return Decision(item.key, Code.ERP_BLOCK, detail=block) if block is not None else None


def _disputed(item: ItemFacts, _account: Account, terms: Terms) -> Decision | None:
    if item.open_amount > 0 and item.disputed_amount > 0 and terms.policy.disputed == "item":
        return Decision(item.key, Code.DISPUTED, amount=item.disputed_amount)
    return None


def _reopened(item: ItemFacts, _account: Account, terms: Terms) -> Decision | None:
    """Let what came back to pay wait (rule 16); a credit that came back takes nothing from anybody."""
    if item.open_amount < 0 or is_over(item.reopened_on, terms.policy.reopen_grace, terms):
        return None
    return Decision(item.key, Code.REOPEN_GRACE, on=item.reopened_on)


_RULES: Final[tuple[Rule, ...]] = (
    _missing,
    _gone,
    _settled,
    _state,
    _class,
    _debtor_block,
    _item_block,
    _erp_block,
    _reopened,
    _disputed,
)
