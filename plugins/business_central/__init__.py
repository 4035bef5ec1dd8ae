"""Microsoft Dynamics 365 Business Central: reads API v2.0 and published ledger entries, writes holds and the like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import BusinessCentralSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "business_central"
duehook_api = 1
_FILES: Final = ("ca_file", "certificate_file", "key_file", "mapping")


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a Business Central connection."""
    return BusinessCentralSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give companies, terms and customers."""
    from .sources import BusinessCentralCustomers

    return BusinessCentralCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import BusinessCentralContacts

    return BusinessCentralContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items: ledger entries where they are published, else posted documents."""
    from .sources import BusinessCentralInvoices

    return BusinessCentralInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations, where ledger entries are published."""
    from .sources import BusinessCentralPayments

    settings = _settings(connection)
    return BusinessCentralPayments(settings, connection.name) if settings.ledger_entries else None


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes holds, and what the published pages take."""
    from .target import BusinessCentralTarget

    return BusinessCentralTarget(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for a Business Central environment."""
    if type != TYPE:
        return None
    from .simulator import BusinessCentralSimulator

    return BusinessCentralSimulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> BusinessCentralSettings:
    return settings_of(connection, BusinessCentralSettings, *_FILES)
