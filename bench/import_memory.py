"""Import that many rows, made while they are read, and print this process's peak memory in KiB."""

from __future__ import annotations

import resource
import sys

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
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(int(sys.argv[1]))
