"""Infor M3: reads over the M3 API (MI programs), writes notes, stops, reminders, promises and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import M3Settings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "infor_m3"
duehook_api = 1
_FILES: Final = ("ionapi_file", "ca_file", "mapping")


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of an M3 connection."""
    return M3Settings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give divisions, terms, rates and customers."""
    from .sources import M3Customers

    return M3Customers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import M3Contacts

    return M3Contacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import M3Invoices

    return M3Invoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations."""
    from .sources import M3Payments

    return M3Payments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes notes, stops, reminders, promises and disputes."""
    from .target import M3Target

    return M3Target(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an M3."""
    if type != TYPE:
        return None
    from .simulator import M3Simulator

    return M3Simulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> M3Settings:
    return settings_of(connection, M3Settings, *_FILES)
