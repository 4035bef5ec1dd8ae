"""A company of an environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Company:
    """A company by its id, with its name, what companyInformation holds, and its currency where that is known."""

    id: str
    name: str
    information: Mapping[str, Any]
    currency: str | None
