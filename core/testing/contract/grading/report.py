"""Gather what became of the kit's tests, and print and write the grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from duehook.core import __version__
from duehook.core.testing.contract.live.modes import mode_of
from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.marks import FEATURE, MARK, NOT_ASKED

from .digest import digest_of
from .grades import (
    GRADES,
    MEANING,
    CaseResult,
    GradeName,
    GradeRecord,
    graded,
    in_tests,
    listed,
    missing_of,
    passed_variants,
)


class Report:
    """Listens to one run of the kit."""

    def __init__(self, config: pytest.Config) -> None:
        """Start with nothing run."""
        self._config = config
        self._type = str(config.getoption("--duehook-connector"))
        self._results: dict[str, CaseResult] = {}
        self._left_out: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Count every test as not run until it is."""
        self._expect(items)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember tests that were left out on the command line: they stand in the way of a grade."""
        self._expect(items)
        self._left_out.update(item.nodeid for item in items if item.nodeid in self._results)

    def _expect(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            grade = _grade(item)
            if grade is not None:
                self._results[item.nodeid] = CaseResult(
                    name=_name(item), grade=grade, outcome="not run", variant=_variant(item)
                )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Note what became of a test."""
        made = cast(pytest.TestReport, (yield))
        held = self._results.get(item.nodeid)
        if held is not None and (made.when == "call" or made.outcome != "passed"):
            self._results[item.nodeid] = held.model_copy(update=_became(item, made))
        return made  # type: ignore[return-value]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the grade, and what stands in the way of the next."""
        terminalreporter.section(f"connector {self._type}")
        for line in self._lines():
            terminalreporter.line(line)

    def pytest_sessionfinish(self) -> None:
        """Write the grade where the command line says so."""
        file = self._config.getoption("--duehook-grade")
        if file:
            Path(file).write_text(self.record().model_dump_json(indent=2) + "\n", encoding="utf-8")

    def record(self) -> GradeRecord:
        """Return the grade that was earned."""
        results = list(self._results.values())
        reached, variants = graded(results), passed_variants(results)
        above = GRADES[0 if reached is None else GRADES.index(reached) + 1 :]
        return GradeRecord(
            connector=self._type,
            grade=reached,
            earned_on=datetime.now(UTC).date(),
            against=", also as ".join(filter(None, (self._against, ", ".join(variants)))),
            kit=__version__,
            source=digest_of(load_plugins(self._config.getoption("--duehook-plugin")).home(self._type)),
            passed=sum(each.outcome == "passed" for each in results),
            variants=variants,
            exempt={each.name: each.reason for each in results if each.outcome == "exempt"},
            missing={grade: missing for grade in above if (missing := missing_of(results, grade))},
            not_asked={grade: count for grade in GRADES if (count := _count(results, grade, "not asked"))},
        )

    @property
    def _against(self) -> str:
        """Say what it ran on: a live ERP, a cassette, or the connector's simulator, set up as the command line says."""
        mode = mode_of(self._config)
        if mode is not None:
            return mode.against
        turned = [*self._config.getoption("--duehook-option"), *self._config.getoption("--duehook-setting")]
        return f"simulator ({', '.join(turned)})" if turned else "simulator"

    def _lines(self) -> Iterator[str]:
        record, results = self.record(), list(self._results.values())
        for grade in GRADES:
            counts = Counter(each.outcome for each in results if each.grade == grade)
            not_asked = f", {counts['not asked']} not asked" if counts["not asked"] else ""
            asked = counts.total() - counts["exempt"] - counts["not asked"]
            yield f"{grade:9} {MEANING[grade]}: {counts['passed']} of {asked} passed{not_asked}"
        for reason, count in Counter(record.exempt.values()).items():
            yield f"does not apply ({in_tests(count)}): it {reason}"
        for reason, count in Counter(each.reason for each in results if each.outcome == "not asked").items():
            yield f"not asked ({in_tests(count)}): {reason}"
        if self._left_out:
            yield f"left out on the command line: {in_tests(len(self._left_out))}; a grade counts all of its tests"
        against = record.against if mode_of(self._config) else f"its {record.against}"
        far = ", as far as it was asked" if record.not_asked else ""
        yield f"grade: {record.grade or 'none'}{far} (against {against}, {record.earned_on})"
        following = next(iter(record.missing), None)
        asked_for = [each for node, each in self._results.items() if node not in self._left_out]
        missing = missing_of(asked_for, following) if following else []
        if missing:
            yield f"missing for {following}: {listed(missing)}"


def _count(results: Sequence[CaseResult], grade: GradeName, outcome: str) -> int:
    return sum(each.grade == grade and each.outcome == outcome for each in results)


def _grade(item: pytest.Item) -> GradeName | None:
    mark = item.get_closest_marker(MARK)
    return None if mark is None else mark.args[0]


def _variant(item: pytest.Item) -> str:
    """Return the variant of the simulator that a test is about, blank for the usual one."""
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("variant", "")) if spec else ""


def _name(item: pytest.Item) -> str:
    return item.name.removeprefix("test_").replace("_", " ")


def _became(item: pytest.Item, made: pytest.TestReport) -> dict[str, Any]:
    if made.outcome == "passed":
        return {"outcome": "passed"}
    if made.outcome == "failed":
        return {"outcome": "failed"}
    told = made.longrepr[2] if isinstance(made.longrepr, tuple) else str(made.longrepr)
    reason = told.removeprefix("Skipped: ")
    if reason.startswith(NOT_ASKED):
        return {"outcome": "not asked", "reason": reason.removeprefix(NOT_ASKED)}
    exempt = item.get_closest_marker(FEATURE) is not None and reason.startswith("lacks ")
    return {"outcome": "exempt" if exempt else "not run", "reason": reason}
