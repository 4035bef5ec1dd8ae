"""Import that many rows, made while they are read, and print this process's peak memory in KiB.

VmHWM, and not `ru_maxrss`, which a child takes over from the process that started it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from duehook.core.books import Books
from duehook.core.testing.postgres import throw_away_cluster

from .imports import load
from .item_rows import RowSource


def main(count: int) -> None:
    with throw_away_cluster() as cluster:
        books = Books.open(cluster.create("bench"))
        books.migrate()
        load(books, RowSource(made=count))
        books.close()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(status["VmHWM"].split()[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
