"""What only an Oracle E-Business Suite connection says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from duehook.core.wire.sql import DialectName
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings, listed


class EbsSettings(SqlLedgerSettings):
    """`org_ids` limits what is read to these operating units; `rate_type` is the type of rates that are read."""

    dialect: DialectName = "oracle"
    org_ids: Annotated[tuple[int, ...], BeforeValidator(listed)] = ()
    rate_type: str = Field("Corporate", min_length=1)

    def values(self) -> Mapping[str, Any]:
        """Return what the template may name as `:name`; `orgs` is told where none is set too, for use within a text."""
        return {**super().values(), "all_orgs": int(not self.org_ids), "orgs": self.org_ids or (0,)}
