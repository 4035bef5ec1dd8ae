"""SAP S/4HANA over OData: business partners, open items, credit and dunning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import SapSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "sap"
duehook_api = 1


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of an SAP connection."""
    return SapSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give company codes and customers."""
    from .sources import SapCustomers

    return SapCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import SapContacts

    return SapContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import SapInvoices

    return SapInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations."""
    from .sources import SapPayments

    return SapPayments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes notes, holds and dunning data."""
    from .target import SapTarget

    return SapTarget(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an S/4HANA."""
    if type != TYPE:
        return None
    from .simulator.simulator import SapSimulator

    return SapSimulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> SapSettings:
    return settings_of(connection, SapSettings, "mapping", "journal_entry_change.wsdl")
