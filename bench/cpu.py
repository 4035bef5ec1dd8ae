"""CPU seconds of this process and of the server processes that work for it.

Wall time on a shared machine says little; CPU time of both sides of one run, compared within that
run, says what something costs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def server_cpu(engine: Engine) -> float:
    """Return the CPU seconds that the client backends of this database have used."""
    wanted = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type LIKE '%backend'"
        " OR backend_type = 'parallel worker'"
    )
    with engine.connect() as tx:
        backends = tx.execute(wanted).scalars().all()
    return sum(_process_cpu(backend) for backend in backends)


def _process_cpu(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cost(engine: Engine, work: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU seconds that some work took here and in the database.

    The pool keeps its connections, so the same backends are there before and after.
    """
    server, client = server_cpu(engine), time.process_time()
    work()
    client_used = time.process_time() - client
    return client_used, server_cpu(engine) - server
