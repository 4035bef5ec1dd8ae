"""JD Edwards EnterpriseOne: reads over ODBC, writes notes and holds through AIS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import JdeSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "jde"
duehook_api = 1


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a JDE connection."""
    return JdeSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give companies, terms, rates and customers."""
    from .sources import JdeCustomers

    return JdeCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import JdeContacts

    return JdeContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import JdeInvoices

    return JdeInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations."""
    from .sources import JdePayments

    return JdePayments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give the AIS target where the settings name an AIS server."""
    from .target import JdeTarget

    settings = _settings(connection)
    return JdeTarget(settings, connection.name) if settings.ais else None


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an EnterpriseOne site."""
    if type != TYPE:
        return None
    from .simulator import JdeSimulator

    return JdeSimulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> JdeSettings:
    return settings_of(connection, JdeSettings, "mapping")
