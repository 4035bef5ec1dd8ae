"""Microsoft Dynamics 365 Finance & Operations: reads over OData, writes holds, disputes and notes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import D365Settings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "d365"
duehook_api = 1
_FILES: Final = ("ca_file", "certificate_file", "key_file", "mapping")


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of an F&O connection."""
    return D365Settings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give legal entities, terms, rates and customers."""
    from .sources import D365Customers

    return D365Customers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import D365Contacts

    return D365Contacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import D365Invoices

    return D365Invoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments, and allocations where settlements are published."""
    from .sources import D365Payments

    return D365Payments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes notes, holds, promises and disputes."""
    from .target import D365Target

    return D365Target(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an F&O site."""
    if type != TYPE:
        return None
    from .simulator import D365Simulator

    return D365Simulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> D365Settings:
    return settings_of(connection, D365Settings, *_FILES)
