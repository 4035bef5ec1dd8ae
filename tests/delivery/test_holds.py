"""Credit holds by the pure rules (26): when a letter asks for one, when one of ours is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Block
from duehook.core.collect.holds import HoldDecision, HoldFacts, OwnHold, asks_hold, decide_release
from duehook.core.policy.model import Policy
from tests.rigs.dunning_facts import EUR, TODAY, account, due, item, level, policy, terms

HOLDING = policy(levels=(level(1, 7), level(2, 21, hold_min_days=30), level(3, 35, hold_min_days=45)))
OURS = OwnHold("CH", previous=None)


def asked(facts: Account, used: Policy = HOLDING) -> bool:
    (notice,) = decide(facts, terms(used)).notices
    return asks_hold(notice, terms(used))


@pytest.mark.parametrize(
    ("late", "level_before", "holds"),
    [
        (29, 1, False),  # it rises to level 2, which asks for 30 days
        (30, 1, True),
        (60, 0, False),  # it rises to level 1, which has no hold
        (44, 2, True),  # it rises to level 3, which asks for 45 days, but those of level 2 are over
    ],
)
def test_a_letter_asks_for_a_hold_when_an_item_reaches_its_level_and_days(
    late: int, level_before: int, holds: bool
) -> None:
    assert asked(account(item("a", late, level=level_before))) is holds


def test_an_item_that_stands_at_its_level_asks_when_another_makes_the_letter() -> None:
    assert asked(account(item("a", 60, level=3), item("b", 10)))


def test_what_is_wholly_in_dispute_or_paid_by_credits_asks_for_no_hold() -> None:
    young, old = item("a", 10), item("b", 60, level=3, disputed_amount=100 * EUR)
    assert not asked(account(young, old))
    assert not asked(account(young, replace(old, disputed_amount=0), item("c", 0, -100, applies_to="b")))


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
