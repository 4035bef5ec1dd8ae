"""Credit holds by the pure rules (26): when one is proposed, when one of ours is given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from duehook.core.calendar import Span
from duehook.core.collect.facts import Block
from duehook.core.collect.holds import HoldDecision, HoldFacts, OwnHold, decide_hold, decide_release

from .dunning_facts import EUR, TODAY, account, due, item, level, policy, terms

HOLDING = policy(levels=(level(1, 7), level(2, 21, hold_min_days=30), level(3, 35, hold_min_days=45)))
OURS = OwnHold("CH", previous=None)
FREE = HoldFacts(None)


def test_a_hold_is_proposed_for_an_item_of_the_level_that_is_late_enough() -> None:
    facts = account(item("a", 30, level=2), item("b", 90, level=1))
    assert decide_hold([facts], FREE, terms(HOLDING)) == HoldDecision("propose", "a", 2)


def test_the_item_of_the_highest_level_and_then_the_oldest_decides() -> None:
    facts = account(item("a", 50, level=2), item("b", 46, level=3), item("c", 47, level=3))
    assert decide_hold([facts], FREE, terms(HOLDING)) == HoldDecision("propose", "c", 3)


@pytest.mark.parametrize(
    "facts",
    [
        {"late": 29, "level": 2},
        {"late": 60, "level": 1},
        {"late": 60, "level": 3, "amount": -5},
        {"late": 60, "level": 3, "disputed_amount": 100 * EUR},
        {"late": 60, "level": 3, "gone": True},
        {"late": 60, "level": 3, "block": Block("talks")},
        {"late": 60, "level": 3, "item_class": "retainage"},
        {"late": 60, "level": 3, "reopened_on": TODAY},
    ],
)
def test_no_hold_is_proposed_while_its_condition_is_not_met(facts: dict[str, Any]) -> None:
    used = policy(levels=HOLDING.levels, reopen_grace=Span(3))
    assert decide_hold([account(item("a", **facts))], FREE, terms(used)).code == "condition_not_met"


def test_another_hold_code_is_never_overwritten() -> None:
    late = account(item("a", 60, level=3))
    assert decide_hold([late], HoldFacts("FR"), terms(HOLDING)).code == "other_hold"
    assert decide_hold([late], HoldFacts("CH", own=OURS), terms(HOLDING)).code == "already_held"


@pytest.mark.parametrize(("days_ago", "code"), [(9, "hold_grace"), (10, "propose")])
def test_after_a_release_the_same_rule_waits(days_ago: int, code: str) -> None:
    decided = decide_hold([account(item("a", 60, level=3))], HoldFacts(None, released_on=due(days_ago)), terms(HOLDING))
    assert decided.code == code
    assert decided.on == (TODAY + timedelta(days=1) if code == "hold_grace" else None)


def test_our_hold_is_released_when_no_item_of_any_currency_meets_its_condition() -> None:
    euros, dollars = account(item("a", 20, level=2)), account(item("b", 60, level=3), currency="USD")
    held = HoldFacts("CH", own=OURS)
    assert decide_release([euros], held, terms(HOLDING)) == HoldDecision("release")
    assert decide_release([euros, dollars], held, terms(HOLDING)) == HoldDecision("still_met", "b", 3)


def test_what_is_owed_to_another_company_keeps_the_hold_by_that_companys_own_terms() -> None:
    held, paid, beside = HoldFacts("CH", own=OURS), account(), account(item("b", 40, level=3))
    own, later = terms(HOLDING), terms(policy(levels=(level(3, 35, hold_min_days=60),)))
    assert decide_release([paid], held, own, beside=[(beside, own)]) == HoldDecision("still_met", "b", 2)
    assert decide_release([paid], held, own, beside=[(beside, later)]) == HoldDecision("release")


@pytest.mark.parametrize("facts", [{"block": Block("talks")}, {"reopened_on": TODAY}, {"erp_block": "X"}])
def test_a_dunning_block_or_a_returned_payment_does_not_free_an_account(facts: dict[str, Any]) -> None:
    held = HoldFacts("CH", own=OURS)
    assert decide_release([account(item("a", 60, level=3, **facts))], held, terms(HOLDING)).code == "still_met"


def test_only_a_hold_of_ours_with_our_value_is_released() -> None:
    paid = account(item("a", 60, 0, level=3))
    assert decide_release([paid], HoldFacts("CH"), terms(HOLDING)).code == "not_ours"
    assert decide_release([paid], HoldFacts("FR", own=OURS), terms(HOLDING)).code == "drifted"
    assert decide_release([paid], HoldFacts(None, own=OURS), terms(HOLDING)).code == "drifted"


@pytest.mark.parametrize(("days_ago", "code"), [(4, "clearing"), (5, "release")])
def test_cash_must_have_cleared_before_it_frees_the_account(days_ago: int, code: str) -> None:
    held = HoldFacts("CH", own=OURS, last_cash_on=due(days_ago))
    decided = decide_release([account(item("a", 60, 0, level=3))], held, terms(HOLDING))
    assert decided.code == code
    assert decided.on == (TODAY + timedelta(days=1) if code == "clearing" else None)


def test_a_release_is_a_proposal_unless_the_policy_says_otherwise() -> None:
    held, paid = HoldFacts("CH", own=OURS), [account()]
    assert not decide_release(paid, held, terms(HOLDING)).automatic
    assert decide_release(paid, held, terms(policy(levels=HOLDING.levels, auto_release=True))).automatic
