"""Which letters a selection finds: accounts that can get none are left out, and nobody else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from duehook.core.books import Books
from duehook.core.books.store.dunning.run import letters
from duehook.core.calendar import Span
from duehook.core.collect.facts import Terms
from duehook.core.policy.model import PreDue
from tests.rigs.dunning_facts import EUR, TODAY, level, policy

from .dunned_books import CALENDAR, Row, by_the_rules, fill, letters_of, notices_of, plain

PERSON = {"company": "01", "state": "active", "placeholder": False}
ITEM = {"debtor": "A", "customer": None, "currency": "EUR", "open_amount": 50 * EUR, "state": "open"}
LEVELS = (level(1, 3, interval=Span(14)), level(2, 9, interval=Span(7)))


@pytest.mark.parametrize(
    ("sent_ago", "late", "other", "expected"),
    [
        (6, 30, {}, []),
        (7, 30, {}, []),  # over for a second level, not for this first one
        (14, 30, {}, ["d"]),  # the interval has just ended
        (1, -4, {"pre_due": PreDue(6, "mail", "pre_due")}, ["r"]),  # a reminder knows no interval
        (1, 30, {"per": "invoice"}, ["d"]),  # the item's own clock counts, and it never ran
    ],
)
def test_who_was_written_to_lately_is_left_out_unless_a_letter_may_go_all_the_same(
    sent_ago: int, late: int, other: Row, expected: list[str], books: Books
) -> None:
    rules = replace(plain(), terms={"plain": Terms(policy(levels=LEVELS, **other), TODAY, CALENDAR)})
    sent = {"debtor": "A", "currency": "EUR", "last_sent_on": TODAY - timedelta(days=sent_ago)}
    items = [{**ITEM, "item_class": "normal", "late": late}]
    with books.write() as tx:
        fill(
            tx, {"customers": [("A", PERSON)], "items": items, "ours": [], "sent": [sent], "blocks": [], "notices": []}
        )
        found = letters_of(letters(tx, rules))
        assert [letter[2] for letter in found] == expected
        assert found == notices_of(by_the_rules(tx, rules, ["A"]))


@pytest.mark.parametrize(("sent_ago", "expected"), [(6, []), (7, [2])])
def test_the_shortest_interval_of_a_policys_levels_counts(sent_ago: int, expected: list[int], books: Books) -> None:
    rules = replace(plain(), terms={"plain": Terms(policy(levels=LEVELS), TODAY, CALENDAR)})
    sent = {"debtor": "A", "currency": "EUR", "last_sent_on": TODAY - timedelta(days=sent_ago)}
    ours = {"item": "i0", "level": 1, "hand_set": False, "level_on": sent["last_sent_on"], "reminded_on": None}
    items = [{**ITEM, "item_class": "normal", "late": 30}]
    with books.write() as tx:
        fill(
            tx,
            {"customers": [("A", PERSON)], "items": items, "ours": [ours], "sent": [sent], "blocks": [], "notices": []},
        )
        assert [letter[4] for letter in letters_of(letters(tx, rules))] == expected
