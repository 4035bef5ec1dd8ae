"""Grades: what a kit's run earns, and what `duehook connectors` says of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core import hookimpl
from duehook.core.plugins import Plugins
from duehook.core.runs.connectors import connectors
from duehook.core.testing.contract.grading.digest import digest_of
from duehook.core.testing.contract.grading.grades import (
    CaseResult,
    GradeRecord,
    graded,
    listed,
    missing_of,
    passed_variants,
)

GOOD = [
    CaseResult(name="reads", grade="bronze", outcome="passed"),
    CaseResult(name="notices", grade="silver", outcome="passed"),
    CaseResult(name="writes", grade="gold", outcome="passed"),
]


def test_a_grade_asks_for_all_of_those_below_it() -> None:
    assert graded(GOOD) == "gold"
    unread = [CaseResult(name="reads", grade="bronze", outcome="failed"), *GOOD[1:]]
    assert graded(unread) is None


def test_a_test_that_was_not_run_stands_in_the_way_and_one_that_does_not_apply_does_not() -> None:
    left_out = CaseResult(name="sweeps", grade="silver", outcome="not run")
    assert graded([*GOOD, left_out]) == "bronze"
    assert missing_of([*GOOD, left_out], "silver") == ["sweeps"]
    exempt = CaseResult(name="purges", grade="silver", outcome="exempt", reason="the ERP keeps everything")
    assert graded([*GOOD, exempt]) == "gold"


def test_a_grade_of_which_nothing_was_run_is_not_earned() -> None:
    exempt = CaseResult(name="writes", grade="gold", outcome="exempt", reason="read only")
    assert graded([*GOOD[:2], exempt]) == "silver"


def test_a_grade_names_the_variants_over_which_all_passed() -> None:
    def result(variant: str, outcome: Any) -> CaseResult:
        return CaseResult(name="reads", grade="bronze", outcome=outcome, variant=variant)

    found = [result("", "failed"), result("v4", "passed"), result("oauth", "passed"), result("v4", "failed")]
    found += [result("sold", "exempt"), result("paged", "exempt"), result("paged", "passed")]
    assert passed_variants(found) == ("oauth", "paged")


def test_of_a_long_list_the_first_few_and_their_number_are_told() -> None:
    assert listed(["one", "two"]) == "one, two"
    assert listed(["a", "b", "c", "d", "e", "f", "g"]) == "7 tests: a, b, c, d, e, and 2 more"


def test_a_test_that_is_put_in_several_ways_is_named_once() -> None:
    assert listed(["reads[item]", "reads[payment]", "sweeps[item]"]) == "reads (2 ways), sweeps"


class AcmeSettings(BaseModel):
    """The settings of a connector that is only there for these tests."""


def plugin(folder: Path) -> Any:
    """Return a plugin whose code lies in that folder."""
    folder.mkdir(exist_ok=True)
    file = folder / "__init__.py"
    file.write_text("TYPE = 'acme'\n")
    module = ModuleType("acme_plugin")
    module.__file__ = str(file)

    @hookimpl
    def connection_settings(type: str) -> type[BaseModel] | None:
        return AcmeSettings if type == "acme" else None

    module.connection_settings = connection_settings  # type: ignore[attr-defined]
    return module


def record(home: Path) -> str:
    earned = GradeRecord(
        connector="acme", grade="bronze", earned_on=date(2026, 11, 22), against="simulator", kit="0.1",
        source=digest_of(home), passed=40, missing={"silver": ["a listing that shrinks is never called whole"]},
    )  # fmt: skip
    return earned.model_dump_json()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "acme"


def test_a_connector_without_a_record_has_no_grade(home: Path) -> None:
    assert [each.record for each in connectors(Plugins.of(acme=plugin(home)))] == [None]


def test_a_recorded_grade_is_told_with_what_is_missing_for_the_next(home: Path) -> None:
    plugins = Plugins.of(acme=plugin(home))
    (home / "grade.json").write_text(record(home))
    found = connectors(plugins)[0]
    assert (found.record and found.record.grade, found.changed_since) == ("bronze", False)


def test_a_grade_tells_how_many_tests_were_not_asked_of_a_live_erp(home: Path) -> None:
    plugin(home)
    earned = GradeRecord.model_validate_json(record(home))
    assert earned.told_against == "simulator"
    live = earned.model_copy(update={"against": "live Acme 7.2", "not_asked": {"bronze": 60, "silver": 9}})
    assert live.told_against == "live Acme 7.2; 69 tests not asked"


def test_code_that_changed_since_is_told(home: Path) -> None:
    plugins = Plugins.of(acme=plugin(home))
    (home / "grade.json").write_text(record(home))
    (home / "mapping.py").write_text("SIGN = -1\n")
    assert connectors(plugins)[0].changed_since


@pytest.mark.parametrize("changed", ["family/reading.py", "lines/read.py", "acme/ledger.yaml"])
def test_what_a_family_shares_and_a_template_count_as_code(tmp_path: Path, changed: str) -> None:
    for file, text in {
        "acme/__init__.py": "from duehook.plugins.family.hooks import hooks\n",
        "acme/ledger.yaml": "version: 1\n",
        "acme/reading/items.py": "from duehook.plugins.lines.read import lines\n",
        "family/reading.py": "LIMIT = 1\n",
        "lines/read.py": "LIMIT = 1\n",
        "other/reading.py": "LIMIT = 1\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    before = digest_of(tmp_path / "acme")
    (tmp_path / "other/reading.py").write_text("LIMIT = 2\n")
    assert digest_of(tmp_path / "acme") == before
    (tmp_path / changed).write_text("# changed\n")
    assert digest_of(tmp_path / "acme") != before


def test_a_record_of_another_connector_is_no_grade(home: Path) -> None:
    plugins = Plugins.of(acme=plugin(home))
    (home / "grade.json").write_text(record(home).replace('"acme"', '"jde"'))
    (found,) = connectors(plugins)
    assert (found.record, found.fault) == (None, f"{home / 'grade.json'} is of another connector, jde")


def test_a_connector_that_two_plugins_claim_is_named_and_hides_nobody(home: Path) -> None:
    found = connectors(Plugins.of(acme=plugin(home), twin=plugin(home)))
    assert [(each.connector, each.record, each.fault) for each in found] == [
        ("acme", None, "the type 'acme' is claimed by the plugins acme and twin. Fix: uninstall one of them.")
    ]


def test_a_record_that_cannot_be_read_is_named(home: Path) -> None:
    plugins = Plugins.of(acme=plugin(home))
    (home / "grade.json").write_text(json.dumps({"connector": "acme"}))
    assert "grade.json is no record of a grade" in connectors(plugins)[0].fault
