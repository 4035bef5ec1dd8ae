"""Writes into EnterpriseOne through AIS, kind by kind: each looks first, writes once, and reads back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.errors import ConfigError
from duehook.core.hookspecs import CommandKind, Finding

from .ais import AisClient
from .settings import JdeSettings
from .site import JdeSite
from .sources import JdeInvoices
from .writing import check
from .writing.holds import HoldWriter
from .writing.notes import NoteWriter, place_of
from .writing.user_fields import UserFieldWriter


class JdeTarget(WritingTarget):
    """What can be written with the calls that a site names; what it reads for that, it reads as the sources do."""

    def __init__(self, settings: JdeSettings, name: str = "jde", *, ais: AisClient | None = None) -> None:
        """Take the connection's settings, and its name for the messages."""
        if settings.ais is None:
            raise ConfigError(f"Connection {name} has no AIS server.", fix="add `ais:` to it.")
        self._ais = ais or AisClient(settings.ais, name)
        self._site = JdeSite(settings, name)
        self._invoices = JdeInvoices(settings, name)
        self._holds = HoldWriter(self._ais, settings.ais.hold_orchestration, self._site)
        super().__init__(Writers("JDE", self._by_kind(settings, bool(settings.ais.hold_orchestration))))

    def _by_kind(self, settings: JdeSettings, can_hold: bool) -> Mapping[CommandKind, Writer]:
        found: dict[CommandKind, Writer] = {
            "add_note": NoteWriter(place_of(self._ais, settings.notes, self._site)),
        }
        if can_hold:
            found |= {"set_credit_hold": self._holds, "release_credit_hold": self._holds}
        if settings.promise is not None:
            found["set_promise"] = UserFieldWriter(self._ais, self._invoices, settings.promise)
        if settings.dispute is not None:
            found["set_dispute"] = UserFieldWriter(self._ais, self._invoices, settings.dispute)
        return found

    def check(self) -> Iterable[Finding]:
        """Sign in, write a marked note to the test address and read it back, and try what can be without effect."""
        return check.target(self._site, self._ais, self)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold code that governs the customer in the company."""
        return self._holds.governing(company, customer).code

    def close(self) -> None:
        """Sign out and hang up."""
        self._ais.close()
        self._site.close()
        self._invoices.close()
