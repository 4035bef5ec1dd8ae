"""Notes, promises and disputes: what bears the command's mark, and is found again by it."""

from __future__ import annotations

from duehook.core.connecting.writing import Refusal, marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.mapping.values import padded
from duehook.plugins.sap_ecc.settings import FunctionSettings
from duehook.plugins.sap_ecc.site import EccSite
from duehook.plugins.sap_ecc.where import both, compare

from .functions import read, write


class MarkedWriter:
    """Writes by one of the site's functions what another one of them gives back."""

    def __init__(self, site: EccSite, function: FunctionSettings, reader: FunctionSettings) -> None:
        """Take the site, the function that writes, and the one that reads."""
        self._site, self._function, self._reader = site, function, reader

    def preview(self, command: Command) -> str:
        """Say which function would be called."""
        what = command.kind.partition("_")[2]
        return f"call {self._function.name}, which writes a {what} to customer {command.customer}"

    def apply(self, command: Command) -> Applied:
        """Write it once."""
        self._expect_customer(command)
        if self._is_there(command):
            return Applied("already", "it was there")
        write(self._site, self._function, command)
        return read_back(lambda: self._is_there(command), "SAP")

    def verify(self, command: Command) -> Applied:
        """Look for the mark."""
        return Applied("done", "it is there") if self._is_there(command) else Applied("refused", "it is not there")

    def _is_there(self, command: Command) -> bool:
        mark = marker(command)
        return any(
            mark in (str(row.get(self._reader.mark, "")).strip(), *str(row.get(self._reader.text, "")).split())
            for row in read(self._site, self._reader, command)
        )

    def _expect_customer(self, command: Command) -> None:
        asked = both(compare("KUNNR", "=", padded(command.customer)), compare("BUKRS", "=", command.company))
        if not self._site.rows(tables.COMPANY_KEYS, asked):
            raise Refusal(f"SAP has no customer {command.customer} in company code {command.company}")
