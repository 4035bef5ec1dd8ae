"""The customer stop: BLCD of a customer, changed with the change number that was looked at."""

from __future__ import annotations

from duehook.core.connecting.writing import Refusal, expect_ours, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.mapping.parties import NO_STOP, hold_of
from duehook.plugins.infor_m3.site import ERP, M3Site


class HoldWriter:
    """Sets and lifts the stop. Another's is neither overwritten nor lifted (rule 26)."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site = site

    def preview(self, command: Command) -> str:
        """Say what the stop would change from and to."""
        held, wanted = hold_of(self._financial(command.customer)), _wanted(command)
        return f"change the stop (BLCD) of customer {command.customer} from {held or NO_STOP} to {wanted or NO_STOP}"

    def apply(self, command: Command) -> Applied:
        """Change the stop, unless another's must stay."""
        found, wanted = self._financial(command.customer), _wanted(command)
        previous = hold_of(found)
        if previous == wanted:
            return Applied("already", "it was there", previous=previous)
        allowed = [self._site.settings.stop_code] if self._site.settings.stop_code else []
        expect_ours(command, previous, allowed, setting="stop_code")
        values = {"CUNO": command.customer, "CONO": self._site.settings.company, "BLCD": wanted or NO_STOP}
        if found.get("CHNO"):
            values["CHNO"] = found["CHNO"].strip()
        self._site.service.write(entities.CHANGE_FINANCIAL, values)
        return read_back(lambda: self.current(command.customer) == wanted, ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the customer has the stop."""
        held = self.current(command.customer)
        if held == _wanted(command):
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=held)

    def current(self, customer: str) -> str | None:
        """Return the stop that a customer has now."""
        return hold_of(self._financial(customer))

    def _financial(self, customer: str) -> dict[str, str]:
        asked = {"CUNO": customer, "CONO": self._site.settings.company}
        found = self._site.service.row(entities.FINANCIAL, asked)
        if found is None:
            raise Refusal(f"M3 has no customer {customer}")
        return found


def _wanted(command: Command) -> str | None:
    releases = command.kind == "release_credit_hold"
    return command.body.get("restore") if releases else command.body.get("value")
