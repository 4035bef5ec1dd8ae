"""Oracle NetSuite: reads by SuiteQL over REST and writes by the record API, or does both by SuiteTalk (SOAP)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import NetsuiteSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "netsuite"
duehook_api = 1
_FILES: Final = ("ca_file", "private_key_file", "mapping", "wsdl_folder")


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a NetSuite connection."""
    return NetsuiteSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give subsidiaries, terms and customers."""
    from .sources import NetsuiteCustomers

    return NetsuiteCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import NetsuiteContacts

    return NetsuiteContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import NetsuiteInvoices

    return NetsuiteInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and what they were applied to."""
    from .sources import NetsuitePayments

    return NetsuitePayments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes notes, holds, promises and disputes."""
    from .target import NetsuiteTarget

    return NetsuiteTarget(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for a NetSuite account."""
    if type != TYPE:
        return None
    from .simulator import NetsuiteSimulator

    return NetsuiteSimulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> NetsuiteSettings:
    return settings_of(connection, NetsuiteSettings, *_FILES)
