"""The process that keeps the loop going: APScheduler looks at the clock, the job rows decide."""

from __future__ import annotations

import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler

from duehook.core.context import Actor, Clock, Context
from duehook.core.runs.sealing import seal_audit
from duehook.core.runs.site import Site

from .tick import Ran, tick

PACE: Final = timedelta(seconds=10)


def serve(site: Site, clock: Clock, *, pace: timedelta = PACE, told: Callable[[Ran], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM; the job that runs then is finished first.

    Any number of processes may serve the same books: each slot is run by one of them.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    scheduler = BackgroundScheduler(timezone="UTC")
    look = _looking(site, clock, worker, told)
    scheduler.add_job(look, "interval", seconds=pace.total_seconds(), max_instances=1, coalesce=True)
    scheduler.start()
    try:
        look()
        over.wait()
    finally:
        scheduler.shutdown(wait=True)


def _looking(site: Site, clock: Clock, worker: str, told: Callable[[Ran], None] | None) -> Callable[[], Any]:
    busy = threading.Lock()

    def look() -> None:
        if not busy.acquire(blocking=False):
            return
        try:
            context = Context(Actor("engine", "loop", "schedule"), clock, uuid.uuid4().hex)
            for ran in tick(site, context, worker):
                if told:
                    told(ran)
            seal_audit(site, context)
        finally:
            busy.release()

    return look
