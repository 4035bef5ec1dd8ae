"""OData as ERPs speak it, V2 and V4: what a connector asks, and what it makes of the answers."""

from __future__ import annotations

from .client import Found, ODataClient, Question
from .dialect import V2, V4, Dialect
from .fields import Entity, Field, Row
from .paging import Listing, Page, pages, pages_of
from .where import Where, after, all_of, any_of, equal, one_of

__all__ = [
    "V2",
    "V4",
    "Dialect",
    "Entity",
    "Field",
    "Found",
    "Listing",
    "ODataClient",
    "Page",
    "Question",
    "Row",
    "Where",
    "after",
    "all_of",
    "any_of",
    "equal",
    "one_of",
    "pages",
    "pages_of",
]
