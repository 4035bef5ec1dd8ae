"""The hooks of one type of the family: its plugin names the type, its folder and its settings, the rest is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl
from duehook.core.records import Stream

from .settings import SqlLedgerSettings

# The rest is imported when a connection is used: most commands only read its settings.
_STREAMS: Final[Mapping[str, tuple[Stream, ...]]] = {
    "customer_source": ("company", "payment_term", "exchange_rate", "customer"),
    "contact_source": ("contact",),
    "invoice_source": ("item",),
    "payment_source": ("payment", "allocation"),
}
Hooks = tuple[Callable[..., Any], ...]


@dataclass(frozen=True)
class Ledger:
    """A type of ledger: `home` is the folder with its ledger.yaml, `simulated` gives its simulator."""

    name: str
    home: Path
    settings: type[SqlLedgerSettings]
    simulated: Callable[[Mapping[str, Any]], Simulator]

    def source(self, connection: ConnectionConfig, streams: tuple[Stream, ...]) -> Source | None:
        """Give what reads these streams, as far as the site's template has them."""
        from .sources import source_of

        return source_of(self._held(connection), connection.name, self.home, streams=streams)

    def target(self, connection: ConnectionConfig) -> Target:
        """Give what writes; without a staging table it refuses everything."""
        from .target import SqlTarget

        return SqlTarget(self._held(connection), connection.name, self.home)

    def check_template(self, file: Path) -> str:
        """Check a template and say what it maps. Raises ConfigError with all its faults."""
        from .sources import check_template

        return check_template(file, self.settings.model_validate({"dsn": "none", "data_schema": "none"}))

    def _held(self, connection: ConnectionConfig) -> SqlLedgerSettings:
        return settings_of(connection, self.settings, "template")


def hooks(ledger: Ledger) -> Hooks:
    """Return the hooks of a type: its settings, its four sources, its target and its simulator."""

    @hookimpl
    def connection_settings(type: str) -> type[BaseModel] | None:
        return ledger.settings if type == ledger.name else None

    @hookimpl
    def write_back_target(connection: ConnectionConfig) -> Target | None:
        return ledger.target(connection)

    @hookimpl(specname="simulator")
    def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
        return ledger.simulated(options) if type == ledger.name else None

    return (
        connection_settings,
        *(_source(ledger, *each) for each in _STREAMS.items()),
        write_back_target,
        give_simulator,
    )


def _source(ledger: Ledger, hook: str, streams: tuple[Stream, ...]) -> Callable[..., Any]:
    @hookimpl(specname=hook)
    def source(connection: ConnectionConfig) -> Source | None:
        return ledger.source(connection, streams)

    return source
