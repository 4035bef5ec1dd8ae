"""Seal the audit of a site, and verify it against the anchor beside the books."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from duehook.core.context import Context
from duehook.core.ops import audit

from .site import Site

ANCHOR: Final = "duehook.audit-anchor"


def anchor_of(site: Site) -> Path:
    """Return the anchor file, which lies beside duehook.yaml; keep a copy of it elsewhere."""
    return site.settings.path(ANCHOR)


def seal_audit(site: Site, context: Context) -> int:
    """Seal what was committed since the last seal; return how many rows."""
    return audit.seal(site.books, anchor_of(site), context.now())


def verify_audit(site: Site) -> audit.Verdict:
    """Walk the chain and compare it with the anchor."""
    return audit.verify(site.books, anchor_of(site))
