"""Infor LX (BPCS) on IBM i: reads its files by SQL, queues what is written in a table of the site's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from duehook.core.hookspecs import ConnectionConfig, Simulator, Source, Target, hookimpl
from duehook.plugins.sql_ledgers.family import Ledger
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings

TYPE = "infor_lx"
duehook_api = 1
_LEDGER: Final = Ledger(Path(__file__).parent, SqlLedgerSettings)
check_mapping = _LEDGER.check_template


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of an LX connection."""
    return SqlLedgerSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give companies, terms and customers."""
    return _LEDGER.masters(connection)


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts."""
    return _LEDGER.contacts(connection)


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items."""
    return _LEDGER.items(connection)


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and what they were applied to."""
    return _LEDGER.cash(connection)


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give what writes by the staging table, where the site has one."""
    return _LEDGER.target(connection)


@hookimpl(specname="simulator")  # a folder of that name is here: importing it would take the name's place
def give_simulator(type: str, options: Mapping[str, Any]) -> Simulator | None:
    """Give a stand-in for an LX database."""
    if type != TYPE:
        return None
    from .simulator import InforLxSimulator

    return InforLxSimulator(options)
