"""Oracle Fusion Cloud Receivables: reads over REST and SOAP, or extracts; writes holds, promises and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.connecting.settings import settings_of
from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl

from .settings import FusionSettings

# The rest is imported when a connection is used: most commands only read its settings.
TYPE = "oracle_fusion"
duehook_api = 1
_FILES: Final = ("key_file", "ca_file", "bicc_folder", "mapping")


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a Fusion connection."""
    return FusionSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give business units and customers."""
    from .sources import FusionCustomers

    return FusionCustomers(_settings(connection), connection.name)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    from .sources import FusionContacts

    return FusionContacts(_settings(connection), connection.name)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    from .sources import FusionInvoices

    return FusionInvoices(_settings(connection), connection.name)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments."""
    from .sources import FusionPayments

    return FusionPayments(_settings(connection), connection.name)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes holds, promises, disputes and notes."""
    from .target import FusionTarget

    return FusionTarget(_settings(connection), connection.name)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for a pod of Fusion."""
    if type != TYPE:
        return None
    from .simulator import FusionSimulator

    return FusionSimulator(options)


def check_mapping(file: Path) -> str:
    """Check a field mapping and say what it maps. Raises ConfigError with all its faults."""
    from duehook.core.field_mapping import load

    from .fields import schema

    return load(file, schema()).words


def _settings(connection: ConnectionConfig) -> FusionSettings:
    return settings_of(connection, FusionSettings, *_FILES)
