"""What only an Oracle E-Business Suite connection says."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from duehook.core.wire.sql import DialectName
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings, listed


class EbsSettings(SqlLedgerSettings):
    """`org_ids` limits what is read to these operating units; `rate_type` is the type of rates that are read."""

    dialect: DialectName = "oracle"
    org_ids: Annotated[tuple[int, ...], BeforeValidator(listed)] = ()
    rate_type: str = Field("Corporate", min_length=1)
