"""What grade each connector earned by the contract kit, on which day, and what it lacks for the next."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from duehook.core.plugins import Plugins
from duehook.core.testing.contract.grading.digest import digest_of
from duehook.core.testing.contract.grading.grades import FILE, GradeRecord


@dataclass(frozen=True)
class Graded:
    """One connector and its grade as recorded, None where the kit never looked at it.

    `changed_since` says that its code is no longer that which earned the grade.
    """

    connector: str
    plugin: str
    record: GradeRecord | None
    changed_since: bool = False
    fault: str = ""


def connectors(plugins: Plugins) -> list[Graded]:
    """Return every connector that is installed, by name."""
    return [_graded(plugins, type) for type in sorted(plugins.connection_types())]


def _graded(plugins: Plugins, type: str) -> Graded:
    plugin, home = plugins.claimant(type), plugins.home(type)
    file = (home if home.is_dir() else home.parent) / FILE
    if not file.exists():
        return Graded(type, plugin, None)
    try:
        record = GradeRecord.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, OSError, UnicodeDecodeError) as error:
        return Graded(type, plugin, None, fault=f"{file} is no record of a grade: {error}".splitlines()[0])
    return Graded(type, plugin, record, changed_since=record.source != digest_of(home))
