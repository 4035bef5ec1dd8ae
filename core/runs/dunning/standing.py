"""How a debtor stands: the level of its account in each currency (rule 18)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from duehook.core.books.store import find
from duehook.core.books.store.accounts import load_accounts
from duehook.core.collect.standing import account_level
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.runs.days import day_at
from duehook.core.runs.site import Site

from .policies import choose, terms_of


@dataclass(frozen=True)
class AccountStanding:
    """An account's level today: the highest of its open dunnable items, 0 before the first letter."""

    company: str
    debtor: str
    currency: str
    level: int
    level_name: str | None

    def __str__(self) -> str:
        level = f"level {self.level} ({self.level_name})" if self.level_name else f"level {self.level}"
        return f"{self.company}/{self.debtor} stands at {level} in {self.currency}."


def standing_of(site: Site, context: Context, named: str) -> list[AccountStanding]:
    """Return the standing of a debtor's accounts, none when an item is named. Raises NotFound for neither."""
    with site.books.read() as tx:
        if _is_item(tx, named):
            return []
        debtor = find.debtor(tx, named)
        as_of = day_at(site.settings, debtor.company, context.now())
        whom = (debtor.connection, debtor.key)
        terms = terms_of(tx, choose(site, tx, debtor.company, as_of), [whom])[whom]
        accounts = load_accounts(tx, debtor.company, [whom], as_of)
    names = {level.number: level.name for level in terms.policy.levels}
    levels = [(account.currency, account_level(account, terms)) for account in accounts]
    return [AccountStanding(debtor.company, debtor.key, of, level, names.get(level)) for of, level in levels]


def _is_item(tx: Connection, named: str) -> bool:
    try:
        find.open_or_past_item(tx, named)
    except NotFound:
        return False
    return True
