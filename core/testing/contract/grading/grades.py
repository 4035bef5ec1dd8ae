"""The grades, what each asks for, and the record of a grade that was earned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

GradeName = Literal["bronze", "silver", "gold", "platinum"]
GRADES: Final[tuple[GradeName, ...]] = get_args(GradeName)
MEANING: Final[Mapping[GradeName, str]] = {
    "bronze": "reads",
    "silver": "notices changes, deletions and faults",
    "gold": "writes back, ties out, its rights are documented",
    "platinum": "reads 100,000 open items within its time and memory",
}
DONE: Final = frozenset({"passed", "exempt", "not asked"})
FILE: Final = "grade.json"  # beside the plugin's code
SHOWN: Final = 5


class CaseResult(BaseModel):
    """What became of one test of the kit; `exempt` says why it does not apply, `not asked` why a live ERP was not.

    `variant` names the variant of the simulator that it is about, where it is not the usual one.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    grade: GradeName
    outcome: Literal["passed", "failed", "exempt", "not asked", "not run"]
    reason: str = ""
    variant: str = ""


class GradeRecord(BaseModel):
    """A grade as it was earned; `grade` None is a connector that does not even read.

    `source` is the digest of the plugin's code at the time: code that has changed since was not
    looked at. `missing` names, for each grade not reached, the tests that did not pass. `variants` are
    those set-ups of the simulator, beside the usual one, over which all that was asked passed. `not_asked`
    counts, by grade, the tests that only a simulator can be put to, where it was earned against another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    grade: GradeName | None
    earned_on: date
    against: str
    kit: str
    source: str
    passed: int
    variants: tuple[str, ...] = ()
    exempt: dict[str, str] = Field(default_factory=dict)
    missing: dict[GradeName, list[str]] = Field(default_factory=dict)
    not_asked: dict[GradeName, int] = Field(default_factory=dict)

    @property
    def told_against(self) -> str:
        """Say what it was earned against, and how many tests were not asked there."""
        count = sum(self.not_asked.values())
        return f"{self.against}; {count} tests not asked" if count else self.against


def graded(results: Sequence[CaseResult]) -> GradeName | None:
    """Return the highest grade of which every test that was asked, and every one of those below, passed or is exempt.

    A grade of which nothing passed is not reached.
    """
    reached: GradeName | None = None
    for grade in GRADES:
        own = [each for each in results if each.grade == grade]
        if missing_of(results, grade) or not any(each.outcome == "passed" for each in own):
            break
        reached = grade
    return reached


def passed_variants(results: Sequence[CaseResult]) -> tuple[str, ...]:
    """Return the variants over which no test failed or was left out, in the order they ran."""
    of_each: dict[str, list[str]] = {}
    for each in results:
        if each.variant:
            of_each.setdefault(each.variant, []).append(each.outcome)
    good = {"passed", "exempt"}
    return tuple(name for name, found in of_each.items() if "passed" in found and set(found) <= good)


def missing_of(results: Sequence[CaseResult], grade: GradeName) -> list[str]:
    """Return the tests of a grade that stand in its way, in the order they ran."""
    return [each.name for each in results if each.grade == grade and each.outcome not in DONE]


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many there are where these are not all.

    A test that was put in several ways is named once, with their number.
    """
    ways = Counter(name.partition("[")[0] for name in names)
    few = ", ".join(name if count == 1 else f"{name} ({count} ways)" for name, count in list(ways.items())[:SHOWN])
    if len(ways) <= SHOWN:
        return few
    return f"{in_tests(len(names))}: {few}, and {len(ways) - SHOWN} more"


def in_tests(count: int) -> str:
    """Say how many tests."""
    return f"{count} test{'' if count == 1 else 's'}"
