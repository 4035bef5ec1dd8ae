"""Seal the audit of a site, verify it against the anchor beside the books, and look into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Row

from duehook.core.books import Books
from duehook.core.books.store import audit as store
from duehook.core.books.store import find
from duehook.core.context import Context
from duehook.core.errors import BooksUnusable
from duehook.core.ops import audit

from .site import Site

ANCHOR: Final = "duehook.audit-anchor"
_log = structlog.get_logger(__name__)


def anchor_of(site: Site) -> Path:
    """Return the anchor file, which lies beside duehook.yaml; keep a copy of it elsewhere."""
    return site.settings.path(ANCHOR)


def seal_audit(site: Site, context: Context) -> int:
    """Seal what was committed since the last seal; return how many rows."""
    return audit.seal(site.books, anchor_of(site), context.now())


def seal_own(site: Site, context: Context) -> None:
    """Seal when this call wrote acts; where it cannot, the log says so and the next sealer does."""
    try:
        with site.books.read() as tx:
            wrote = store.has_unsealed(tx, context.correlation_id)
        if wrote:
            seal_audit(site, context)
    except (BooksUnusable, OSError) as error:
        _log.warning("the audit was not sealed; `duehook audit seal` does it", reason=str(error))


def verify_audit(site: Site) -> audit.Verdict:
    """Walk the chain and compare it with the anchor."""
    return audit.verify(site.books, anchor_of(site))


def listed(
    books: Books,
    *,
    company: str | None = None,
    debtor: str | None = None,
    act: str | None = None,
    actor: str | None = None,
    most: int = 100,
) -> Sequence[Row[Any]]:
    """Return who did what, the newest first. Raises NotFound for a debtor that there is not."""
    with books.read() as tx:
        whose = None if debtor is None else find.debtor(tx, debtor)
        return store.entries(tx, company=company, debtor=whose, act=act, actor=actor, most=most)
