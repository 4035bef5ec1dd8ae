"""Look notices up, give a copy of one as it went out, verify the copies, and cancel one (rule 17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from duehook.core.books import Books
from duehook.core.books.store import find
from duehook.core.books.store.delivery import notices, sending
from duehook.core.context import Context
from duehook.core.deliver.archive import Archive
from duehook.core.errors import DuehookError, NotFound
from duehook.core.runs.site import Site

from .queue import cancel_notice

STATES: Final = ("proposed", "approved", "sent", "dropped", "cancelled", "failed", "in_doubt")
_PDF: Final = b"%PDF"


@dataclass(frozen=True)
class Copy:
    """A notice as it went out: the name of its file, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Kept:
    """How the archive keeps what went out: the files that were read, and what is wrong with some of them."""

    files: int
    faults: tuple[DuehookError, ...]


def listed(
    books: Books,
    *,
    company: str | None = None,
    debtor: str | None = None,
    states: Collection[str] = (),
    most: int = 100,
) -> Sequence[Row[Any]]:
    """Return notices, the newest first. Raises NotFound for a debtor that there is not."""
    with books.read() as tx:
        whose = None if debtor is None else find.debtor(tx, debtor)
        return notices.listed(tx, company=company, debtor=whose, states=states, most=most)


def copy_of(site: Site, number: int) -> Copy:
    """Return the mail or letter of a notice from the archive.

    Raises NotFound for one that does not exist or never went out, ArchiveDamaged for a file that was altered.
    """
    with site.books.read() as tx:
        row = sending.notices(tx, [number]).get(number)
    if row is None or row.archive_sha is None:
        state = f"is {row.state} and was never written" if row else "does not exist"
        raise NotFound(f"notice {number} {state}.", fix="see `duehook notice list --state sent`.")
    content = Archive(site.archive).get(row.archive_sha)
    return Copy(f"{row.number}.{'pdf' if content.startswith(_PDF) else 'eml'}", content)


def verify(site: Site, *, most: int | None = None) -> Kept:
    """Read the archived mails and letters, the newest first, and compare each with the digest in the books."""
    archive = Archive(site.archive)
    with site.books.read() as tx:
        digests = notices.archived(tx, most)
    faults = []
    for digest in digests:
        try:
            archive.get(digest)
        except DuehookError as fault:
            faults.append(fault)
    return Kept(len(digests), tuple(faults))


def cancel(site: Site, context: Context, number: int, *, why: str) -> None:
    """Cancel a queued notice, or take a sent one back: levels and the debtor's clock return."""
    with site.books.write() as tx:
        cancel_notice(tx, context, number, why=why)
