"""What benches share: CPU of this process and of a database backend, and how a figure is told."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figure:
    """One measured figure and the bar it is held to; `most` True: not above the bar."""

    name: str
    figure: float
    unit: str
    bar: float
    most: bool = True

    @property
    def held(self) -> bool:
        """Say whether the bar was kept."""
        return self.figure <= self.bar if self.most else self.figure >= self.bar

    def row(self) -> dict[str, Any]:
        """Return the figure as build/bench.json has it."""
        return {**asdict(self), "bar": f"{'≤' if self.most else '≥'} {self.bar:g}", "held": self.held}


def client_seconds() -> float:
    """Return the CPU seconds this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def backend_seconds(tx: Connection) -> float:
    """Return the CPU seconds the PostgreSQL backend behind a connection has used."""
    backend = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cpu_of(tx: Connection, work: Callable[[], Any]) -> float:
    """Return the CPU seconds that `work` costs this process and the backend together."""
    before = client_seconds() + backend_seconds(tx)
    work()
    return client_seconds() + backend_seconds(tx) - before


def settle(tx: Connection) -> None:
    """Checkpoint, so that no case pays for the writes of the one before."""
    tx.exec_driver_sql("CHECKPOINT")
