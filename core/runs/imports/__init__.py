"""Import: read what a connection gives, page by page, into the books."""

from __future__ import annotations

from .parked import discard, retry
from .report import ImportReport, StreamReport, SweepReport
from .rules import ImportRules
from .run import import_connection

__all__ = ["ImportReport", "ImportRules", "StreamReport", "SweepReport", "discard", "import_connection", "retry"]
