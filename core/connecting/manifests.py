"""What a manifest of an export proves: that each file it names is there, and holds what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

from duehook.core.errors import ConnectorDown, ConnectorGarbled

NOTHING: Final = "Nothing was read."


class Named(Protocol):
    """One file that a manifest names, and where it stands there."""

    @property
    def place(self) -> str:
        """Return file and line of the manifest."""

    @property
    def name(self) -> str:
        """Return the file's name."""


_Named = TypeVar("_Named", bound=Named)


def agreed(
    named: Sequence[_Named], there: Mapping[str, Path], faults: Callable[[_Named, Path], Iterable[str]]
) -> frozenset[Path]:
    """Return the files of a manifest. Raises ConnectorDown where some are not there yet, and ConnectorGarbled.

    `there` are the complete files by their names in small letters; `faults` says what one is not.
    """
    missing = [each for each in named if each.name.lower() not in there]
    if missing:
        told = ", ".join(f"{each.name} ({each.place})" for each in missing)
        raise ConnectorDown(
            f"files that the manifest names are not there, or still being written: {told}. {NOTHING}",
            fix="wait until the export is whole; let the manifest come last.",
        )
    paths = [there[each.name.lower()] for each in named]
    wrong = [
        f"{each.place}: {each.name} has {fault}"
        for each, path in zip(named, paths, strict=True)
        for fault in faults(each, path)
    ]
    if wrong:
        raise ConnectorGarbled(
            f"the files are not what their manifest says: {'; '.join(wrong)}. {NOTHING}", fix="export all of it again."
        )
    return frozenset(paths)
