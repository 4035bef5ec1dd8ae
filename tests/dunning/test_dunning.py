"""Dunning by the pure rules (17-20): who gets a letter today, at which level, and who does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from duehook.core.calendar import Calendar, Span
from duehook.core.collect.codes import Code, outcome
from duehook.core.collect.decision import Decision
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Block, ItemFacts
from duehook.core.collect.notice import needs_person
from duehook.core.collect.standing import account_level
from duehook.core.policy.model import AutoApprove, PreDue
from tests.rigs.dunning_facts import EUR, TODAY, account, codes, due, item, level, levels, policy, terms


@pytest.mark.parametrize(
    ("late", "code", "new_level"),
    [(-3, "not_due", None), (0, "not_due", None), (6, "not_ripe", None), (7, "rises", 1), (200, "rises", 1)],
)
def test_an_item_is_ripe_when_it_is_late_enough(late: int, code: str, new_level: int | None) -> None:
    decided = decide(account(item("a", late)), terms())
    assert decided.of("a").code == code
    assert [notice.level for notice in decided.notices] == ([new_level] if new_level else [])


@pytest.mark.parametrize("late", [21, 22, 40])
def test_a_missed_day_is_caught_up(late: int) -> None:
    assert levels(account(item("a", late, level=1), last_sent_on=due(30))) == {"a": 2}


def test_an_old_item_rises_one_level_a_letter() -> None:
    assert levels(account(item("a", 60))) == {"a": 1}
    assert levels(account(item("a", 60, level=1))) == {"a": 2}


def test_jumping_straight_to_the_level_of_its_age_is_a_visible_choice() -> None:
    assert levels(account(item("a", 60)), used=policy(step="jump")) == {"a": 3}


def test_each_line_takes_its_own_level_and_the_letter_the_highest() -> None:
    facts = account(item("a", 40, level=2), item("b", 9), item("c", 3), item("d", -2))
    decided = decide(facts, terms())
    notice = decided.notices[0]
    assert notice.level == 3
    assert {line.item: (line.old_level, line.new_level, line.rises) for line in notice.lines} == {
        "a": (2, 3, True),
        "b": (0, 1, True),
        "c": (0, 0, False),
    }
    assert [decided.of(key).code for key in "abcd"] == ["rises", "rises", "listed", "not_due"]
    assert (notice.overdue, notice.demanded) == (300 * EUR, 300 * EUR)


def test_no_letter_goes_out_when_nothing_ripens_above_its_level() -> None:
    facts = account(item("a", 10, level=1), item("b", 3), last_sent_on=due(60))
    decided = decide(facts, terms())
    assert decided.notices == ()
    assert decided.of("a") == Decision("a", Code.LEVEL_REACHED, 2, due(10))
    assert decided.of("b") == Decision("b", Code.NOT_RIPE, 1, due(3))


@pytest.mark.parametrize(("days_ago", "code"), [(6, "interval_running"), (7, "rises"), (8, "rises")])
def test_the_interval_runs_from_the_last_sent_letter(days_ago: int, code: str) -> None:
    assert codes(account(item("a", 10), last_sent_on=due(days_ago))) == {"a": code}


def test_an_item_that_came_from_another_debtor_brings_its_interval_along() -> None:
    moved = item("a", 30, level=1, last_notice_on=due(1))
    assert codes(account(moved, last_sent_on=due(20))) == {"a": "interval_running"}
    assert codes(account(replace(moved, last_notice_on=due(7)), last_sent_on=due(20))) == {"a": "rises"}


def test_a_level_that_a_person_set_today_starts_no_interval() -> None:
    by_hand = item("a", 30, level=1, hand_set=True, last_notice_on=TODAY)
    assert codes(account(by_hand, item("b", 30))) == {"a": "listed", "b": "rises"}


def test_the_interval_is_that_of_the_level_the_letter_would_have() -> None:
    slow_demand = policy(levels=(level(1, 7), level(2, 21, interval=Span(30))))
    facts = account(item("old", 50, level=2), item("new", 10), last_sent_on=due(20))
    assert codes(facts, used=slow_demand)["new"] == "interval_running"
    assert codes(account(item("new", 10), last_sent_on=due(20)), used=slow_demand)["new"] == "rises"


@pytest.mark.parametrize("where", ["customer", "item"])
def test_a_letter_from_the_erp_counts_for_the_interval(where: str) -> None:
    yesterday = TODAY - timedelta(days=1)
    facts = (
        account(item("a", 10), erp_last_dunned_on=yesterday)
        if where == "customer"
        else account(item("a", 10), item("b", 1, erp_last_dunned_on=yesterday))
    )
    assert decide(facts, terms()).of("a") == Decision("a", Code.INTERVAL, 1, yesterday)


def test_an_interval_in_business_days_skips_the_weekend() -> None:
    five = policy(levels=(level(1, 7, interval=Span(5, business=True)),))
    facts = account(item("a", 10), last_sent_on=date(2026, 3, 4))
    weekdays = Calendar()
    assert codes(facts, used=five, calendar=weekdays) == {"a": "interval_running"}
    assert codes(facts, used=five, calendar=weekdays, as_of=date(2026, 3, 11)) == {"a": "rises"}


def test_the_erps_level_counts_until_we_have_one_of_our_own() -> None:
    assert levels(account(item("a", 60, erp_level=2))) == {"a": 3}
    assert levels(account(item("a", 60, erp_level=2, level=0))) == {"a": 1}


def test_a_level_beyond_the_policys_last_stays_and_the_text_is_the_last() -> None:
    facts = account(item("a", 90, erp_level=7), item("b", 8), last_sent_on=due(60))
    decided = decide(facts, terms())
    assert decided.notices[0].level == 3
    assert {line.item: line.new_level for line in decided.notices[0].lines} == {"a": 7, "b": 1}


def test_a_level_set_by_hand_is_not_raised_by_a_run() -> None:
    facts = account(item("a", 60, level=1, hand_set=True), last_sent_on=due(60))
    assert decide(facts, terms()).of("a") == Decision("a", Code.HAND_SET, 1)
    with_another = account(*facts.items, item("b", 8), last_sent_on=due(60))
    assert levels(with_another) == {"a": 1, "b": 1}


def test_after_the_last_level_a_collector_takes_over() -> None:
    facts = account(item("a", 90, level=3), last_sent_on=due(60))
    decided = decide(facts, terms())
    assert decided.notices == ()
    assert decided.of("a") == Decision("a", Code.LAST_LEVEL, 3)


@pytest.mark.parametrize(("days_ago", "code"), [(29, "last_level_task"), (30, "repeats")])
def test_the_last_level_repeats_only_where_the_policy_says_so(days_ago: int, code: str) -> None:
    facts = account(item("a", 90, level=3), last_sent_on=due(days_ago))
    assert codes(facts, used=policy(repeat_every=Span(30))) == {"a": code}


def test_a_repeat_needs_an_item_that_is_ripe_for_the_last_level_and_not_set_by_hand() -> None:
    monthly = policy(repeat_every=Span(30))
    assert codes(account(item("a", 20, level=3)), used=monthly) == {"a": "last_level_task"}
    assert codes(account(item("a", 90, level=3, hand_set=True)), used=monthly) == {"a": "last_level_task"}


def test_grace_is_waited_on_top_of_every_level() -> None:
    graced = policy(grace=Span(3))
    assert decide(account(item("a", 9)), terms(graced)).of("a") == Decision("a", Code.WITHIN_GRACE, 1, due(9))
    assert codes(account(item("a", 10)), used=graced) == {"a": "rises"}
    assert codes(account(item("a", 23, level=1)), used=graced) == {"a": "within_grace"}


def test_a_due_date_on_a_closed_day_counts_from_the_next_business_day() -> None:
    sunday = date(2026, 3, 1)
    facts = account(item("a", 0, due_on=sunday))
    shifted, weekdays = policy(due_on_closed_day="next_business_day"), Calendar()
    assert codes(facts, as_of=date(2026, 3, 8), calendar=weekdays) == {"a": "rises"}
    assert codes(facts, used=shifted, as_of=date(2026, 3, 8), calendar=weekdays) == {"a": "not_ripe"}
    assert codes(facts, used=shifted, as_of=date(2026, 3, 9), calendar=weekdays) == {"a": "rises"}


def test_credits_pay_the_oldest_item_first() -> None:
    facts = account(item("old", 40, level=2), item("new", 9), item("cash", 1, -120), last_sent_on=due(60))
    decided = decide(facts, terms())
    notice = decided.notices[0]
    assert decided.of("old") == Decision("old", Code.COVERED, amount=100 * EUR)
    assert decided.of("cash").code == "credit_netted"
    assert decided.of("new") == Decision("new", Code.RISES, 1, amount=80 * EUR)
    assert (notice.level, notice.overdue, notice.credits, notice.demanded) == (1, 200 * EUR, 120 * EUR, 80 * EUR)
    assert {line.item: (line.role, line.open_amount) for line in notice.lines} == {
        "old": ("overdue", 100 * EUR),
        "new": ("overdue", 100 * EUR),
        "cash": ("credit", -120 * EUR),
    }


@pytest.mark.parametrize("credit", [-100, -101, -900])
def test_there_is_never_a_letter_for_nothing(credit: int) -> None:
    decided = decide(account(item("a", 60), item("c", 0, credit)), terms())
    assert decided.notices == ()
    assert decided.of("a").code == "covered_by_credits"


def test_without_netting_credits_are_shown_apart_and_not_deducted() -> None:
    facts = account(item("a", 60), item("c", 0, -500))
    decided = decide(facts, terms(policy(netting=False)))
    notice = decided.notices[0]
    assert (notice.demanded, notice.credits) == (100 * EUR, 0)
    assert decided.of("c").code == "credit_shown"
    assert [(line.item, line.open_amount) for line in notice.lines if line.role == "credit"] == [("c", -500 * EUR)]


def test_a_credit_nets_the_invoice_it_belongs_to_before_older_ones() -> None:
    note = item("note", 0, -100, applies_to="new")
    decided = decide(account(item("old", 40), item("new", 9), note), terms())
    assert decided.of("old").code == "rises"
    assert decided.of("new") == Decision("new", Code.COVERED, amount=100 * EUR)
    assert decided.notices[0].demanded == 100 * EUR


def test_a_credit_of_an_invoice_that_is_not_due_stays_with_it() -> None:
    note = item("note", 0, -150, applies_to="later")
    decided = decide(account(item("now", 40), item("later", -20), note), terms())
    notice = decided.notices[0]
    assert (notice.demanded, notice.credits) == (50 * EUR, 50 * EUR)
    assert [(line.item, line.open_amount) for line in notice.lines if line.role == "credit"] == [("note", -50 * EUR)]


def test_a_credit_that_an_invoice_not_yet_due_takes_whole_is_not_on_the_letter() -> None:
    note = item("note", 0, -150, applies_to="later")
    (notice,) = decide(account(item("now", 40), item("later", -20, 150), note), terms()).notices
    assert (notice.demanded, [line.item for line in notice.lines]) == (100 * EUR, ["now"])


@pytest.mark.parametrize("stop", [{"block": Block("x")}, {"item_class": "down_payment"}, {"gone": True}])
def test_a_credit_that_is_stopped_pays_nothing(stop: dict[str, Any]) -> None:
    decided = decide(account(item("a", 60), item("c", 0, -500, **stop)), terms())
    assert decided.notices[0].demanded == 100 * EUR


def test_the_disputed_part_is_shown_and_not_demanded() -> None:
    facts = account(item("a", 60, disputed_amount=30 * EUR), item("b", 60, disputed_amount=100 * EUR))
    decided = decide(facts, terms())
    notice = decided.notices[0]
    assert (notice.overdue, notice.disputed, notice.demanded) == (200 * EUR, 130 * EUR, 70 * EUR)
    assert {line.item: (line.role, line.disputed_amount) for line in notice.lines} == {
        "a": ("overdue", 30 * EUR),
        "b": ("disputed", 100 * EUR),
    }
    assert decided.of("b") == Decision("b", Code.DISPUTED, amount=100 * EUR)


def test_a_policy_can_leave_out_the_whole_disputed_item() -> None:
    facts = account(item("a", 60, disputed_amount=30 * EUR), item("b", 60))
    notice = decide(facts, terms(policy(disputed="item"))).notices[0]
    assert (notice.overdue, notice.disputed, notice.demanded) == (200 * EUR, 100 * EUR, 100 * EUR)


def test_the_minimum_is_tested_on_what_is_demanded_at_the_letters_level() -> None:
    rising = policy(levels=(level(1, 7, minimum={"EUR": 5 * EUR}), level(2, 21, minimum={"EUR": 50 * EUR})))
    small = account(item("a", 60, 20, level=1), last_sent_on=due(60))
    assert decide(small, terms(rising)).of("a") == Decision("a", Code.BELOW_MINIMUM, 2, amount=20 * EUR)
    assert codes(account(item("a", 10, 20)), used=rising) == {"a": "rises"}
    netted = account(item("a", 60, 60, level=1), item("c", 1, -11), last_sent_on=due(60))
    assert codes(netted, used=rising)["a"] == "below_minimum"


def test_a_currency_without_a_minimum_is_held_and_never_converted() -> None:
    facts = account(item("a", 60), currency="USD")
    assert decide(facts, terms()).of("a") == Decision("a", Code.NO_MINIMUM, 1, detail="USD")


@pytest.mark.parametrize("gate", ["not_ready", "tie_out_lock", "closed_day"])
def test_a_stopped_company_sends_nothing_and_says_why(gate: str) -> None:
    facts = account(item("a", 60), item("b", 3))
    decided = decide(facts, terms(gate=gate))
    assert decided.notices == ()
    assert [str(decision.code) for decision in decided.decisions] == [gate, "not_ripe"]


def test_only_what_would_rise_carries_the_reason_that_holds_the_letter() -> None:
    facts = account(item("a", 60), item("b", 10, level=1), last_sent_on=due(2))
    assert codes(facts) == {"a": "interval_running", "b": "level_reached"}


REMINDING = policy(pre_due=PreDue(5, "mail", "pre_due"))


@pytest.mark.parametrize(
    ("late", "code"), [(-6, "not_due"), (-5, "pre_due_reminder"), (0, "pre_due_reminder"), (1, "not_ripe")]
)
def test_a_reminder_goes_out_in_the_days_before_the_due_date(late: int, code: str) -> None:
    assert codes(account(item("a", late)), used=REMINDING) == {"a": code}


def test_a_reminder_comes_once_and_is_no_level() -> None:
    decided = decide(account(item("a", -3)), terms(REMINDING))
    notice = decided.notices[0]
    assert (notice.kind, notice.level, notice.demanded) == ("reminder", 0, 100 * EUR)
    assert [(line.role, line.new_level, line.rises) for line in notice.lines] == [("due_soon", 0, False)]
    assert codes(account(item("a", -3, reminded_on=due(1))), used=REMINDING) == {"a": "not_due"}


def test_a_reminder_neither_obeys_the_interval_nor_joins_the_overdue_list() -> None:
    facts = account(item("a", -3), item("b", 10), last_sent_on=due(1))
    assert codes(facts, used=REMINDING) == {"a": "pre_due_reminder", "b": "interval_running"}
    both = decide(account(item("a", -3), item("b", 10)), terms(REMINDING))
    assert [(notice.kind, [line.item for line in notice.lines]) for notice in both.notices] == [
        ("dunning", ["b"]),
        ("reminder", ["a"]),
    ]


@pytest.mark.parametrize(
    ("facts", "more", "code"),
    [
        (account(item("a", -3, 5)), {}, "below_minimum"),
        (account(item("a", -3), pending=True), {}, "notice_pending"),
        (account(item("a", -3)), {"gate": "closed_day"}, "closed_day"),
        (account(item("a", -3), item("c", 0, -100)), {}, "covered_by_credits"),
        (account(item("a", -3, disputed_amount=100 * EUR)), {}, "disputed"),
    ],
)
def test_a_reminder_is_held_like_a_letter(facts: Account, more: dict[str, Any], code: str) -> None:
    decided = decide(facts, terms(REMINDING, **more))
    assert decided.of("a").code == code
    assert decided.notices == ()


def test_credits_reach_a_reminder_only_after_what_is_overdue() -> None:
    facts = account(item("soon", -3), item("late", 10), item("c", 0, -150))
    decided = decide(facts, terms(REMINDING))
    assert [(notice.kind, notice.demanded) for notice in decided.notices] == [("reminder", 50 * EUR)]
    assert decided.of("late").code == "covered_by_credits"


BY_INVOICE = policy(per="invoice")


def test_a_letter_an_invoice_has_its_own_interval_and_hides_no_other() -> None:
    facts = account(item("a", 40, level=1, last_notice_on=due(2)), item("b", 10), item("c", 3), last_sent_on=due(2))
    decided = decide(facts, terms(BY_INVOICE))
    assert [(notice.item, notice.level, notice.demanded) for notice in decided.notices] == [("b", 1, 100 * EUR)]
    assert decided.of("a") == Decision("a", Code.INTERVAL, 2, due(2))
    assert decided.of("c").code == "not_ripe"


def test_a_pending_letter_of_one_invoice_leaves_the_others_alone() -> None:
    facts = account(item("a", 40, pending=True), item("b", 10))
    assert codes(facts, used=BY_INVOICE) == {"a": "notice_pending", "b": "rises"}
    assert codes(replace(facts, pending=True), used=BY_INVOICE)["b"] == "notice_pending"


def test_the_oldest_invoice_is_paid_first_also_when_each_has_its_letter() -> None:
    facts = account(item("old", 40), item("new", 10), item("c", 0, -130))
    decided = decide(facts, terms(BY_INVOICE))
    assert [(notice.item, notice.overdue, notice.credits, notice.demanded) for notice in decided.notices] == [
        ("new", 100 * EUR, 30 * EUR, 70 * EUR)
    ]
    assert decided.of("old").code == "covered_by_credits"


def test_reminders_an_invoice_come_one_by_one() -> None:
    used = policy(per="invoice", pre_due=PreDue(5, "mail", "pre_due"))
    decided = decide(account(item("a", -1), item("b", -2, pending=True), item("c", -3)), terms(used))
    assert [(notice.kind, notice.item) for notice in decided.notices] == [("reminder", "a"), ("reminder", "c")]
    assert decided.of("b").code == "notice_pending"


def test_an_accounts_level_is_the_highest_of_its_open_dunnable_items_and_falls_on_payment() -> None:
    high, low = item("a", 60, level=3), item("b", 30, level=1)
    assert account_level(account(high, low), terms()) == 3
    assert account_level(account(replace(high, open_amount=0), low), terms()) == 1
    assert account_level(account(replace(high, block=Block("x")), low), terms()) == 1
    assert account_level(account(item("c", 60, -5, level=3)), terms()) == 0


@pytest.mark.parametrize(
    ("number", "demanded", "reason"),
    [
        (1, 500 * EUR, None),
        (1, 500 * EUR + 1, "amount"),
        (2, 1 * EUR, "level"),
        (3, 1 * EUR, "hold"),
        (4, 1 * EUR, "final"),
        (0, 1 * EUR, None),
    ],
)
def test_a_person_approves_what_the_policy_does_not_let_pass(number: int, demanded: int, reason: str | None) -> None:
    ladder = (level(1, 7), level(2, 21), level(3, 35, hold_min_days=35))
    last = replace(level(3, 50, final=True), number=4)
    used = policy(levels=(*ladder, last), auto_approve=AutoApprove(1, {"EUR": 500 * EUR}))
    assert needs_person(used, number, "EUR", demanded) == reason
    assert needs_person(policy(), 1, "EUR", demanded) == "not_automatic"
    assert needs_person(used, 1, "USD", 1) == "amount"


def test_a_notice_reads_differently_as_soon_as_a_line_or_sum_changes() -> None:
    def fingerprint(*items: ItemFacts) -> str:
        return decide(account(*items), terms()).notices[0].fingerprint

    original = fingerprint(item("a", 60), item("b", 8))
    assert fingerprint(item("b", 8), item("a", 60)) == original
    assert fingerprint(item("a", 60, 99), item("b", 8)) != original
    assert fingerprint(item("a", 60)) != original
    assert fingerprint(item("a", 60, level=1), item("b", 8)) != original


def test_a_decision_reads_back_from_the_books() -> None:
    for decision in [
        Decision("a", Code.ERP_BLOCK, detail="reason; with a semicolon"),
        Decision("a", Code.INTERVAL, 2, TODAY),
        Decision("a", Code.BELOW_MINIMUM, 1, None, -5),
        Decision("a", Code.GONE),
    ]:
        assert Decision.read("a", decision.code, decision.parameters) == decision
    assert Decision("a", Code.INTERVAL, 2, TODAY, 70_000).parameters == "2;2026-03-10;70000;"


def test_every_code_is_sent_held_or_skipped() -> None:
    assert outcome(Code.RISES) == "sent"
    assert outcome(Code.INTERVAL) == "held"
    assert outcome(Code.NOT_DUE) == "skipped"
    assert Decision("a", Code.DISPUTED).outcome == "held"
