"""How the books are: their revision, journal, size and clock, the archive's files, the audit's chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from duehook.core.books import Books
from duehook.core.books.store import health
from duehook.core.errors import BooksUnusable
from duehook.core.runs.audit import verify_audit
from duehook.core.runs.deliver import notices
from duehook.core.runs.site import Site

from .sign import Sign, error, note, ok, warning

SAMPLE: Final = 25
SQLITE_ITEMS: Final = 1_000_000
LARGE_WAL: Final = 2**30
DRIFT: Final = timedelta(seconds=5)
LARGE_DRIFT: Final = timedelta(minutes=2)
UNSEALED: Final = timedelta(days=2)
OLDEST_POSTGRESQL: Final = 15


def books(site: Site, now: datetime) -> Iterator[Sign]:
    """Yield what is to be said of the database: kind, journal, size, clock."""
    with site.books.read() as tx:
        kind, journal = health.engine(tx)
        items = health.count_open_items(tx)
        clock = health.database_time(tx)
    yield ok("books", f"{kind}, {items:,} open items")
    if site.books.is_sqlite:
        yield from _sqlite(site.books, journal, items)
    else:
        yield from _postgresql(kind, journal)
    if clock is not None:
        yield _clock(abs(clock - now))


def writable(site: Site) -> Iterator[Sign]:
    """Yield whether the books take writes; nothing of them is changed."""
    try:
        with site.books.write() as tx:
            health.try_to_write(tx)
    except BooksUnusable as fault:
        yield error("books.write", fault.message, fault.fix or "duehook doctor")
    else:
        yield ok("books.write", "the books can be written")


def _sqlite(books: Books, journal: str, items: int) -> Iterator[Sign]:
    if journal != "wal":
        fix = "put the file on a local disk; network folders cannot do it"
        yield error("books.wal", f"the file journals by {journal}, not by WAL: readers would block writers", fix)
    else:
        yield ok("books.wal", "the file journals by WAL")
    file = sqlite_file(books)
    if file and file.stat().st_mode & 0o077:
        text = f"others may read {file} ({file.stat().st_mode & 0o777:o}), which holds personal data"
        yield note("books.mode", text, f"chmod 600 {file}*")
    log = file.with_name(f"{file.name}-wal") if file else None
    if log and log.exists() and log.stat().st_size > LARGE_WAL:
        text = f"the write-ahead log is {log.stat().st_size / 2**30:.1f} GiB: a reader was open for very long"
        yield warning("books.wal", text, "end the process that holds the books open, then run any command")
    if items >= SQLITE_ITEMS:
        text = f"{items:,} open items are many for SQLite"
        yield warning("books.size", text, "move to PostgreSQL at 1M open items: docs/how-to/run-on-postgresql.md")


def sqlite_file(books: Books) -> Path | None:
    """Return the file of SQLite books, None on PostgreSQL and in memory."""
    name = books.engine.url.database if books.is_sqlite else None
    return Path(name) if name and name != ":memory:" else None


def _postgresql(kind: str, flushes: str) -> Iterator[Sign]:
    if int(kind.removeprefix("PostgreSQL ").split(".")[0]) < OLDEST_POSTGRESQL:
        yield error("books.version", f"{kind} is too old", "upgrade the server to PostgreSQL 15 or later")
    if flushes != "on":
        text = "the server runs with fsync off: a lost machine would send letters again"
        yield error("books.fsync", text, "set fsync = on in postgresql.conf")


def _clock(apart: timedelta) -> Sign:
    text = f"this machine and the database server are {apart.total_seconds():.0f} s apart"
    fix = "let both machines keep time by NTP"
    if apart > LARGE_DRIFT:
        return error("clock", text, fix)
    return warning("clock", text, fix) if apart > DRIFT else ok("clock", text)


def archive(site: Site) -> Iterator[Sign]:
    """Yield whether the newest letters are in the archive as they went out."""
    kept = notices.verify(site, most=SAMPLE)
    for fault in kept.faults:
        yield error("archive.files", fault.message, fault.fix or "restore the archive from its backup")
    if kept.files and not kept.faults:
        yield ok("archive.files", f"the newest {kept.files} files are as they went out; all: `duehook notice verify`")


def audit(site: Site, now: datetime) -> Iterator[Sign]:
    """Yield whether the audit's chain holds and is kept up."""
    verdict = verify_audit(site)
    for fault in verdict.faults[:5]:
        yield error("audit", fault.message, "see `duehook audit verify`; compare with a backup")
    if verdict.holds:
        yield ok("audit", f"the chain holds: {verdict.rows} rows under {verdict.seals} seals")
    with site.books.read() as tx:
        oldest = health.oldest_unsealed_at(tx)
    if oldest is not None and now - oldest > UNSEALED:
        yield note("audit.seal", f"rows since {oldest:%Y-%m-%d} are not sealed yet", "duehook deliver")
