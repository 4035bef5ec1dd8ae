"""Who holds a connection: a name, a lease, and when a lock counts as abandoned."""

from __future__ import annotations

import os
import socket
from datetime import datetime

from duehook.core.books.store.imports.import_runs import Holder


def name() -> str:
    """Return this process's name as a lock's holder."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_abandoned(holder: Holder, now: datetime) -> bool:
    """Say whether nobody is behind a lock any more: its lease is over, or its process is."""
    if holder.leased_until <= now:
        return True
    host, _, process = holder.name.rpartition(":")
    return host == socket.gethostname() and process.isdigit() and not _runs(int(process))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
