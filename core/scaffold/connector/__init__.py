"""Acme: reads companies, customers, contacts, invoices and payments over its REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, hookimpl
from duehook.core.records import Stream

from .settings import AcmeSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "acme"
duehook_api = 1


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a connection to Acme."""
    return AcmeSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give companies, terms, rates and customers."""
    return _source(connection, "company", "payment_term", "exchange_rate", "customer")


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    return _source(connection, "contact")


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items, with their totals for the tie-out."""
    return _source(connection, "item")


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations."""
    return _source(connection, "payment", "allocation")


@hookimpl(specname="simulator")  # a module of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for a server of Acme."""
    if type != TYPE:
        return None
    from .simulator import AcmeSimulator

    return AcmeSimulator(options)


def _source(connection: ConnectionConfig, *streams: Stream) -> Source:
    from .sources import AcmeSource

    if not isinstance(connection.settings, AcmeSettings):
        raise TypeError(f"connection {connection.name} holds {type(connection.settings).__name__}, not AcmeSettings")
    return AcmeSource(connection.settings, connection.name, streams)
