"""The function engine: which modules the system has, and a call of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.plugins.sap_ecc.simulator.system import System

from .bapis import BAPIS
from .module import AbapError, Call, Module, Session, Values
from .read_table import READ_TABLE
from .site import SITE

_SESSIONS: Final = 1_000


class Engine:
    """Calls function modules on a system, each in the session that is named.

    `read_table` is what RFC_READ_TABLE is called here: a site that has forbidden it may have a copy.
    """

    def __init__(self, system: System, *, site: bool, read_table: str) -> None:
        """Take the system, and whether it has the site's own modules."""
        self.system = system
        own = (*BAPIS, *(SITE if site else ()))
        self.modules: dict[str, Module] = {read_table: READ_TABLE, **{each.name: each for each in own}}
        self._sessions: dict[str, Session] = {}

    def call(self, name: str, values: Mapping[str, Any], session: str) -> Values:
        """Call a module; AbapError for one that is not there, or may not be called, and what it raises itself."""
        module = self.modules.get(name)
        if module is None:
            raise AbapError("FU_NOT_FOUND", f"ID:FL Type:E Number:046 {name}", is_runtime=True)
        if name in self.system.denied:
            message = f"No RFC authorization for function module {name} (S_RFC)"
            raise AbapError("RFC_NO_AUTHORITY", message, is_runtime=True)
        return module.called(Call(values, self.system, self._session(session)))

    def _session(self, name: str) -> Session:
        if len(self._sessions) > _SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return self._sessions.setdefault(name, Session())
