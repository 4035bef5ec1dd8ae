"""One of several deliverers at once: waits for the start, then delivers a few notices at a time."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from duehook.core.context import Actor, Context
from duehook.core.deliver.press import Press
from duehook.core.runs.deliver.run import deliver
from tests.rigs.delivery_site import NOW

from .job import open_site

FEW = 7


def main(folder: Path, erp_port: int, name: str) -> None:
    """Deliver until nothing is left, then tell how many were sent."""
    # Printing is not what is looked at here, and two hundred letters take their time.
    Press.pdf = lambda _press, notice, _sheet: f"%PDF {notice.number}".encode()  # type: ignore[method-assign, assignment]
    context = Context(Actor("engine", name, "test"), lambda: NOW, name)
    with open_site(folder, erp_port) as site:
        (folder / f"{name}.ready").touch()
        while not (folder / "start").exists():
            time.sleep(0.01)
        sent = idle = 0
        while idle < 3:
            report = deliver(site, context, most=FEW)
            sent += report.sent
            idle = 0 if report.sent else idle + 1
        sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
