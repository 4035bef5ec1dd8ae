"""Serve a connector's simulator in a process of its own, so that the reader's time and memory are its own.

`python -m duehook.core.testing.contract.serve TYPE OPTIONS [MODULE…]` prints where it is as one line of
JSON and ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from duehook.core.plugins import Plugins

from .loading import load_plugins


@dataclass(frozen=True)
class Served:
    """The `settings` of a connection to it, and the URL that its controls are under, whatever the ERP is asked by."""

    settings: Mapping[str, Any]
    controls: str


def main(type: str, options: str, *modules: str) -> None:
    """Serve until nobody listens any more."""
    plugins: Plugins = load_plugins(modules)
    simulator: Any = plugins.simulator(type, json.loads(options))
    settings = simulator.start()
    site = getattr(simulator, "site_settings", {})
    there = Served({**settings, **site}, simulator.server.url)
    sys.stdout.write(json.dumps(asdict(there)) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    simulator.stop()


@contextmanager
def served(type: str, options: Mapping[str, Any], modules: Sequence[str] = ()) -> Iterator[Served]:
    """Give a simulator that runs beside this process."""
    command = [sys.executable, "-m", __name__, type, json.dumps(options), *modules]
    reach = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # also what is not installed
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=reach) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator of {type} ended with {process.wait()}")
        yield Served(**json.loads(line))
        process.stdin.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
