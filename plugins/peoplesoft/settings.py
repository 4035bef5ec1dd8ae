"""What only a PeopleSoft connection says."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from duehook.core.wire.sql import DialectName
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings, listed


class PeoplesoftSettings(SqlLedgerSettings):
    """`business_units` limits what is read to these: SQL sees all of them, whatever PeopleSoft's own security says."""

    dialect: DialectName = "oracle"
    business_units: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
