"""Ask each plugin that does not come with Duehook in a process of its own, before any is loaded here.

One that hangs, ends the process, crashes it or takes its memory is found by name, and is then left
out where the doctor goes on looking.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from duehook.core import plugin_probe
from duehook.core.plugin_loading import Candidate, in_folder, installed
from duehook.core.redaction import mask_secrets, one_line
from duehook.core.runs.site import PLUGIN_FOLDER

OURS: Final = "duehook"
SECONDS: Final = 15.0  # less than loading may take here: who is that slow is left out
SHOWN: Final = 200  # characters of what a plugin printed
MOST: Final = 2**16  # bytes of it that are kept
LAST_WORDS: Final = 1.0  # seconds in which the rest of it comes when the process has ended


@dataclass(frozen=True)
class Probed:
    """What came of one plugin: why it is unfit to be loaded here, what it answered wrongly, what it printed."""

    name: str
    origin: str
    unfit: str = ""
    fault: str = ""
    printed: str = ""


def probed(config: Path) -> list[Probed]:
    """Return what came of every plugin that does not come with Duehook itself."""
    folder = config.resolve().parent / PLUGIN_FOLDER if config.is_file() else None
    return [_probed(each, folder) for each in _others(folder)]


def _others(folder: Path | None) -> Iterator[Candidate]:
    for each in (*installed(), *in_folder(folder)):
        if each.version.partition(" ")[0] != OURS:
            yield each


def _probed(candidate: Candidate, folder: Path | None) -> Probed:
    with TemporaryDirectory(prefix="duehook-probe-") as made:
        report = Path(made) / "report"
        arguments = [candidate.name, candidate.origin, str(folder or ""), str(report)]
        ended, printed = _run(arguments)
        steps = _steps(report)
    last: dict[str, Any] = steps[-1] if steps else {"step": "it was looked for"}
    told = last.get("fault") or f"{ended} while {last['step']}"
    unfit = "" if last["step"] == plugin_probe.END else f"{told}; every other command still loads it, so uninstall it"
    fault = next((str(step["fault"]) for step in steps if step["fault"]), "")
    shown = one_line(mask_secrets(" ".join(printed.split())))[:SHOWN]
    return Probed(candidate.name, candidate.origin, unfit, "" if unfit else mask_secrets(fault), shown)


def _run(arguments: list[str]) -> tuple[str, str]:
    """Return how the process ended, in words, and what it printed."""
    command = [sys.executable, "-m", plugin_probe.__name__, *arguments]
    reach = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # also what is not installed
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=reach, bufsize=0,
        start_new_session=True,
    )  # fmt: skip
    printed = bytearray()
    reader = threading.Thread(target=_keep, args=(child.stdout, printed), daemon=True)
    reader.start()
    try:
        ended = _ending(child.wait(timeout=SECONDS))
    except subprocess.TimeoutExpired:
        ended = f"it did not come to an end within {SECONDS:g} s"
    finally:
        if child.returncode is None:
            _end(child)
            child.wait()
    reader.join(LAST_WORDS)
    return ended, bytes(printed).decode("utf-8", "replace")


def _keep(stream: IO[bytes], printed: bytearray) -> None:
    """Keep the beginning of what is printed and let the rest go, until nobody holds the other end any more.

    A process that the plugin left behind may hold it as long as it likes, so that nobody waits for this end.
    """
    with stream:
        while part := stream.read(MOST):
            printed += part[: MOST - len(printed)]


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a process with what it started; Windows has no such groups."""
    if sys.platform == "win32":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    if code < 0:
        known = {each.value: each.name for each in signal.Signals}  # not every signal has a name
        return f"it crashed the process ({known.get(-code, f'signal {-code}')})"
    return f"it ended the process with {code}"


def _steps(report: Path) -> list[dict[str, Any]]:
    if not report.exists():
        return []
    return [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
