"""Books filled for dunning, and what the pure rules decide of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.dunning.rules import Rules
from duehook.core.books.tables.dunning import block, debtor_dunning, decision, decision_past, item_dunning, notice
from duehook.core.books.tables.ledger import customer, item
from duehook.core.calendar import Calendar, Span
from duehook.core.collect.dunning import Outcome, decide
from duehook.core.collect.facts import Terms
from duehook.core.policy.model import PreDue
from tests.rigs.dunning_facts import EUR, TODAY, level, policy

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
CALENDAR = Calendar("DE", "BY")
POLICIES = {
    "plain": policy(reopen_grace=Span(3, business=True), unblock_grace=Span(1, business=True)),
    "strict": policy(netting=False, disputed="item", repeat_every=Span(10), classes=("chargeback", "normal")),
    "single": policy(per="invoice", grace=Span(2, business=True), pre_due=PreDue(4, "mail", "pre_due")),
    "shifted": policy(
        step="jump",
        due_on_closed_day="next_business_day",
        grace=Span(1),
        pre_due=PreDue(6, "mail", "pre_due"),
        levels=(level(1, 3, interval=Span(4, business=True)), level(2, 9, minimum={"EUR": 60 * EUR})),
    ),
}
TABLES = (customer, item, item_dunning, debtor_dunning, block, notice, decision, decision_past)
Row = dict[str, Any]
DEBTORS = ("A", "B", "C")


def rules_of(choice: Mapping[str, Any], as_of: date = TODAY) -> Rules:
    used = {choice["policy"], *choice["of_group"].values(), *choice["of_debtor"].values()}
    terms = {name: Terms(POLICIES[name], as_of, CALENDAR, choice["gate"]) for name in used}
    return Rules("01", terms, choice["policy"], choice["of_group"], choice["of_debtor"])


def plain(name: str = "plain") -> Rules:
    return rules_of({"policy": name, "of_group": {}, "of_debtor": {}, "gate": None})


def empty(tx: Connection) -> None:
    for table in TABLES:
        tx.execute(delete(table))


def fill(tx: Connection, book: Mapping[str, Any]) -> None:
    seen = set()
    for key, row in book["customers"]:
        if (row["company"], key) not in seen:
            seen.add((row["company"], key))
            tx.execute(customer.insert(), {"connection": "erp", "key": key, "name": key, **STAMP, **row})
    for number, row in enumerate(book["items"]):
        tx.execute(item.insert(), item_row(f"i{number}", row))
    for row in book["ours"]:
        tx.execute(item_dunning.insert(), {"company": "01", "connection": "erp", **row})
    for row in book["sent"]:
        tx.execute(debtor_dunning.insert(), {"company": "01", "connection": "erp", **row})
    for row in book["blocks"]:
        made = {"made_at": KNOWN, "made_by": "anna"}
        tx.execute(block.insert(), {"company": "01", "connection": "erp", **made, **row})
    for row in book["notices"]:
        tx.execute(notice.insert(), notice_row(row))


STAMP: Row = {"known_from": KNOWN, "run_id": 1}


def item_row(key: str, row: Row) -> Row:
    given = {name: value for name, value in row.items() if name not in ("late", "customer")}
    due_on = TODAY - timedelta(days=row["late"])
    return {
        "company": "01",
        "connection": "erp",
        "key": key,
        "customer": row["customer"] or row["debtor"],
        "kind": "invoice",
        "amount": row["open_amount"],
        "due_on": due_on,
        "document_on": due_on - timedelta(days=14),
        "due_derived": False,
        "document_no": key,
        "document_type": "RI",
        **STAMP,
        **given,
    }


def notice_row(row: Row) -> Row:
    amounts = dict.fromkeys(("overdue", "credits", "disputed", "demanded"), 1)
    texts = dict.fromkeys(("kind", "policy_hash", "level_name", "channel", "template"), "x")
    return {
        "company": "01",
        "connection": "erp",
        "run_id": 1,
        "as_of": TODAY,
        "level": 1,
        "hold": False,
        "made_at": KNOWN,
        **amounts,
        **texts,
        **row,
    }


def by_the_rules(tx: Connection, rules: Rules, people: Sequence[str] = DEBTORS) -> list[Outcome]:
    """Decide every account with the pure rules."""
    rows = tx.execute(select(customer.c.company, customer.c.key, customer.c.group)).all()
    groups = {row.key: row.group for row in sorted(rows) if row.group and row.company in ("01", "")}
    accounts = load_accounts(tx, "01", [("erp", debtor) for debtor in people], rules.as_of)
    outcomes = []
    for account in accounts:
        by_group = rules.of_group.get(groups.get(account.debtor) or "")
        name = rules.of_debtor.get(("erp", account.debtor)) or by_group or rules.policy
        outcomes.append(decide(account, rules.terms[name]))
    return outcomes


def decisions_of(outcomes: list[Outcome]) -> dict[str, tuple[str, str]]:
    return {
        decided.item: (str(decided.code), decided.parameters) for outcome in outcomes for decided in outcome.decisions
    }


def notices_of(outcomes: list[Outcome]) -> set[tuple[Any, ...]]:
    return {
        (found.debtor, found.currency, found.kind[0], found.item, found.level, found.demanded)
        for outcome in outcomes
        for found in outcome.notices
    }


def held_of(tx: Connection) -> dict[str, tuple[str, str]]:
    return {row.item: (row.code, row.parameters) for row in tx.execute(select(decision))}


def letters_of(rows: Any) -> set[tuple[Any, ...]]:
    return {(row.debtor, row.currency, row.kind, row.only, row.level, row.demanded) for row in rows}
