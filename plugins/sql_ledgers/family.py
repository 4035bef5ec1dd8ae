"""The hooks of one type of the family: its plugin names the type, its folder and its settings, the rest is here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Source, Target
from duehook.core.records import Stream

from .settings import SqlLedgerSettings

if TYPE_CHECKING:
    from .sources import SqlSource


@dataclass(frozen=True)
class Ledger:
    """A type of ledger: `home` is the folder with its ledger.yaml."""

    home: Path
    settings: type[SqlLedgerSettings]

    def masters(self, connection: ConnectionConfig) -> Source | None:
        """Give companies, terms, rates and customers."""
        from .sources import MASTERS

        return self._source(connection, *MASTERS)

    def contacts(self, connection: ConnectionConfig) -> Source | None:
        """Give contacts."""
        return self._source(connection, "contact")

    def items(self, connection: ConnectionConfig) -> Source | None:
        """Give items."""
        return self._source(connection, "item")

    def cash(self, connection: ConnectionConfig) -> Source | None:
        """Give payments and what they were applied to."""
        from .sources import CASH

        return self._source(connection, *CASH)

    def target(self, connection: ConnectionConfig) -> Target | None:
        """Give what writes, where the site has a staging table."""
        from .target import SqlTarget

        held = settings_of(connection, self.settings, "template")
        return SqlTarget(held, connection.name, self.home) if held.staging else None

    def check_template(self, file: Path) -> str:
        """Check a template and say what it maps. Raises ConfigError with all its faults."""
        from .sources import check_template

        return check_template(file, self.settings.model_validate({"dsn": "none", "data_schema": "none"}))

    def _source(self, connection: ConnectionConfig, *streams: Stream) -> SqlSource | None:
        from .sources import source_of

        return source_of(
            settings_of(connection, self.settings, "template"), connection.name, self.home, streams=streams
        )
