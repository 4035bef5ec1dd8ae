"""Every decision says in words why an item was or was not dunned, with dates and amounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from duehook.core.calendar import Calendar, Span
from duehook.core.collect.codes import Code
from duehook.core.collect.decision import Decision
from duehook.core.collect.explain import Subject, explain_item
from tests.rigs.dunning_facts import EUR, TODAY, level, policy

PLAIN = policy(reopen_grace=Span(5, business=True), unblock_grace=Span(1, business=True))
DAY = date(2026, 2, 21)


def words(code: Code, *, used: Any = PLAIN, calendar: Calendar | None = None, **parameters: Any) -> str:
    subject = Subject("RI 4711", "EUR", TODAY, used, calendar or Calendar("DE", "BY"))
    return explain_item(Decision("1", code, **parameters), subject)


def test_a_level_that_is_not_reached_names_the_day_and_how_it_is_counted() -> None:
    assert words(Code.NOT_RIPE, level=2, on=DAY) == (
        "RI 4711 was not dunned on 2026-03-10: level 2 is reached on 2026-03-14 (21 days after due 2026-02-21)."
    )


def test_a_shifted_due_date_and_the_grace_are_named() -> None:
    used = policy(due_on_closed_day="next_business_day", grace=Span(2))
    assert words(Code.WITHIN_GRACE, used=used, level=1, on=DAY) == (
        "RI 4711 was not dunned on 2026-03-10: it is within the grace of 2 days; level 1 is reached on 2026-03-04 "
        "(7 days after due 2026-02-21, counted from 2026-02-23 plus 2 days of grace)."
    )


@pytest.mark.parametrize(
    ("code", "parameters", "expected"),
    [
        (Code.RISES, {"level": 2, "amount": 80 * EUR}, "is in a letter on 2026-03-10: it rises to level 2 (demand)"),
        (Code.REPEATS, {"level": 3, "amount": 80 * EUR}, "level 3 (final_demand) is repeated and 80.00 EUR of it"),
        (Code.LISTED, {"level": 0, "amount": 5 * EUR}, "has reached no level yet; 5.00 EUR of it is demanded"),
        (Code.LISTED, {"level": 1, "amount": 5 * EUR}, "but stays at level 1 (reminder)"),
        (Code.REMINDED, {"level": 0, "on": DAY, "amount": 5 * EUR}, "falls due on 2026-02-21 names 5.00 EUR"),
        (Code.PLACEHOLDER, {}, "its customer is missing"),
        (Code.GONE, {}, "it vanished"),
        (Code.SETTLED, {}, "was not dunned on 2026-03-10: it is settled."),
        (Code.INSOLVENT, {"on": DAY}, "insolvent since 2026-02-21 and the item is from before that day"),
        (Code.INSOLVENT, {}, "the date of the filing is not known"),
        (Code.CUSTOMER_STATE, {"detail": "do_not_contact", "on": DAY}, "marked do not contact since 2026-02-21"),
        (Code.CUSTOMER_STATE, {"detail": "legal"}, "marked legal, which stops all contact"),
        (Code.CLASS, {"detail": "retainage"}, "items of class retainage are not dunned"),
        (Code.CLASS, {"detail": "direct_debit"}, "items of class direct debit are not dunned"),
        (Code.BLOCKED_DEBTOR, {"detail": "talks"}, "is held back on 2026-03-10: its debtor is blocked with no end"),
        (Code.BLOCKED_ITEM, {"detail": "talks", "on": DAY}, "it is blocked until 2026-02-21: talks"),
        (Code.BLOCKED_ITEM, {"on": DAY}, "no reason given"),
        (Code.UNBLOCK_GRACE, {"on": DAY}, "its block ended on 2026-02-21; dunning goes on from 2026-02-23"),
        (Code.ERP_BLOCK, {"detail": "A"}, "the ERP blocks its dunning (A)"),
        (Code.DISPUTED, {"amount": 30 * EUR}, "30.00 EUR of it is in dispute"),
        (Code.REOPEN_GRACE, {"on": date(2026, 3, 5)}, "came back on 2026-03-05; dunning goes on from 2026-03-12"),
        (Code.CREDIT_NETTED, {}, "it is a credit and reduces what is demanded"),
        (Code.CREDIT_SHOWN, {}, "shown apart"),
        (Code.COVERED, {"amount": 30 * EUR}, "its 30.00 EUR is covered by credits"),
        (Code.NOT_DUE, {"on": date(2026, 3, 12)}, "it is due on 2026-03-12 and past due from 2026-03-13"),
        (Code.NOT_DUE, {}, "it is not past due"),
        (Code.NOT_RIPE, {}, "its next level is not reached yet"),
        (Code.LEVEL_REACHED, {"level": 2, "on": DAY}, "it stands at level 1 (reminder); level 2 is reached on 2026-03"),
        (Code.HAND_SET, {"level": 1}, "a person set it to level 1 (reminder)"),
        (Code.HAND_SET, {"level": 0}, "a person set it to level 0"),
        (Code.LAST_LEVEL, {"level": 3}, "it stands at level 3 (final_demand), the last one; a collector takes over"),
        (Code.PENDING, {"level": 1}, "an approved notice to its debtor is on its way"),
        (
            Code.INTERVAL,
            {"level": 2, "on": date(2026, 3, 5)},
            "the last letter went out on 2026-03-05 and the next, level 2 (demand), may follow after 7 days, "
            "from 2026-03-12",
        ),
        (Code.NO_MINIMUM, {"level": 1, "detail": "KWD"}, "the policy has no minimum for KWD"),
        (Code.BELOW_MINIMUM, {"level": 1, "amount": 9 * EUR}, "would demand 9.00 EUR, below the minimum of 10.00 EUR"),
        (Code.BELOW_MINIMUM, {"level": 0, "amount": 9 * EUR}, "a reminder would demand 9.00 EUR"),
        (Code.NOT_READY, {"level": 1}, "has not closed its run"),
        (Code.TIE_OUT, {"level": 1}, "until our balances tie out"),
        (Code.CLOSED_DAY, {"level": 1}, "its company is closed that day"),
        (Code.PLUGIN_HOLD, {"detail": "plugin claims failed"}, "is held back on 2026-03-10: plugin claims failed."),
    ],
)
def test_each_code_has_words(code: Code, parameters: dict[str, Any], expected: str) -> None:
    assert expected in words(code, **parameters)


def test_no_code_is_left_without_words() -> None:
    for code in Code:
        assert words(code, level=1, on=DAY, amount=EUR, detail="x").endswith(".")


def test_a_last_level_that_repeats_says_so() -> None:
    used = policy(repeat_every=Span(30), levels=(level(1, 7),))
    assert "it repeats every 30 days" in words(Code.LAST_LEVEL, used=used, level=1)
