"""What only a PeopleSoft connection says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from duehook.core.wire.sql import DialectName
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings, listed


class PeoplesoftSettings(SqlLedgerSettings):
    """`setid` is the set of customers that is read, `terms_setid` that of payment terms where it is another.

    A second set of customers is a connection of its own.

    `collection_blocks` are the collection statuses of items and customers that stop dunning; what each code means is
    the site's own.

    `business_units` limits what is read to these: SQL sees all of them, whatever PeopleSoft's own security says.
    """

    dialect: DialectName = "oracle"
    setid: str = Field("SHARE", min_length=1, max_length=5)
    terms_setid: str | None = Field(None, min_length=1, max_length=5)
    collection_blocks: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    business_units: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()

    def values(self) -> Mapping[str, Any]:
        """Return what the template may name as `:name`; terms are of the customers' set unless they have their own."""
        return {**super().values(), "terms_setid": self.terms_setid or self.setid}
