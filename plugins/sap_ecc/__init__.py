"""SAP ECC over its function modules: customers and open items from the tables, writes by the site's own functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import EccSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "sap_ecc"
duehook_api = 1


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of an ECC connection."""
    return EccSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give company codes and customers."""
    from .sources import EccCustomers

    return EccCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import EccContacts

    return EccContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import EccInvoices

    return EccInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations."""
    from .sources import EccPayments

    return EccPayments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes by the site's functions."""
    from .target import EccTarget

    return EccTarget(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an ECC."""
    if type != TYPE:
        return None
    from .simulator.simulator import EccSimulator

    return EccSimulator(options)


def _settings(connection: ConnectionConfig) -> EccSettings:
    return settings_of(connection, EccSettings)
