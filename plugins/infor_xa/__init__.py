"""Infor XA (MAPICS) on IBM i: a template that each site fills with the names of its own files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from duehook.core.hookspecs import Simulator
from duehook.plugins.sql_ledgers.family import Ledger, hooks
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings


def _simulated(options: Mapping[str, Any]) -> Simulator:
    from .simulator import InforXaSimulator

    return InforXaSimulator(options)


TYPE: Final = "infor_xa"
LEDGER: Final = Ledger(TYPE, Path(__file__).parent, SqlLedgerSettings, _simulated)
duehook_api = 1
check_mapping = LEDGER.check_template
(
    connection_settings,
    customer_source,
    contact_source,
    invoice_source,
    payment_source,
    write_back_target,
    give_simulator,  # a folder called simulator is here: importing it would take the name's place
) = hooks(LEDGER)
