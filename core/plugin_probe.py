"""Load one plugin in a process of its own, so that whatever it does there is done to nobody else.

`python -m duehook.core.plugin_probe NAME ORIGIN FOLDER REPORT` writes a line of JSON to REPORT for each step that is
begun, and `end` behind the last: what is missing tells how far it came.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Final, TextIO

import structlog

from duehook.core.errors import DuehookError
from duehook.core.plugin_loading import Registry, in_folder, installed, settings_model

MEMORY: Final = 4 * 2**30  # bytes of address space: a plugin that wants more only to be loaded is named
END: Final = "end"
LOAD: Final = "it was loaded"
ASK: Final = "it was asked for its settings"


def main(name: str, origin: str, folder: str, report: str) -> None:
    """Load the plugin and ask the one hook that costs nothing."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # what it prints counts
    _limit_memory()
    with Path(report).open("w", encoding="utf-8") as file:
        _probe(name, origin, Path(folder) if folder else None, file)


def _limit_memory() -> None:
    """Let the process have so much memory and no more; Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most), most))


def _probe(name: str, origin: str, folder: Path | None, file: TextIO) -> None:
    registry = Registry()
    candidate = next(each for each in (*installed(), *in_folder(folder)) if (each.name, each.origin) == (name, origin))
    _step(file, LOAD)
    loaded = registry.take(candidate)
    if loaded.reason.startswith(MemoryError.__name__):
        return _step(file, LOAD, fault=f"it wants more than {MEMORY / 2**30:g} GiB of memory to be loaded")
    if loaded.state == "ok" and "connection_settings" in loaded.hooks:
        _step(file, ASK)
        try:
            settings_model(name, registry.ask(name, "connection_settings", type=name))
        except DuehookError as error:
            _step(file, ASK, fault=str(error))
    return _step(file, END)


def _step(file: TextIO, step: str, *, fault: str | None = None) -> None:
    file.write(json.dumps({"step": step, "fault": fault}) + "\n")
    file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
