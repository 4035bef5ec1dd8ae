"""Mock servers of others, from npm: each installed once for all runs, in a folder of its own.

Without node they are left out, by name. Where node is there, one that cannot be installed is an error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

SECONDS = 240


def installed(name: str, packages: Mapping[str, str]) -> Path:
    """Return a folder with these packages in it; skip where there is no node to run them."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"node and npm are not there: {name} runs on them")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duehook-tests"
    folder = cache / name
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _install(folder, packages)
    return folder


def _install(folder: Path, packages: Mapping[str, str]) -> None:
    """Install beside, then move: a folder that is there is whole, whoever else installs."""
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    (made / "package.json").write_text(json.dumps({"private": True, "dependencies": dict(packages)}))
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"{folder.name} cannot be installed: {done.stderr.strip()[-200:]}")
        made.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(made)
    except BaseException:
        shutil.rmtree(made)
        raise
