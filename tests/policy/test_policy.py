"""Policy packs: reading, mistakes with their place, hashes, schemes and words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.calendar import Span
from duehook.core.errors import ConfigError, NotFound
from duehook.core.policy.lint import Ways, lint
from duehook.core.policy.model import AutoApprove, Level, Policy, PreDue
from duehook.core.policy.packs import (
    governing,
    load_policies,
    named,
    shipped_policies,
    shipped_schemes,
)
from duehook.core.policy.read import find_problems, load_policy, read_policy
from duehook.core.policy.scheme import load_scheme, read_scheme
from duehook.core.policy.words import explain

SMALL = """\
policy: small
about: One letter
minimum: {EUR: 10}
levels:
  - {name: reminder, days: 7, channel: mail, template: reminder}
"""
LEVEL = "  - {name: reminder, days: 7, channel: mail, template: reminder}\n"


def problems_of(text: str) -> list[str]:
    return [f"{problem.line}:{problem.column} {problem.message} {problem.fix}" for problem in find_problems(text)]


def test_a_short_policy_takes_the_defaults_of_the_rules() -> None:
    policy = read_policy(SMALL)
    assert policy.levels == (Level(1, "reminder", 7, Span(7), "mail", "reminder", {"EUR": 100_000}),)
    assert (policy.per, policy.step, policy.netting, policy.disputed) == ("debtor", "one", True, "part")
    assert policy.classes == ("normal",)
    assert policy.grace == Span(0)
    assert policy.reopen_grace == Span(5, business=True)
    assert (policy.clearing, policy.hold_grace) == (Span(5), Span(10))
    assert policy.auto_approve is None
    assert policy.repeat_every is None
    assert not policy.auto_release


def test_a_full_policy_is_read_whole() -> None:
    policy = read_policy(
        """\
policy: full
about: Everything said
per: invoice
classes: [normal, chargeback]
step: jump
grace_days: 2 business days
due_on_closed_day: next_business_day
netting: off
disputed: item
interest_on_disputed: yes
reopen_grace: 3
unblock_grace: 0
repeat_every: 30 days
minimum: {EUR: 10.50, JPY: 1000, KWD: 2.125}
pre_due: {days: 5, channel: mail, template: pre_due}
auto_approve: {up_to_level: 1, up_to: {EUR: 500}}
hold_grace_days: 20
clearing_days: 2 business days
auto_release: yes
levels:
  - {name: reminder, days: 7, interval: 10 business days, channel: mail, template: reminder, hold: no}
  - name: final
    days: 21
    channel: letter
    template: final_demand
    minimum: {EUR: 50}
    hold: {min_days: 30}
    final: yes
    formal: yes
