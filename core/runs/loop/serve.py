"""The process that keeps the loop going: APScheduler looks at the clock, the job rows decide."""

from __future__ import annotations

import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from duehook.core.context import Actor, Clock, Context
from duehook.core.redaction import mask_secrets
from duehook.core.runs.audit import seal_audit
from duehook.core.runs.site import Site

from .tick import Ran, tick

PACE: Final = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


def serve(site: Site, clock: Clock, *, pace: timedelta = PACE, told: Callable[[Ran], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM; the job that runs then is finished first, and no other begun.

    A delivery is the exception: it ends behind the letter at hand. Any number of processes may serve
    the same books: each slot is run by one of them. A look that fails, because the database is away,
    is logged, and the next one tries again.
    """
    over = threading.Event()
    scheduler = BackgroundScheduler(timezone="UTC")
    look = looking(site, clock, over, told)
    every = {"seconds": pace.total_seconds(), "misfire_grace_time": None}
    scheduler.add_job(look, "interval", max_instances=2, coalesce=True, **every)  # a second one sees the first and goes
    with _ending(over):
        scheduler.start()
        try:
            look()
            over.wait()
        finally:
            scheduler.shutdown(wait=True)


@contextmanager
def _ending(over: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM set the event for the block."""
    before = {number: signal.signal(number, lambda *_: over.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def looking(
    site: Site, clock: Clock, over: threading.Event, told: Callable[[Ran], None] | None = None
) -> Callable[[], None]:
    """Return the function that looks at the clock once; called while it looks, or after `over`, it does nothing."""
    busy = threading.Lock()
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"

    def look() -> None:
        if over.is_set() or not busy.acquire(blocking=False):
            return
        context = Context(Actor("engine", "loop", "schedule"), clock, uuid.uuid4().hex, over.is_set)
        try:
            _reload(site)
            for ran in tick(site, context, worker):
                if told:
                    told(ran)
                if over.is_set():
                    break
            seal_audit(site, context)
        except Exception as error:  # noqa: BLE001 - the job loop: a look that fails must not end those to come
            _log.error("a look at the schedule failed, the next one tries again", exc_info=error)
        finally:
            busy.release()

    return look


def _reload(site: Site) -> None:
    """Follow duehook.yaml as it is now, and say once when it does not load any more."""
    before = site.fault
    if site.reload():
        _log.info("the settings were read anew", file=str(site.config), mode=site.settings.mode)
    elif site.fault is not None and str(before) != str(site.fault):
        text = f"{site.config.name} does not load any more: nothing is sent until it is mended"
        _log.error(text, reason=mask_secrets(str(site.fault)))
