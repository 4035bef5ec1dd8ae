"""A process that forks the job, already warm: starting Python a hundred times would take longer than the kills.

It reads orders as JSON lines from standard input, runs each in a forked child that stands at the
kill points, and answers with how the child ended. No thread is alive when it forks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ended:
    """How a child ended: by the kill or by itself, and the points it passed."""

    killed: bool
    code: int
    points: tuple[str, ...]


class Nursery:
    """The test's side of the forking process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, erp_port: int, at: datetime, *, kill_at: int | None = None) -> Ended:
        """Run the job in a fresh child, killed at the point named."""
        order = {"folder": str(folder), "port": erp_port, "at": at.isoformat(), "kill_at": kill_at}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ended(answer["killed"], answer["code"], tuple(answer["points"]))


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Start the forking process and end it behind the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    """Fork, let the child run the job, and tell how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(order, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        points = told.read().splitlines()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    return {"killed": killed, "code": -1 if killed else os.WEXITSTATUS(status), "points": points}


def _live(order: dict[str, Any], writing: int) -> None:
    """Be the child: run the job, tell the points passed, and leave without cleaning up."""
    from .job import run_job
    from .points import Points

    code = 0
    points = Points(order["kill_at"])
    points.install()
    try:
        run_job(Path(order["folder"]), order["port"], datetime.fromisoformat(order["at"]))
    except BaseException:  # noqa: BLE001 - whatever it was, the parent is told
        traceback.print_exc()
        code = 1
    os.write(writing, "\n".join(name.replace("\n", " ") for name in points.names).encode())
    sys.stderr.flush()
    os._exit(code)


def _warm_up() -> None:
    """Load before the first fork what each child would load for itself."""
    import psycopg

    from duehook.core.deliver.formats import day, money
    from duehook.core.policy.packs import shipped_policies

    from . import job, points

    assert job
    assert points
    assert psycopg
    assert shipped_policies()
    assert money(Decimal(1), "EUR", "en")
    assert day(date(2026, 3, 2), "en")


def _serve() -> None:
    _warm_up()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
