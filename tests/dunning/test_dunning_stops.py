"""What stops an item: its own facts, its debtor's and its own customer's (rules 5, 8, 9, 16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from duehook.core.calendar import Calendar, Span
from duehook.core.collect.codes import Code
from duehook.core.collect.decision import Decision
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Block, Standing, in_dispute
from tests.rigs.dunning_facts import EUR, TODAY, account, codes, due, item, levels, policy, terms


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"placeholder": True}, "placeholder_customer"),
        ({"gone": True}, "gone"),
        ({"amount": 0}, "settled"),
        ({"item_class": "direct_debit"}, "class_not_dunned"),
        ({"block": Block("price query")}, "blocked_item"),
        ({"block": Block("price query", TODAY + timedelta(days=1))}, "blocked_item"),
        ({"erp_block": "A"}, "erp_block"),
        ({"disputed_amount": 100 * EUR}, "disputed"),
        ({"disputed_amount": 500 * EUR}, "disputed"),
        ({"block": Block("price query", TODAY)}, "rises"),
    ],
)
def test_what_stops_an_item(facts: dict[str, Any], code: str) -> None:
    decided = decide(account(item("a", 60, **facts)), terms())
    assert decided.of("a").code == code
    assert bool(decided.notices) == (code == "rises")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"state": "legal", "state_since": due(3)}, "customer_state"),
        ({"state": "deceased"}, "customer_state"),
        ({"state": "do_not_contact"}, "customer_state"),
        ({"state": "one_time"}, "customer_state"),
        ({"state": "intercompany"}, "customer_state"),
        ({"state": "insolvent"}, "insolvent"),
        ({"block": Block("talks under way")}, "blocked_debtor"),
        ({"erp_block": "X"}, "erp_block"),
        ({"pending": True}, "notice_pending"),
    ],
)
def test_what_stops_a_debtor(facts: dict[str, Any], code: str) -> None:
    decided = decide(account(item("a", 60), **facts), terms())
    assert decided.of("a").code == code
    assert decided.notices == ()


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        (Standing("legal", due(3)), "customer_state"),
        (Standing("deceased"), "customer_state"),
        (Standing("do_not_contact"), "customer_state"),
        (Standing("insolvent", due(3)), "insolvent"),
        (Standing(erp_block="B"), "erp_block"),
        (Standing("insolvent", due(300)), "rises"),
        (Standing(), "rises"),
    ],
)
def test_what_the_erp_says_of_an_items_own_customer_stops_it_when_another_pays(owner: Standing, code: str) -> None:
    decided = decide(account(item("a", 60, owner=owner)), terms())
    assert decided.of("a").code == code
    assert bool(decided.notices) == (code == "rises")


@pytest.mark.parametrize(
    ("disputed", "reason", "part"),
    [(None, "price", 100), (0, "price", 0), (30, "price", 30), (30, None, 30), (None, None, 0), (None, "", 0)],
)
def test_a_dispute_without_an_amount_is_of_all_open(disputed: int | None, reason: str | None, part: int) -> None:
    assert in_dispute(100, disputed, reason) == part
    assert in_dispute(-100, None, "price") == 0


def test_insolvency_parts_items_before_and_after_its_date() -> None:
    filed = due(50)
    before = item("before", 20, document_on=filed - timedelta(days=1))
    after = item("after", 20, document_on=filed)
    old_credit = item("credit", 80, -500, document_on=filed - timedelta(days=9))
    decided = decide(account(before, after, old_credit, state="insolvent", state_since=filed), terms())
    assert decided.of("before") == Decision("before", Code.INSOLVENT, on=filed)
    assert decided.of("credit").code == "insolvent"
    assert [line.item for line in decided.notices[0].lines] == ["after"]
    assert decided.notices[0].demanded == 100 * EUR


def test_the_first_reason_that_stops_an_item_is_told() -> None:
    stopped = item("a", 60, gone=True, item_class="draft", block=Block("x"), erp_block="B")
    assert codes(account(stopped, state="legal")) == {"a": "gone"}
    assert codes(account(replace(stopped, gone=False), state="legal")) == {"a": "customer_state"}
    assert codes(account(replace(stopped, gone=False))) == {"a": "class_not_dunned"}
    assert codes(account(replace(stopped, gone=False, item_class="normal"))) == {"a": "blocked_item"}


def test_nobody_gets_a_letter_the_day_a_block_ends() -> None:
    careful = policy(unblock_grace=Span(1, business=True))
    facts = account(item("a", 60), block=Block("talks", TODAY))
    weekdays = Calendar()
    decided = decide(facts, terms(careful, calendar=weekdays))
    assert decided.of("a") == Decision("a", Code.UNBLOCK_GRACE, on=TODAY)
    assert codes(facts, used=careful, calendar=weekdays, as_of=TODAY + timedelta(days=1)) == {"a": "rises"}


def test_a_returned_payment_waits_before_it_is_dunned_and_resumes_its_level() -> None:
    patient = policy(reopen_grace=Span(5, business=True))
    facts = account(item("a", 60, level=2, reopened_on=date(2026, 3, 5)), last_sent_on=due(60))
    weekdays = Calendar()
    decided = decide(facts, terms(patient, calendar=weekdays, as_of=date(2026, 3, 11)))
    assert decided.of("a") == Decision("a", Code.REOPEN_GRACE, on=date(2026, 3, 5))
    assert levels(facts, used=patient, calendar=weekdays, as_of=date(2026, 3, 12)) == {"a": 3}


def test_cash_that_is_on_account_again_is_netted_without_a_wait() -> None:
    patient = policy(reopen_grace=Span(5, business=True))
    facts = account(item("a", 60), item("cash", 60, -100, reopened_on=TODAY))
    assert codes(facts, used=patient) == {"a": "covered_by_credits", "cash": "credit_netted"}
