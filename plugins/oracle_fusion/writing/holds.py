"""Credit holds: CreditHold of a customer account's profile, changed with the version that was looked at."""

from __future__ import annotations

from collections.abc import Mapping

from duehook.core.connecting.writing import Refusal, expect_ours, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.oracle_fusion.client.wsdl import ACCOUNT
from duehook.plugins.oracle_fusion.mapping.parties import HELD, hold_of
from duehook.plugins.oracle_fusion.site import ERP, FusionSite

FREE = "N"


class HoldWriter:
    """Sets and releases the hold of an account. Another's is neither overwritten nor released (rule 26)."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._names = site, site.settings.profile

    def preview(self, command: Command) -> str:
        """Say what the hold would change from and to."""
        held, wanted = self.current(command.customer), _wanted(command)
        return f"change {self._names.hold} of account {command.customer} from {held or FREE} to {wanted or FREE}"

    def apply(self, command: Command) -> Applied:
        """Change the hold, unless another's must stay."""
        profile, wanted = self._profile(command.customer), _wanted(command)
        previous = hold_of(profile, self._site.settings)
        if previous == wanted:
            return Applied("already", "it was there", previous=previous)
        expect_ours(command, previous, {HELD})
        self._site.profiles.change(self._change(command.customer, profile, wanted))
        return read_back(lambda: self.current(command.customer) == wanted, ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the account has the hold."""
        held = self.current(command.customer)
        if held == _wanted(command):
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=held)

    def current(self, customer: str) -> str | None:
        """Return the hold that an account has now."""
        return hold_of(self._profile(customer), self._site.settings)

    def _profile(self, customer: str) -> Mapping[str, str]:
        found = self._site.profiles.of(customer)
        if found is None:
            raise Refusal(f"Fusion has no customer account {customer}")
        return found

    def _change(self, customer: str, profile: Mapping[str, str], wanted: str | None) -> dict[str, str]:
        named = [name for name in (self._names.id, self._names.version) if name and name in profile]
        return {ACCOUNT: customer, **{name: profile[name] for name in named}, self._names.hold: wanted or FREE}


def _wanted(command: Command) -> str | None:
    releases = command.kind == "release_credit_hold"
    found = command.body.get("restore") if releases else command.body.get("value")
    return None if found in {None, "", FREE} else str(found)
