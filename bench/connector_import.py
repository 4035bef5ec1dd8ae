"""Import a whole ERP through a connector in a process of its own, and print what it cost as JSON.

It reads a wish as JSON from its input: the connector's `type`, its `settings`, the URL of the simulator's `controls`,
a `database` that is empty, the `modules` that are no installed plugins, and a `file`: what the source gives is written
there, or, with `replay`, is taken from there in the connector's place.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, deque
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from duehook.core.books import Books
from duehook.core.context import Actor, Context
from duehook.core.hookspecs import Source
from duehook.core.ops import logs
from duehook.core.runs.imports import ImportReport, import_connection
from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.under_test import Connector

from .asked import Asked, counter, to_sunday
from .recorded import Recorded, Replayed

CONTEXT = Context(Actor("person", "bench", "bench"), lambda: datetime.now(UTC), "bench")


def main(wish: dict[str, Any]) -> dict[str, Any]:
    """Import, and say what it cost."""
    logs.configure("error")  # a line for each request would be part of the cost
    with ExitStack() as opened:
        connector = opened.enter_context(
            closing(Connector(load_plugins(wish["modules"]), wish["type"], wish["settings"], wish["folder"]))
        )
        books = opened.enter_context(closing(Books.open(wish["database"])))
        books.migrate()
        file = opened.enter_context(Path(wish["file"]).open("rb" if wish["replay"] else "wb"))
        given = {id(source): source for source in connector.sources()}.values()  # one may be given for several hooks
        if wish["replay"]:
            return _imported(books, [Replayed(each, file) for each in given])
        to_sunday(wish["controls"])  # so that behind the import nothing is new, nor was within a day's lookback
        asked = counter(wish["settings"], wish["controls"])
        sources = [Recorded(each, file) for each in given]
        told = _imported(books, sources)
        return told | {"requests": asked().total(), **_again(sources, asked)}


def _imported(books: Books, sources: list[Recorded] | list[Replayed]) -> dict[str, Any]:
    """Return the rows by stream, seconds by the clock and of this process's CPU, and its peak memory in KiB."""
    begun, used = time.monotonic(), time.process_time()
    given: list[Source] = [*sources]
    report: ImportReport = import_connection(books, "erp", given, CONTEXT, as_of=CONTEXT.now().date())
    own = sum(each.own_seconds for each in sources)
    return {
        "rows": {name: part.read for name, part in report.streams.items()},
        "wall": time.monotonic() - begun - own,
        "cpu": time.process_time() - used - own,
        "peak": _peak(),
    }


def _again(sources: list[Recorded], asked: Asked) -> dict[str, Counter[str]]:
    """Read what changed since, which is nothing, and sweep; return what each of the two asked for, by entity.

    The reading's is told by stream too, as the contract kit counts it: an entity of the ERP may serve several.
    """
    bound = next(each for each in sources if "item" in each.streams).upper_bound()
    reading = Counter({f"clock: {entity}": count for entity, count in asked().items()})
    for source in sources:
        for stream, position in [*source.positions.items()]:
            deque(source.read(stream, position, bound), maxlen=0)
            reading += Counter({f"{stream}: {entity}": count for entity, count in asked().items()})
    for source in sources:
        if "item" in source.streams:
            deque(source.keys("item"), maxlen=0)
    return {"again": reading, "sweep": asked()}


def _peak() -> int:
    """Return VmHWM, and not `ru_maxrss`, which a child takes over from the process that started it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))) + "\n")
