"""Seal the audit of a site, and verify it against the anchor beside the books."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import structlog

from duehook.core.books.store import audit as store
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
