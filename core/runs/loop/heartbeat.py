"""Keep the lease of a job while it is worked at, so that only a killed worker's is taken over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.context import Context
from duehook.core.errors import BooksUnusable
from duehook.core.runs.site import Site

BEAT: Final = jobs.LEASE / 5
_log = structlog.get_logger(__name__)


@contextmanager
def kept(site: Site, context: Context, worker: str, key: JobKey, *, beat: timedelta | None = None) -> Iterator[None]:
    """Renew the job's lease every `beat` for the block, until somebody else has taken it."""
    over = threading.Event()
    seconds = (beat or BEAT).total_seconds()

    def renew() -> None:
        while not over.wait(seconds) and _renew(site, context, worker, key):
            pass

    thread = threading.Thread(target=renew, name=f"lease of {key.job} {key.company}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(site: Site, context: Context, worker: str, key: JobKey) -> bool:
    try:
        with site.books.write() as tx:
            held = jobs.renew(tx, key, worker, context.now())
    except (DBAPIError, BooksUnusable) as error:
        _log.warning("a lease could not be renewed, it is tried again", job=key.job, exc_info=error)
        return True
    if not held:
        _log.warning("a job was taken over by another worker", job=key.job, company=key.company, slot=key.slot)
    return held
