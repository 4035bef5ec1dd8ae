"""What the garbage collector need not walk again and again: what a process holds for good, and rows without cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_jobs = 0


@contextmanager
def settled() -> Iterator[None]:
    """Set what the process holds now apart for the length of a job, so that a collection walks only what is new.

    Jobs may run in each other and beside each other; the first sets apart, the last gives back.
    """
    global _jobs
    with _lock:
        _jobs += 1
        if _jobs == 1:
            gc.freeze()
    try:
        yield
    finally:
        with _lock:
            _jobs -= 1
            if _jobs == 0:
                gc.unfreeze()


@contextmanager
def without_cycles() -> Iterator[None]:
    """Do without collections while a page of rows is taken: they hold no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
