"""What only a JD Edwards World connection says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings

Decimals = Literal["currency", "hundredths", "plain"]
# Where the decimals of an amount in the document's and in the company's currency stand.
_PLACES: Final[Mapping[Decimals, tuple[str, str]]] = {
    "currency": ("V.CVCDEC", "W.CVCDEC"), "hundredths": ("2", "2"), "plain": ("0", "0"),
}  # fmt: skip


class JdeWorldSettings(SqlLedgerSettings):
    """`email_type` marks the lines of F0111 that hold a mail address.

    `amounts`: `currency` scales by F0013, `hundredths` by two decimals always, `plain` where files show real decimals.
    """

    email_type: str = Field("EM", min_length=1, max_length=3)
    amounts: Decimals = "currency"

    def names(self) -> Mapping[str, str]:
        """Return what stands for decimals in the template."""
        own, company = _PLACES[self.amounts]
        return {"places": own, "company_places": company}
