"""What a site says about its imports: company codes and where the guards stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from duehook.core.errors import ConfigError


@dataclass(frozen=True)
class ImportRules:
    """The site's settings for one connection's imports, with the defaults of the rules' §9.

    `companies` maps the ERP's company code to ours. A code that is not in it is kept as it is, unless
    it reads as one of ours (`ours` names those of other connections): that is another company, which
    `apart` keeps under its connection's name.
    `bad_rows` and `balance_drop` are shares. `history_from` is the document date from which the
    source's allocations are complete; None takes them as complete.
    """

    companies: Mapping[str, str] = field(default_factory=dict)
    ours: Collection[str] = ()
    bad_rows: Decimal = Decimal("0.01")
    balance_drop: Decimal = Decimal("0.20")
    history_from: date | None = None
    lease: timedelta = timedelta(minutes=10)
    quarantine_days: int = 90

    def apart(self, connection: str) -> dict[str, str]:
        """Return what the ERP's codes are kept as that read as ours and are not."""
        return {code: f"{connection}:{code}" for code in {*self.companies.values(), *self.ours} - {*self.companies}}

    def erp_codes(self, connection: str) -> dict[str, str]:
        """Return the ERP's code by the one it is kept as.

        Raises ConfigError when two ERP companies would become one of ours: their keys could clash.
        """
        back: dict[str, str] = {}
        for theirs, ours in self.companies.items():
            if ours in back:
                raise ConfigError(
                    f"companies: the ERP's {back[ours]} and {theirs} both become {ours}.",
                    fix="give each ERP company a code of its own.",
                )
            back[ours] = theirs
        return back | {kept: code for code, kept in self.apart(connection).items()}
