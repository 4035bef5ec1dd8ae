"""Prism (from npm), a mock server that nobody of this project wrote, over F&O's published description.

It refuses what the description does not have: paths, query options, keys, bodies. What it has not, so that it is
not tested here: it keeps nothing (what is written is not read back), looks at no $filter, pages nothing, knows no
ETag, and makes the rows up by their types. A PATCH body must hold every field that the description requires of
a whole row, which F&O does not ask, so PATCH bodies are not tried. Sets that no description has are not served.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.rigs.npm import installed

from . import openapi

VERSION = "5.14.2"
STARTS_IN = 60


@contextmanager
def running(description: str) -> Iterator[str]:
    """Serve one of the description's files; give the server's address. It is ended by its id."""
    home, port = installed(f"prism-{VERSION}", {"@stoplight/prism-cli": VERSION}), _free_port()
    program = home / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = ["node", str(program), "mock", "-h", "127.0.0.1", "-p", str(port), str(openapi.file(description))]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()


def _free_port() -> int:
    """Return a port that is free now: Prism does not tell which one it would choose itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(address, timeout=1)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"Prism did not start within {STARTS_IN} s")
