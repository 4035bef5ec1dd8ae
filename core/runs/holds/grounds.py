"""What a hold is judged by: the ERP's value, what is owed to the company it was set for, and the cash that came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books.store import accounts
from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import sending
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.holds import HoldDecision, HoldFacts, OwnHold, decide_release
from duehook.core.context import Context
from duehook.core.runs.adopted import adopted
from duehook.core.settings import Settings

from .acts import calendar_today

Who = tuple[str, str]  # connection, key


class Grounds:
    """What was read to judge holds of one company.

    A hold may stand in another connection than the ledger: its value is that connection's, the
    items are those of the connection whose notice announced it.
    """

    def __init__(self, tx: Connection, settings: Settings, context: Context, rows: Sequence[Row[Any]]) -> None:
        company = rows[0].company
        held_by = {(row.connection, row.customer) for row in rows}
        self._rows = rows
        self._values = accounts.governing_customers(tx, company, held_by)
        self._notices = sending.notices(tx, {row.notice_id for row in rows})
        self._policies = adopted(tx, {notice.policy_hash for notice in self._notices.values()})
        self._calendar, self._today = calendar_today(settings, company, context)
        self._debts = Debts(tx, company, {self._debtor(row) for row in rows}, self._today)

    def decisions(self) -> list[tuple[Row[Any], HoldDecision]]:
        """Decide each hold whose customer its connection has read."""
        known = [row for row in self._rows if (row.connection, row.customer) in self._values]
        return [(row, self._decide(row)) for row in known]

    def _decide(self, row: Row[Any]) -> HoldDecision:
        debtor, value = self._debtor(row), self._values[row.connection, row.customer].hold
        facts = HoldFacts(value, OwnHold(row.value, row.previous), last_cash_on=self._debts.cash.get(debtor))
        terms = Terms(self._policies[self._notices[row.notice_id].policy_hash], self._today, self._calendar)
        return decide_release(self._debts.accounts[debtor], facts, terms)

    def _debtor(self, row: Row[Any]) -> Who:
        return self._notices[row.notice_id].connection, row.customer


class Debts:
    """What debtors owe one company, and the day of their newest cash."""

    def __init__(self, tx: Connection, company: str, debtors: Collection[Who], as_of: date) -> None:
        self.accounts: dict[Who, list[Account]] = defaultdict(list)
        for account in accounts.load_accounts(tx, company, debtors, as_of):
            self.accounts[account.connection, account.debtor].append(account)
        self.cash = store.last_cash_on(tx, company, debtors)
