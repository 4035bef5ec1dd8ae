"""What a hold is judged by: the ERP's value, what is owed to the companies it stands for, and their cash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from duehook.core.books.store import accounts
from duehook.core.books.store.delivery import holds as store
from duehook.core.books.store.delivery import sending
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.holds import HoldDecision, HoldFacts, OwnHold, decide_release
from duehook.core.context import Context
from duehook.core.policy.model import Policy
from duehook.core.runs.adopted import adopted
from duehook.core.settings import Settings

from .acts import calendar_today

Who = tuple[str, str]  # connection, key


class Debts:
    """What debtors owe one company, by the policies of their notices, and the day of their newest cash."""

    def __init__(
        self, tx: Connection, settings: Settings, context: Context, *, company: str, policies: Mapping[Who, Policy]
    ) -> None:
        self._calendar, self._today = calendar_today(settings, company, context)
        self._policies = policies
        self.accounts: dict[Who, list[Account]] = defaultdict(list)
        for account in accounts.load_accounts(tx, company, policies, self._today):
            self.accounts[account.connection, account.debtor].append(account)
        self.cash = store.last_cash_on(tx, company, policies)

    def terms(self, debtor: Who) -> Terms:
        """Return the terms of the debtor's account."""
        return Terms(self._policies[debtor], self._today, self._calendar)


def only_writes(settings: Settings, connection: str) -> bool:
    """Say whether the connection is there for writing alone, so that no import ever reads a customer of it."""
    found = settings.connections.get(connection)
    return found is not None and "customers" not in found.serves


def readers_of(tx: Connection, settings: Settings, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Return the connection whose imports speak of each hold: its own, else that of its notice's ledger."""
    unread = {row.notice_id for row in rows if only_writes(settings, row.connection)}
    notices = sending.notices(tx, unread) if unread else {}
    return {row.id: notices[row.notice_id].connection if row.notice_id in notices else row.connection for row in rows}


@dataclass(frozen=True)
class Beside:
    """Another company's debts, and the customers whose common row governs there too."""

    debts: Debts
    sharing: Collection[Who]


class Grounds:
    """What was read to judge holds of one company.

    A hold may stand in another connection than the ledger: its value is that connection's, the
    items are those of the connection whose notice announced it. In the customer's common row it
    stands for every company that has no row of its own (JDE: company 00000). Through a connection
    that is only written to it counts as what we wrote, for the release itself looks before it
    writes; whether its row is common is taken from the ledger's.
    """

    def __init__(self, tx: Connection, settings: Settings, context: Context, rows: Sequence[Row[Any]]) -> None:
        company = rows[0].company
        read_by = readers_of(tx, settings, rows)
        self._seen = {row.id: (read_by[row.id], row.customer) for row in rows}
        self._unread = {row.id for row in rows if only_writes(settings, row.connection)}
        self._values = accounts.governing_customers(tx, company, set(self._seen.values()))
        self._rows = [row for row in rows if self._seen[row.id] in self._values]
        self._notices = sending.notices(tx, {row.notice_id for row in self._rows})
        used = {self._debtor(row): self._notices[row.notice_id].policy_hash for row in self._rows}
        known = adopted(tx, set(used.values()))
        policies = {debtor: known[policy] for debtor, policy in used.items()}
        self._debts = Debts(tx, settings, context, company=company, policies=policies)
        shared = [row for row in self._rows if self._values[self._seen[row.id]].company == accounts.COMMON]
        self._beside = self._read_beside(tx, settings, context, shared) if shared else []

    def decisions(self) -> list[tuple[Row[Any], HoldDecision]]:
        """Decide each hold whose customer its connection has read."""
        return [(row, self._decide(row)) for row in self._rows]

    def _read_beside(
        self, tx: Connection, settings: Settings, context: Context, shared: Sequence[Row[Any]]
    ) -> list[Beside]:
        """Read what the customers of common rows owe the other companies that ever dunned them."""
        others, debtors = set(settings.companies) - {shared[0].company}, {self._debtor(row) for row in shared}
        used = store.latest_policies(tx, others, debtors)
        known = adopted(tx, {policy for theirs in used.values() for policy in theirs.values()})
        found = []
        for company, theirs in used.items():
            policies = {debtor: known[policy] for debtor, policy in theirs.items() if policy in known}
            rows = accounts.governing_customers(tx, company, {self._seen[row.id] for row in shared})
            sharing = {who for who, row in rows.items() if row.company == accounts.COMMON}
            found.append(Beside(Debts(tx, settings, context, company=company, policies=policies), sharing))
        return found

    def _decide(self, row: Row[Any]) -> HoldDecision:
        debtor, held_by = self._debtor(row), self._seen[row.id]
        others = [beside.debts for beside in self._beside if held_by in beside.sharing]
        cash = [debts.cash[debtor] for debts in (self._debts, *others) if debtor in debts.cash]
        own = OwnHold(row.value, row.previous)
        value = row.value if row.id in self._unread else self._values[held_by].hold
        facts = HoldFacts(value, own, last_cash_on=max(cash, default=None))
        beside = [(account, debts.terms(debtor)) for debts in others for account in debts.accounts[debtor]]
        return decide_release(self._debts.accounts[debtor], facts, self._debts.terms(debtor), beside=beside)

    def _debtor(self, row: Row[Any]) -> Who:
        return self._notices[row.notice_id].connection, row.customer
