"""The set-based statement and the pure rules decide the same, on both databases."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from duehook.core.books import Books
from duehook.core.books.store.dunning.decisions import RunDay
from duehook.core.books.store.dunning.run import hold_back, letters, write
from duehook.core.books.tables.dunning import decision, decision_past
from duehook.core.books.tables.ledger import item
from duehook.core.collect.facts import Terms
from tests.rigs.dunning_facts import EUR, TODAY

from .dunned_books import (
    CALENDAR,
    DEBTORS,
    POLICIES,
    by_the_rules,
    decisions_of,
    empty,
    fill,
    held_of,
    item_row,
    letters_of,
    notices_of,
    plain,
    rules_of,
)


def days(low: int, high: int) -> st.SearchStrategy[date]:
    return st.integers(low, high).map(lambda ago: TODAY - timedelta(days=ago))


def maybe(strategy: st.SearchStrategy[Any], often: int = 4) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * often, strategy)


CUSTOMERS = st.fixed_dictionaries(
    {
        "company": st.sampled_from(["01", "01", ""]),
        "state": st.sampled_from(["active"] * 6 + ["insolvent", "legal"]),
        "state_since": maybe(days(0, 60), 1),
        "group": st.sampled_from([None, None, "retail"]),
        "dunning_block": maybe(st.just("B"), 9),
        "last_dunned_on": maybe(days(0, 20)),
        "placeholder": st.sampled_from([False] * 9 + [True]),
    }
)
ITEMS = st.fixed_dictionaries(
    {
        "debtor": st.sampled_from(DEBTORS),
        "customer": st.sampled_from([None, None, None, "B", "Z"]),
        "currency": st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
        "open_amount": st.one_of(st.integers(1, 120), st.integers(1, 120), st.integers(-80, 0)).map(lambda n: n * EUR),
        "late": st.integers(-8, 60),
        "state": st.sampled_from(["open"] * 9 + ["gone", "cleared"]),
        "item_class": st.sampled_from(["normal"] * 8 + ["chargeback", "draft"]),
        "applies_to": maybe(st.integers(0, 7).map(lambda n: f"i{n}"), 1),
        "disputed_amount": maybe(st.integers(0, 120).map(lambda n: n * EUR)),
        "dispute_reason": maybe(st.sampled_from(["price", ""]), 9),
        "dunning_block": maybe(st.just("X"), 9),
        "dunning_level": maybe(st.integers(0, 4)),
        "last_dunned_on": maybe(days(0, 20), 9),
        "reopened_on": maybe(days(0, 8)),
    }
)
OURS = st.fixed_dictionaries(
    {
        "item": st.integers(0, 9).map(lambda n: f"i{n}"),
        "level": st.integers(0, 4),
        "hand_set": st.sampled_from([False] * 4 + [True]),
        "level_on": maybe(days(0, 20), 1),
        "reminded_on": maybe(days(0, 5), 2),
    }
)
SENT = st.fixed_dictionaries(
    {
        "debtor": st.sampled_from(DEBTORS),
        "currency": st.sampled_from(["EUR", "USD"]),
        "last_sent_on": days(0, 20),
    }
)
BLOCKS = st.fixed_dictionaries(
    {
        "debtor": st.sampled_from(DEBTORS),
        "item": st.none() | st.integers(0, 9).map(lambda n: f"i{n}"),
        "reason": st.sampled_from(["talks", "price; query"]),
        "from_on": days(-2, 10),
        "until_on": maybe(days(-6, 6), 1),
        "lifted_at": maybe(days(-1, 4).map(lambda day: datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)), 1),
    }
)
NOTICES = st.fixed_dictionaries(
    {
        "debtor": st.sampled_from(DEBTORS),
        "currency": st.sampled_from(["EUR", "USD"]),
        "item": st.just("") | st.integers(0, 9).map(lambda n: f"i{n}"),
        "state": st.sampled_from(["approved", "in_doubt", "sent", "proposed"]),
    }
)
BOOKS = st.fixed_dictionaries(
    {
        "customers": st.lists(st.tuples(st.sampled_from(DEBTORS), CUSTOMERS), max_size=5),
        "items": st.lists(ITEMS, min_size=1, max_size=10),
        "ours": st.lists(OURS, max_size=4, unique_by=lambda row: row["item"]),
        "sent": st.lists(SENT, max_size=2, unique_by=lambda row: (row["debtor"], row["currency"])),
        "blocks": st.lists(BLOCKS, max_size=2),
        "notices": st.lists(NOTICES, max_size=1),
    }
)
CHOICES = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(sorted(POLICIES)),
        "of_group": st.sampled_from([{}, {}, {"retail": "single"}]),
        "of_debtor": st.sampled_from([{}, {}, {("erp", "A"): "strict", ("erp", "B"): "shifted"}]),
        "gate": st.sampled_from([None, None, None, "closed_day"]),
    }
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(book=BOOKS, choice=CHOICES)
def test_sets_and_rules_decide_the_same(books: Books, book: Mapping[str, Any], choice: Mapping[str, Any]) -> None:
    rules = rules_of(choice)
    with books.write() as tx:
        empty(tx)
        fill(tx, book)
        expected = by_the_rules(tx, rules)
        assert letters_of(letters(tx, rules)) == notices_of(expected)
        written = write(tx, rules, RunDay(1, rules.as_of))
        assert letters_of(written.letters) == notices_of(expected)
        assert held_of(tx) == decisions_of(expected)
        assert sum(written.codes.values()) == written.changed == len(decisions_of(expected))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(book=BOOKS, choice=CHOICES, paid=st.sets(st.integers(0, 9)), ahead=st.integers(0, 9))
def test_a_later_run_ends_what_changed_and_leaves_the_rest(
    books: Books, book: Mapping[str, Any], choice: Mapping[str, Any], paid: set[int], ahead: int
) -> None:
    first, second = rules_of(choice), rules_of(choice, TODAY + timedelta(days=ahead))
    with books.write() as tx:
        empty(tx)
        fill(tx, book)
        write(tx, first, RunDay(1, first.as_of))
        before = held_of(tx)
        assert write(tx, first, RunDay(2, first.as_of)).changed == 0
        tx.execute(update(item).where(item.c.key.in_([f"i{number}" for number in paid])).values(state="cleared"))
        expected = decisions_of(by_the_rules(tx, second))
        changed = {key for key, value in expected.items() if before.get(key) != value}
        ended = {key for key, value in before.items() if expected.get(key) != value}
        assert write(tx, second, RunDay(3, second.as_of)).changed == len(changed)
        assert held_of(tx) == expected
        past = tx.execute(select(decision_past)).all()
        assert {row.item: (row.code, row.parameters) for row in past} == {key: before[key] for key in ended}
        assert {(row.from_run, row.to_run, row.to_on) for row in past} <= {(1, 3, second.as_of)}
        kept = tx.execute(select(decision.c.item).where(decision.c.from_run == 1)).scalars()
        assert set(kept) == set(expected) - changed


@pytest.mark.parametrize("seed", range(4))
def test_sets_and_rules_decide_a_large_book_the_same(books: Books, seed: int) -> None:
    chance = random.Random(seed)
    people = [f"D{number}" for number in range(250)]
    choice = {
        "policy": sorted(POLICIES)[seed],
        "of_group": {"retail": chance.choice(sorted(POLICIES))},
        "of_debtor": {("erp", who): chance.choice(sorted(POLICIES)) for who in people[:60]},
        "gate": None,
    }
    rules = rules_of(choice)
    with books.write() as tx:
        fill(tx, large_book(chance, people))
        expected = by_the_rules(tx, rules, people)
        assert letters_of(letters(tx, rules)) == notices_of(expected)
        write(tx, rules, RunDay(1, rules.as_of))
        assert held_of(tx) == decisions_of(expected)
        assert len(notices_of(expected)) > 40
        assert len({code for code, _ in decisions_of(expected).values()}) > 20


@dataclass(frozen=True)
class Draw:
    """Choices by one seeded chance."""

    chance: random.Random

    def some(self, values: Sequence[Any]) -> Any:
        return self.chance.choice(values)

    def day(self, low: int, high: int) -> date:
        return TODAY - timedelta(days=self.chance.randint(low, high))

    def rare(self, value: Any) -> Any:
        return value if self.chance.random() < 0.1 else None


def large_book(chance: random.Random, people: list[str]) -> Mapping[str, Any]:
    """Make a book in which every code comes up, by the same choices as the small ones."""
    draw = Draw(chance)
    keys = [f"i{number}" for number in range(1_500)]
    owner = {key: draw.some(people) for key in keys}
    items = large_items(draw, keys, owner, people)
    by_owner: dict[str, list[str]] = defaultdict(list)
    for key, row in zip(keys, items, strict=True):
        by_owner[row["debtor"]].append(key)
    for key, row in zip(keys, items, strict=True):
        if row["applies_to"] and draw.chance.random() < 0.8:
            row["applies_to"] = draw.some(by_owner[owner[key]])
    return {"customers": large_customers(draw, people), "items": items} | large_past(draw, owner, by_owner, people)


def large_customers(draw: Draw, people: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            who,
            {
                "company": draw.some(["01", "01", ""]),
                "state": draw.some(["active"] * 12 + ["insolvent", "legal"]),
                "state_since": draw.day(0, 60),
                "group": draw.some([None, None, "retail"]),
                "dunning_block": "B" if draw.chance.random() < 0.03 else None,
                "last_dunned_on": draw.rare(draw.day(0, 20)),
                "placeholder": draw.chance.random() < 0.03,
            },
        )
        for who in people[:-5]
    ]


def large_items(draw: Draw, keys: list[str], owner: Mapping[str, str], people: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "debtor": owner[key],
            "customer": draw.rare(draw.some(people)),
            "currency": draw.some(["EUR", "EUR", "EUR", "USD"]),
            "open_amount": (draw.chance.randint(-80, 0) if draw.chance.random() < 0.2 else draw.chance.randint(1, 120))
            * EUR,
            "late": draw.chance.randint(-8, 60),
            "state": draw.some(["open"] * 18 + ["gone", "cleared"]),
            "item_class": draw.some(["normal"] * 9 + ["chargeback", "draft"]),
            "applies_to": draw.some([*[None] * 5, draw.some(keys)]),
            "disputed_amount": draw.rare(draw.chance.randint(0, 120) * EUR),
            "dispute_reason": "price" if draw.chance.random() < 0.03 else None,
            "dunning_block": "X" if draw.chance.random() < 0.03 else None,
            "dunning_level": draw.rare(draw.chance.randint(0, 4)),
            "last_dunned_on": draw.day(0, 20) if draw.chance.random() < 0.02 else None,
            "reopened_on": draw.rare(draw.day(0, 8)),
        }
        for key in keys
    ]


def large_past(
    draw: Draw, owner: Mapping[str, str], by_owner: Mapping[str, list[str]], people: list[str]
) -> dict[str, Any]:
    keys = list(owner)
    ours = [
        {
            "item": key,
            "level": draw.chance.randint(0, 4),
            "hand_set": draw.chance.random() < 0.2,
            "level_on": draw.rare(draw.day(0, 20)),
            "reminded_on": draw.rare(draw.day(0, 5)),
        }
        for key in draw.chance.sample(keys, 600)
    ]
    sent = [
        {"debtor": who, "currency": "EUR", "last_sent_on": draw.day(0, 20)} for who in draw.chance.sample(people, 80)
    ]
    blocks = [
        {
            "debtor": owner[key],
            "item": draw.some([None, key]),
            "reason": draw.some(["talks", "price; query"]),
            "from_on": draw.day(-2, 10),
            "until_on": draw.some([None, draw.day(-6, 6)]),
            "lifted_at": draw.some([None, datetime(2026, 3, draw.chance.randint(6, 11), 23, 30, tzinfo=UTC)]),
        }
        for key in draw.chance.sample(keys, 60)
    ]
    notices = [
        {
            "debtor": who,
            "currency": "EUR",
            "item": draw.some(["", by_owner[who][0]]),
            "state": draw.some(["approved", "sent"]),
        }
        for who in draw.chance.sample(people, 30)
        if by_owner[who]
    ]
    return {"ours": ours, "sent": sent, "blocks": blocks, "notices": notices}


def simple(**changed: Any) -> Mapping[str, Any]:
    row = {
        "debtor": "A",
        "customer": None,
        "currency": "EUR",
        "open_amount": 100 * EUR,
        "late": 30,
        "state": "open",
        "item_class": "normal",
        **changed,
    }
    person = {"company": "", "state": "active", "placeholder": False}
    empty_parts: dict[str, list[Any]] = {name: [] for name in ("ours", "sent", "blocks", "notices")}
    return {"customers": [("A", person)], "items": [row], **empty_parts}


def test_a_changed_policy_decides_anew_under_its_own_hash(books: Books) -> None:
    with books.write() as tx:
        fill(tx, simple())
        write(tx, plain(), RunDay(1, TODAY))
        changed = replace(plain(), terms={"plain": Terms(replace(POLICIES["plain"], about="new"), TODAY, CALENDAR)})
        assert write(tx, changed, RunDay(2, TODAY)).changed == 1
        assert tx.execute(select(decision.c.policy_hash)).scalar_one() == changed.policies[0].hash


def test_another_companys_items_are_left_alone(books: Books) -> None:
    with books.write() as tx:
        fill(tx, simple())
        other = item_row("x", dict(simple()["items"][0])) | {"company": "02"}
        tx.execute(item.insert(), other)
        write(tx, replace(plain(), company="02"), RunDay(1, TODAY))
        write(tx, plain(), RunDay(2, TODAY))
        write(tx, plain(), RunDay(3, TODAY))
        held = tx.execute(select(decision.c.company, decision.c.item).order_by(decision.c.company)).all()
        assert [tuple(row) for row in held] == [("01", "i0"), ("02", "x")]


def test_a_plugins_reason_replaces_the_runs_decision(books: Books) -> None:
    with books.write() as tx:
        fill(tx, simple())
        written = write(tx, plain(), RunDay(1, TODAY))
        assert dict(written.codes) == {"rises": 1}
        hold_back(tx, plain(), RunDay(1, TODAY), {("erp", "i0"): ("plugin_hold", "1;;;claims failed")})
        assert held_of(tx) == {"i0": ("plugin_hold", "1;;;claims failed")}
        write(tx, plain(), RunDay(2, TODAY))
        hold_back(tx, plain(), RunDay(2, TODAY), {("erp", "i0"): ("plugin_hold", "1;;;claims failed")})
        assert tx.execute(select(decision.c.from_run, decision.c.code)).one() == (1, "plugin_hold")
        assert tx.execute(select(func.count()).select_from(decision_past)).scalar_one() == 0


def test_a_plugins_reason_does_not_replace_why_an_item_stays_back_anyhow(books: Books) -> None:
    data = simple()
    data["items"][0]["dunning_block"] = "N"
    with books.write() as tx:
        fill(tx, data)
        (code,) = write(tx, plain(), RunDay(1, TODAY)).codes
        assert code == "erp_block"
        assert hold_back(tx, plain(), RunDay(1, TODAY), {("erp", "i0"): ("plugin_hold", "1;;;claims failed")}) == 0
        assert held_of(tx)["i0"][0] == "erp_block"


@pytest.mark.parametrize(("lifted_hour", "code"), [(0, "unblock_grace"), (23, "unblock_grace")])
def test_a_block_ends_on_the_utc_day_it_was_lifted(books: Books, lifted_hour: int, code: str) -> None:
    lifted = datetime(2026, 3, 10, lifted_hour, 59, tzinfo=UTC)
    held = {"debtor": "A", "item": None, "reason": "talks", "from_on": date(2026, 3, 1), "lifted_at": lifted}
    with books.write() as tx:
        fill(tx, {**simple(), "blocks": [held]})
        assert dict(write(tx, plain(), RunDay(1, TODAY)).codes) == {code: 1}
        assert tx.execute(select(func.max(decision.c.parameters))).scalar_one() == ";2026-03-10;;"