"""
    )
    assert policy.minimum == {"EUR": 105_000, "JPY": 10_000_000, "KWD": 21_250}
    assert policy.level(1).interval == Span(10, business=True)
    assert policy.level(1).minimum == policy.minimum
    assert not policy.level(1).needs_person
    assert policy.level(2) == Level(2, "final", 21, Span(7), "letter", "final_demand", {"EUR": 500_000}, 30, True, True)
    assert policy.level(9) is policy.level(2)
    assert policy.classes == ("chargeback", "normal")
    assert policy.pre_due == PreDue(5, "mail", "pre_due")
    assert policy.auto_approve == AutoApprove(1, {"EUR": 5_000_000})
    assert (policy.repeat_every, policy.unblock_grace) == (Span(30), Span(0))
    assert policy.grace == Span(2, business=True)


def test_money_never_passes_through_a_float() -> None:
    assert int(4.35 * 100) == 434
    assert read_policy(SMALL.replace("10}", "4.35, CLF: 900719925473.0993}")).minimum == {
        "EUR": 43_500,
        "CLF": 9_007_199_254_730_993,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SMALL + "granularity: 3\n", "6:1 A policy has no `granularity`. use one of"),
        (SMALL + "gracedays: 3\n", "6:1 A policy has no `gracedays`. did you mean `grace_days`?"),
        (SMALL + "step: one\nstep: jump\n", "7:1 `step` is given twice."),
        (SMALL + "step: two\n", "6:7 `step` cannot be `two`."),
        (SMALL + "netting: perhaps\n", "6:10 `netting` cannot be `perhaps`."),
        (SMALL + "netting: [yes]\n", "6:10 `netting` is one value."),
        (SMALL + "grace_days: soon\n", "6:13 `grace_days` cannot be `soon`. write `14 days`"),
        (SMALL + "grace_days: []\n", "6:13 `grace_days` is one value."),
        (SMALL + "grace_days: 9999\n", "6:13 `grace_days` cannot be `9999`."),
        (SMALL + "repeat_every: 0\n", "6:15 The last level cannot repeat every day."),
        (SMALL + "classes: []\n", "6:10 `classes` names no class."),
        (SMALL + "classes: [nromal]\n", "6:11 An item class cannot be `nromal`. did you mean `normal`?"),
        (SMALL + "classes: normal\n", "6:10 `classes` is a list."),
        (SMALL + "pre_due: 5\n", "6:10 `pre_due` is a list of `key: value` lines."),
        (SMALL + "pre_due: {days: 5}\n", "6:10 `channel` is missing."),
        (SMALL + "auto_approve: {up_to_level: 2, up_to: {EUR: 5}}\n", "6:29 `up_to_level` cannot be `2`."),
        (SMALL + "auto_approve: {up_to_level: 1}\n", "6:15 `up_to` is missing."),
        (SMALL.replace("10}", "ten}"), "3:16 `ten` is no amount of money."),
        (SMALL.replace("10}", "-1}"), "3:16 -1 is negative."),
        (SMALL.replace("10}", "1.001}"), "3:16 1.001 is finer than EUR is. give at most 2 decimals."),
        (SMALL.replace("10}", "[1]}"), "3:16 An amount is one value."),
        (SMALL.replace("EUR: 10", "euro: 10"), "3:11 `euro` is no currency."),
        (SMALL.replace("EUR: 10", "EUR: 10, EUR: 20"), "3:20 `EUR` is given twice."),
        (SMALL.replace("{EUR: 10}", "10"), "3:10 `minimum` is a map."),
        (SMALL.replace("minimum: {EUR: 10}\n", ""), "1:1 `minimum` is missing."),
        (SMALL.replace("policy: small", "policy: Small one"), "1:9 `policy` cannot be `Small one`."),
        (SMALL.replace("about: One letter\n", ""), "1:1 `about` is missing."),
        (SMALL.replace("policy: small\n", ""), "1:1 `policy` is missing."),
        (SMALL.replace(LEVEL, "").replace("levels:", "levels: []"), "4:9 A policy has 1 to 12 levels."),
        (SMALL.replace(LEVEL, "").replace("levels:\n", ""), "1:1 `levels` is missing."),
        (SMALL + "  - 7\n", "6:5 Level 2 is a list of `key: value` lines."),
        (SMALL + LEVEL, "6:28 Level 2 starts after 7 days, not later than level 1. give more than 7."),
        (SMALL + LEVEL.replace("days: 7", "days: 9"), "6:12 Two levels are called `reminder`."),
        (SMALL.replace("days: 7", "days: 0"), "5:28 `days` cannot be `0`."),
        (SMALL.replace("days: 7", "days: [7]"), "5:28 `days` is one value."),
        (SMALL.replace("days: 7", "days: 7, interval: 0"), "5:41 An interval of 0 would write every day."),
        (SMALL.replace("days: 7", "days: 7, hold: maybe"), "5:37 `hold` is yes, no, or {min_days: 45}."),
        (SMALL.replace("days: 7", "days: 7, hold: {}"), "5:37 `min_days` is missing."),
        (SMALL.replace("days: 7", "days: 7, minimum: {}"), ""),
        (SMALL.replace("name: reminder, ", ""), "5:5 `name` is missing."),
        ("", "1:1 The file is empty."),
        ("- policy\n", "1:1 A policy is a list of `key: value` lines."),
        ("policy: {a: b\nabout: x\n", "This is not YAML"),
        ("? [a]\n: b\n", "1:3 A policy has no `?`."),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_fix(text: str, expected: str) -> None:
    told = problems_of(text)
    assert any(expected in problem for problem in told) if expected else not told


def test_all_mistakes_are_told_at_once() -> None:
    told = problems_of(SMALL.replace("EUR: 10", "EUR: x").replace("days: 7", "days: x") + "stop: one\nnetting: 3\n")
    assert [problem.split()[0] for problem in told if problem]
    assert len(told) == 4


@pytest.mark.parametrize(("flag", "why"), [("final: yes", "is a final demand"), ("hold: yes", "sets a credit hold")])
def test_a_level_that_needs_a_person_is_never_approved_by_itself(flag: str, why: str) -> None:
    text = SMALL.replace("days: 7", f"days: 7, {flag}") + "auto_approve: {up_to_level: 1, up_to: {EUR: 500}}\n"
    assert why in problems_of(text)[0]
    with pytest.raises(ConfigError, match=why):
        read_policy(text)


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(SMALL + "netto: yes\nstep: two\n")
    with pytest.raises(ConfigError) as refused:
        load_policy(path)
    first, second = str(refused.value).splitlines()
    assert first.startswith(f"{path}:6:1: A policy has no `netto`. Fix: did you mean `netting`?")
    assert second.startswith(f"{path}:7:7: ")


def test_a_file_that_cannot_be_read_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read.*Fix: name a UTF-8 file"):
        load_policy(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"about: \xe4\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy(tmp_path / "latin.yaml")


def test_equal_policies_have_equal_hashes_however_they_are_written() -> None:
    other = SMALL.replace("{EUR: 10}", "\n  EUR: '10.00'  # ten") + "netting: true\ngrace_days: 0 days\n"
    assert read_policy(other).hash == read_policy(SMALL).hash
    assert read_policy(SMALL + "netting: no\n").hash != read_policy(SMALL).hash


@pytest.mark.parametrize("name", ["default", "gentle", "strict"])
def test_a_shipped_pack_reads_back_from_its_canonical_form(name: str) -> None:
    policy = shipped_policies()[name]
    assert policy.name == name
    again = read_policy(policy.canonical)
    assert again == policy
    assert again.hash == policy.hash
    assert policy.auto_approve is None


def test_only_strict_does_not_net() -> None:
    assert {name: policy.netting for name, policy in shipped_policies().items()} == {
        "default": True,
        "gentle": True,
        "strict": False,
    }


SPANS = st.builds(Span, st.integers(1, 60), st.booleans())
AMOUNTS = st.dictionaries(
    st.sampled_from(["EUR", "USD", "JPY", "KWD"]), st.integers(0, 10**9).map(lambda n: n * 10_000), min_size=1
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    minimum = draw(AMOUNTS)
    days = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=5)))
    levels = tuple(
        Level(
            number,
            f"level{number}",
            day,
            draw(SPANS),
            "mail",
            "reminder",
            draw(st.sampled_from([minimum, {"EUR": 10_000}])),
            draw(st.none() | st.integers(0, 90)),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for number, day in enumerate(days, start=1)
    )
    return Policy(
        "drawn",
        "Drawn: by chance",
        levels,
        minimum,
        per=draw(st.sampled_from(["debtor", "invoice"])),
        step=draw(st.sampled_from(["one", "jump"])),
        grace=draw(SPANS),
        netting=draw(st.booleans()),
        disputed=draw(st.sampled_from(["part", "item"])),
        repeat_every=draw(st.none() | SPANS),
        pre_due=draw(st.none() | st.just(PreDue(3, "mail", "pre_due"))),
    )


@given(policies())
def test_every_policy_reads_back_from_its_canonical_form(policy: Policy) -> None:
    assert read_policy(policy.canonical) == policy


def test_the_shipped_packs_and_schemes_have_no_mistake() -> None:
    assert lint(Path(__file__).parents[2] / "rules", ["EUR", "USD", "JPY", "KWD"]) == []


def test_a_currency_in_use_without_a_minimum_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(SMALL.replace("days: 7", "days: 7, minimum: {EUR: 5, JPY: 900}"))
    told = [str(problem) for problem in lint(path, ["EUR", "JPY", "KWD"])]
    assert told == [
        f"{path}:3:10: `minimum` has no JPY, KWD, in which there are items. Fix: add a line such as `JPY: 10`.",
        f"{path}:5:40: `minimum` has no KWD, in which there are items. Fix: add a line such as `KWD: 10`.",
    ]
    assert lint(path, ["EUR"]) == []


WAYS = Ways(channels={"mail", "letter"}, templates={"friendly", "firm"}, offers="carrier_pigeon".__eq__)


def test_a_channel_or_template_that_there_is_not_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    text = SMALL.replace("channel: mail", "channel: fax").replace("template: reminder", "template: frendly")
    path.write_text(f"{text}pre_due: {{days: 5, channel: mial, template: zzz}}\n")
    assert [str(problem) for problem in lint(path, [], WAYS)] == [
        f"{path}:5:40: There is no channel `fax`; there are letter, mail. Fix: use one of letter, mail.",
        f"{path}:5:55: There is no template `frendly`; there are firm, friendly. Fix: did you mean `friendly`?",
        f"{path}:6:29: There is no channel `mial`; there are letter, mail. Fix: did you mean `mail`?",
        f"{path}:6:45: There is no template `zzz`; there are firm, friendly. Fix: use one of firm, friendly.",
    ]
    path.write_text(SMALL.replace("channel: mail, template: reminder", "channel: carrier_pigeon, template: firm"))
    assert lint(path, [], WAYS) == []
    path.write_text(SMALL.replace("channel: mail, template: reminder", "channel: [mail], template: firm, ? [a] : b"))
    assert [problem.message for problem in lint(path, [], WAYS)] == ["`channel` is one value.", "Level 1 has no `?`."]


def test_lint_reads_a_whole_folder(tmp_path: Path) -> None:
    (tmp_path / "aging").mkdir()
    (tmp_path / "a.yaml").write_text(SMALL)
    (tmp_path / "b.yaml").write_text(SMALL)
    (tmp_path / "c.yaml").write_text("- 1\n")
    (tmp_path / "d.yaml").write_text("levels: 3\n")
    (tmp_path / "aging" / "a.yaml").write_text("scheme: small\nabout: x\nupper: [1]\n")
    told = "\n".join(str(problem) for problem in lint(tmp_path, []))
    assert f"`small` is already in {tmp_path / 'a.yaml'}" in told
    assert "aging/a.yaml:3:8: The first bucket ends on day 0" in told
    assert "c.yaml:1:1" in told
    assert "d.yaml:1:9: `levels` is a list." in told


def test_the_standard_scheme_has_the_months() -> None:
    schemes = shipped_schemes()
    assert schemes["standard"].labels == ("current", "1-30", "31-60", "61-90", "91-120", "121-180", "over 180")
    assert schemes["weekly"].upper[:3] == (0, 7, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scheme: s\nabout: x\nupper: [0, 30, 30]\n", "The buckets do not rise"),
        ("scheme: s\nabout: x\nupper: [0,1,2,3,4,5,6,7,8,9]\n", "at most 10 buckets"),
        ("scheme: s\nabout: x\nupper: [0, x]\n", "A bucket's last day cannot be `x`"),
        ("scheme: s\nabout: x\nupper: [0]\ncredits: none\n", "`credits` cannot be `none`"),
        ("scheme: s\nabout: x\nupper: [0]\nbasis: posting\n", "`basis` cannot be `posting`"),
        ("scheme: s\nupper: [0]\n", "`about` is missing"),
        ("about: x\nupper: [0]\n", "`scheme` is missing"),
        ("scheme: s\nabout: x\n", "`upper` is missing"),
        ("scheme: s\nabout: x\nupper: [0]\nbuckets: 3\n", "An aging scheme has no `buckets`"),
        ("scheme: [\n", "This is not YAML"),
    ],
)
def test_a_scheme_with_a_mistake_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=expected):
        read_scheme(text)
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=expected):
        load_scheme(path)


def test_a_scheme_says_how_it_treats_credits() -> None:
    scheme = read_scheme("scheme: s\nabout: x\nupper: [0, 10]\ncredits: offset_oldest\nbasis: document\n")
    assert (scheme.upper, scheme.credits, scheme.basis) == ((0, 10), "offset_oldest", "document")
    assert scheme.labels == ("current", "1-10", "over 10")


def test_the_nearest_policy_governs() -> None:
    assert governing("strict", "gentle", "default") == "strict"
    assert governing(None, "gentle", "default") == "gentle"
    assert governing(None, None, "default") == "default"


def test_a_policy_that_does_not_exist_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    policies = load_policies(tmp_path)
    assert named(policies, "small").name == "small"
    with pytest.raises(NotFound, match="did you mean `small`"):
        named(policies, "smal")


def test_a_policy_is_explained_in_words() -> None:
    words = explain(shipped_policies()["default"])
    assert "Level 1, reminder: from 7 days past due, at least 14 days after the last letter, by mail" in words
    assert "A credit hold is proposed once an item is 45 days past due." in words
    assert "Credits reduce what is demanded, the oldest item first" in words
    assert "10.00 EUR" in words
    assert "1,500 JPY" in words
    assert "3.000 KWD" in words
    assert "A person approves every letter." in words


def test_every_choice_has_words_of_its_own() -> None:
    text = SMALL.replace("days: 7", "days: 7, minimum: {EUR: 1}, formal: yes")
    base = set(explain(read_policy(SMALL)).splitlines())
    for choice, expected in [
        ("per: invoice", "Each invoice gets a letter of its own"),
        ("step: jump", "jumps straight"),
        ("grace_days: 3", "waits 3 days longer"),
        ("due_on_closed_day: next_business_day", "counts from the next business day"),
        ("pre_due: {days: 5, channel: mail, template: pre_due}", "5 days before an item falls due"),
        ("repeat_every: 30", "repeats every 30 days"),
        ("netting: no", "deducted from nothing"),
        ("disputed: item", "be it in part"),
        ("interest_on_disputed: yes", "bear interest"),
        ("auto_approve: {up_to_level: 1, up_to: {EUR: 500}}", "up to 500.00 EUR need no person"),
    ]:
        told = [line for line in explain(read_policy(f"{SMALL}{choice}\n")).splitlines() if line not in base]
        assert any(expected in line for line in told), choice
    assert "Its own minimum: 1.00 EUR." in explain(read_policy(text))
    released = SMALL.replace("days: 7", "days: 7, hold: yes") + "auto_release: yes\n"
    assert "a release needs no person" in explain(read_policy(released))


def test_a_pause_that_is_switched_off_is_not_told() -> None:
    told = explain(read_policy(SMALL))
    assert "After a payment came back, its item waits 5 business days." in told
    assert "After a block ends, nothing is sent for " in told
    told = explain(read_policy(f"{SMALL}reopen_grace: 0\nunblock_grace: 0\n"))
    assert "After a payment came back" not in told
    assert "After a block ends" not in told
