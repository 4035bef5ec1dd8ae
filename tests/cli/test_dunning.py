"""`duehook dun`, `proposal` and `level`, as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rigs.mail_catcher import Catcher
from tests.rigs.small_erp import SmallErp

from .typed import Out, asked, run

HOLDS = """

@hookimpl
def hold_reason(debtors, as_of):
    return {each["key"]: REASONS[each["customer"]] for each in debtors if each["customer"] in REASONS}
"""


@pytest.fixture
def imported(catcher: Catcher, erp: SmallErp) -> Catcher:
    """Give a live site where A owes 100.00, and B 80.00 and 20.00."""
    overdue = datetime.now(UTC).date() - timedelta(days=40)
    erp.customer("B")
    erp.invoice("2", "B", "80.00", overdue)
    erp.invoice("3", "B", "20.00", overdue)
    run("go-live", "--yes", "--first-run-notices", "5")
    run("import", "small")
    return catcher


def test_a_run_lists_its_notices_and_why_items_were_decided_so(imported: Catcher, capsys: Out) -> None:
    run("dun", "--dry-run")
    out = capsys.readouterr().out
    assert ["01", "B", "EUR", "dunning", "1", "100.00", "2"] in [line.split() for line in out.splitlines()]
    assert ["3", "rises"] in [line.split() for line in out.splitlines()]
    assert "duehook proposal list" not in out
    run("proposal", "list")
    assert "0 proposed." in capsys.readouterr().out
    run("dun", "--company", "01")
    assert capsys.readouterr().out.splitlines()[-1] == "Look through them with `duehook proposal list`."
    run("proposal", "list")
    assert "2 proposed." in capsys.readouterr().out


def test_a_past_day_is_decided_as_it_was(imported: Catcher, capsys: Out) -> None:
    long_ago = (datetime.now(UTC).date() - timedelta(days=39)).isoformat()
    told = asked(capsys, "dun", "--dry-run", "--as-of", long_ago)
    assert (told["notices"], told["runs"][0]["as_of"]) == ([], long_ago)


def test_what_a_plugin_keeps_back_is_told_with_its_reasons(imported: Catcher, tmp_path: Path, capsys: Out) -> None:
    reasons = {"A": "pays in May", "B": "sued us"}
    hold = f"from duehook.core import hookimpl\n\nREASONS = {reasons}\n{HOLDS}"
    (tmp_path / "plugins" / "agreements.py").write_text(hold)
    run("dun", "--dry-run")
    kept = "  plugin agreements keeps 2 notices back: pays in May; sued us"
    assert kept in capsys.readouterr().out.splitlines()


def test_a_plugin_that_fails_ends_a_run_with_5_and_is_named(imported: Catcher, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "plugins" / "agreements.py").write_text(f"from duehook.core import hookimpl\n{HOLDS}")
    run("dun", ends=5)
    said = (
        "  plugin agreements failed, so its 2 notices are kept back: plugin agreements failed in hold_reason: NameError"
    )
    assert any(line.startswith(said) for line in capsys.readouterr().out.splitlines())


def test_a_notice_by_hand_is_proposed_at_once_and_says_how_to_let_it_go(imported: Catcher, capsys: Out) -> None:
    run("dun", "--notice", "01/B", "--dry-run", ends=2)
    assert "leave --dry-run out, or --notice" in capsys.readouterr().err
    run("dun", "--notice", "01/B")
    assert capsys.readouterr().out == "Notice 1 is proposed; `duehook proposal approve 1` lets it go.\n"
    (row,) = asked(capsys, "proposal", "list")["proposals"]
    assert (row["debtor"], row["demanded"], row["needs_person"]) == ("B", "100.00", "manual")
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    assert asked(capsys, "dun", "--notice", "01/A", "--as-of", yesterday)["notice"] == 2


def test_proposals_are_listed_with_why_a_person_must_look_dropped_and_approved(imported: Catcher, capsys: Out) -> None:
    run("dun")
    run("proposal", "approve", ends=2)
    assert "name the notices by id, or say --all; not both" in capsys.readouterr().err
    run("proposal", "approve", "1", "--all", "--yes", ends=2)  # whoever names one does not mean all
    assert asked(capsys, "notice", "list", "--state", "approved")["notices"] == []
    run("proposal", "list", "--company", "01")
    listed = capsys.readouterr().out
    assert "2 proposed. Approve with `duehook proposal approve ID…` or `--all`." in listed
    assert "sets a credit hold" in listed  # A's, which goes from level 2 to 3
    assert "the policy approves none" in listed
    numbers = {row["debtor"]: row["id"] for row in asked(capsys, "proposal", "list")["proposals"]}
    run("proposal", "drop", str(numbers["A"]), "--why", "pays on Friday")
    assert capsys.readouterr().out == "1 dropped.\n"
    run("proposal", "approve", str(numbers["B"]))
    assert capsys.readouterr().out == "1 approved and queued.\n"
    assert asked(capsys, "proposal", "list")["proposals"] == []


def test_a_level_is_set_and_freed_by_hand(imported: Catcher, capsys: Out) -> None:
    run("level", "set", "01/2", "3", "--why", "agreed with the customer")
    assert capsys.readouterr().out == "01/2 stands at level 3, by hand.\n"
    run("level", "set", "01/2", "--why", "x", "--", "-1", ends=2)
    assert "there is no level -1" in capsys.readouterr().err
    run("level", "free", "01/2")
    assert capsys.readouterr().out == "01/2 may rise again.\n"
    run("level", "free", "01/2", ends=2)
    assert "the level of 01/2 was not set by hand" in capsys.readouterr().err


LISTS = [
    ["proposal", "list"],
    ["proposal", "approve", "--all", "--yes"],
    ["task", "list"],
    ["hold", "list"],
    ["notice", "list"],
    ["audit", "list"],
]


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_a_company_that_there_is_not_is_no_empty_list(imported: Catcher, capsys: Out, command: list[str]) -> None:
    run(*command, "--company", "O1", ends=2)
    assert "there is no company 'O1' in duehook.yaml; it has 01" in capsys.readouterr().err


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_a_company_of_which_there_is_nothing_yet_is_an_empty_list(
    imported: Catcher, capsys: Out, command: list[str]
) -> None:
    run(*command, "--company", "01")
    assert capsys.readouterr().err == ""
