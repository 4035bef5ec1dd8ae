"""The folder in which BICC's extracts of payment schedules land: runs that are whole, and their rows.

A run is its zips of CSV and a manifest behind them, `MANIFEST-<n>.MF` with a line `zip;document id;MD5` each: without
it the run is still being written. The number rises with every run.
"""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from duehook.core.connecting.manifests import NOTHING, agreed
from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused

MANIFEST: Final = re.compile(r"MANIFEST-(\d{1,18})\.MF\Z")
STAMPED: Final = re.compile(r"-batch\d+-(\d{8}_\d{6})\.zip\Z")
STORE: Final = "paymentscheduleextractpvo"
PREFIX: Final = "ArPaymentSchedule"
_AGAIN: Final = "let BICC run the extract again."


@dataclass(frozen=True)
class Zip:
    """One zip that a manifest names."""

    place: str
    name: str
    md5: str


@dataclass(frozen=True)
class Run:
    """One run of the extract: its number, its manifest, and the zips of payment schedules in it."""

    number: int
    zips: tuple[Zip, ...]

    @property
    def at(self) -> datetime | None:
        """Return when it ran, as its files are named."""
        found = [match[1] for each in self.zips if (match := STAMPED.search(each.name))]
        return datetime.strptime(max(found), "%Y%m%d_%H%M%S").replace(tzinfo=UTC) if found else None


class Extracts:
    """Reads the folder."""

    def __init__(self, folder: str) -> None:
        """Take the folder."""
        self.folder = Path(folder)

    def runs(self) -> list[Run]:
        """Return the runs that are whole, the oldest first. Raises ConnectorRefused where there is none."""
        try:
            found = {int(match[1]): path for path in self.folder.iterdir() if (match := MANIFEST.match(path.name))}
        except OSError as error:
            told = f"{self.folder} cannot be listed: {error.strerror}. {NOTHING}"
            raise ConnectorRefused(told, fix="correct `bicc_folder`, or let Duehook's user read it.") from None
        runs = [Run(number, self._zips(found[number])) for number in sorted(found)]
        if not any(run.zips for run in runs):
            told = f"no manifest with an extract of payment schedules is in {self.folder}. {NOTHING}"
            raise ConnectorRefused(told, fix="let BICC extract PaymentScheduleExtractPVO there; README.md says how.")
        return [run for run in runs if run.zips]

    def rows(self, run: Run) -> Iterator[dict[str, Any]]:
        """Yield the rows of a run, columns without their prefix, empty cells left out."""
        there = {path.name.lower(): path for path in self.folder.iterdir()}
        for path in sorted(agreed(run.zips, there, _faults)):
            yield from _unpacked(path)

    def _zips(self, manifest: Path) -> tuple[Zip, ...]:
        try:
            lines = manifest.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise ConnectorDown(f"{manifest.name} cannot be read. {NOTHING}", fix="see who writes it.") from None
        found: list[Zip] = []
        for number, line in enumerate(lines, 1):
            name, _, md5 = (part.strip() for part in (*line.split(";"), "", "")[:3])
            if line.strip() and STORE in name.lower():
                found.append(Zip(f"{manifest.name}:{number}", name, md5.lower()))
        return tuple(found)


def _faults(named: Zip, path: Path) -> Sequence[str]:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return ["another MD5"] if named.md5 and found != named.md5 else []


def _unpacked(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                with packed.open(name) as file:
                    yield from _read(TextIOWrapper(file, "utf-8-sig", newline=""), f"{path.name}: {name}")
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConnectorGarbled(f"{path.name} cannot be read: {error}. {NOTHING}", fix=_AGAIN) from error


def _read(file: TextIOWrapper, told: str) -> Iterator[dict[str, Any]]:
    reader = csv.reader(file, strict=True)
    header = [name.removeprefix(PREFIX) for name in next(reader, [])]
    for cells in reader:
        if len(cells) != len(header):
            raise ConnectorGarbled(
                f"{told}:{reader.line_num} has {len(cells)} of {len(header)} columns. {NOTHING}", fix=_AGAIN
            )
        yield {name: held for name, held in zip(header, cells, strict=True) if held != ""}
