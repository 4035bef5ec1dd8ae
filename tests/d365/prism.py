"""Prism (from npm), a mock server that nobody of this project wrote, over F&O's published description.

It refuses what the description does not have: paths, query options, keys, bodies. What it has not, so that it is
not tested here: it keeps nothing (what is written is not read back), looks at no $filter, pages nothing, knows no
ETag, and makes the rows up by their types. A PATCH body must hold every field that the description requires of
a whole row, which F&O does not ask, so PATCH bodies are not tried. Sets that no description has are not served.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from . import openapi

VERSION = "5.14.2"
SECONDS = 240
STARTS_IN = 60


def installed() -> Path:
    """Return a folder with the server in it, installed once for all runs; skip where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not there: Prism runs on them")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duehook-tests"
    folder = cache / f"prism-{VERSION}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    """Install beside, then move: a folder that is there is whole, whoever else installs."""
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    (made / "package.json").write_text(json.dumps({"private": True, "dependencies": {"@stoplight/prism-cli": VERSION}}))
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        shutil.rmtree(made)
        why = done.stderr.strip()[-200:] if done else f"npm took more than {SECONDS} s"
        pytest.skip(f"prism-cli cannot be installed: {why}")
    try:
        made.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(made)


@contextmanager
def running(description: str) -> Iterator[str]:
    """Serve one of the description's files; give the server's address. It is ended by its id."""
    home, port = installed(), _free_port()
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
    pytest.skip(f"Prism did not start within {STARTS_IN} s")
