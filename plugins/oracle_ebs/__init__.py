"""Oracle E-Business Suite: reads its receivables by SQL, queues what is written in a table of the site's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from duehook.core.hookspecs import Simulator
from duehook.plugins.sql_ledgers.family import Ledger, hooks

from .settings import EbsSettings


def _simulated(options: Mapping[str, Any]) -> Simulator:
    from .simulator import OracleEbsSimulator

    return OracleEbsSimulator(options)


TYPE: Final = "oracle_ebs"
LEDGER: Final = Ledger(TYPE, Path(__file__).parent, EbsSettings, _simulated)
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
