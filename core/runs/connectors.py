"""What grade each connector earned by the contract kit, on which day, and what it lacks for the next."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from duehook.core.plugins import Plugins
from duehook.core.testing.contract.grading.digest import digest_of
from duehook.core.testing.contract.grading.grades import FILE, GradeRecord, listed


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

    @property
    def missing(self) -> str:
        """Say what stands in the way of the next grade; blank where nothing does, or nobody looked."""
        following = next(iter(self.record.missing.items()), None) if self.record else None
        return f"{following[0]}: {listed(following[1])}" if following else ""


def connectors(plugins: Plugins) -> list[Graded]:
    """Return every connector that is installed, by name, and what more than one plugin claims to be."""
    contested = [Graded(type, "", None, fault=told) for type, told in plugins.contested_types().items()]
    found = [_graded(plugins, type) for type in plugins.connection_types()]
    return sorted([*found, *contested], key=lambda each: each.connector)


def _graded(plugins: Plugins, type: str) -> Graded:
    plugin, home = plugins.claimant(type), plugins.home(type)
    file = (home if home.is_dir() else home.parent) / FILE
    if not file.exists():
        return Graded(type, plugin, None)
    try:
        record = GradeRecord.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, OSError, UnicodeDecodeError) as error:
        return Graded(type, plugin, None, fault=f"{file} is no record of a grade: {error}".splitlines()[0])
    if record.connector != type:
        return Graded(type, plugin, None, fault=f"{file} is of another connector, {record.connector}")
    return Graded(type, plugin, record, changed_since=record.source != digest_of(home))
