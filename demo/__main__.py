"""Run the demonstration: `python -m demo`; SERVE=0 ends it instead of staying up."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

from duehook.core.ops import logs
from duehook.core.runs.go_live import go_live

from .play import SUPERVISOR, Play
from .stage import Stage, set_stage
from .summary import Summary, show, sum_up

BUILD: Final = Path("build")
DAYS: Final = 30
CUSTOMERS: Final = 2_000
ITEMS: Final = 20_000


def main() -> int:
    """Play, show, and stay up until interrupted; return 0 when everything held."""
    logs.configure("error")
    started = time.monotonic()
    print(f"Drawing a JD Edwards site with {CUSTOMERS:,} customers and {ITEMS:,} open items …", flush=True)
    stage = set_stage(BUILD / "demo", customers=CUSTOMERS, items=ITEMS)
    try:
        found = play(stage, started)
        found.write(BUILD / "demo.json")
        print(show(found, stage), flush=True)
        if os.environ.get("SERVE") != "0":
            stay(stage)
        return 1 if found.faults else 0
    finally:
        stage.close()


def play(stage: Stage, started: float) -> Summary:
    """Read the site, go live, and play the days; then run the last day once more."""
    played = Play(stage)
    played.read()
    opened = go_live(stage.site, played.context(SUPERVISOR), first_run_notices=200)
    print(f"Gone live: {opened.from_age:,} items took the level of their age, nothing was sent.", flush=True)
    for number in range(1, DAYS + 1):
        played.day()
        print(f"  day {number:>2}  {played.today:%a %d %b}  {sum(stage.catcher.caught.values()):>4} mails", flush=True)
    before = sum(stage.catcher.caught.values())
    played.read()
    played.collect()
    return sum_up(stage, played, started=started, sent_again=sum(stage.catcher.caught.values()) - before)


def stay(stage: Stage) -> None:
    """Keep the simulated ERP and the mail catcher up until Ctrl-C."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    print(f"The ERP and the mail catcher stay up for {stage.folder / 'duehook.yaml'}; stop with Ctrl-C.", flush=True)
    over.wait()


if __name__ == "__main__":
    sys.exit(main())
