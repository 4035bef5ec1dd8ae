"""Set the stage of the group: JD Edwards, SAP and NetSuite, each with its companies, and one site over all three."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from demo.catcher import Catcher
from demo.stage import START_ON, common, creditor, make_anew, opened, write
from duehook.core.hookspecs import Simulator
from duehook.core.plugins import Plugins
from duehook.core.redaction import is_secret_name
from duehook.core.runs.site import Site
from duehook.core.testing.book.people import COMPANIES

# Books of different seeds: the same names, numbers and VAT ids, but not everybody is in the same country everywhere.
ERPS: Final[Mapping[str, Mapping[str, Any]]] = {
    "jde": {"seed": 7, "customers": 300, "items": 3_000},
    "sap": {"seed": 8, "customers": 200, "items": 2_000},
    "netsuite": {"seed": 9, "customers": 100, "items": 1_000},
}


@dataclass
class GroupStage:
    """Everything the play needs; `close` ends it. `erps` are the simulators by connection."""

    folder: Path
    erps: Mapping[str, Any]
    catcher: Catcher
    site: Site
    day: date = START_ON

    def close(self) -> None:
        """End servers, let go of the books."""
        self.site.close()
        for simulator in self.erps.values():
            simulator.stop()
        self.catcher.stop()


def set_stage(folder: Path) -> GroupStage:
    """Make the folder anew and start everything in it."""
    make_anew(folder)
    plugins = Plugins.load(None)
    erps, given = dict[str, Simulator](), dict[str, Mapping[str, Any]]()
    for name, options in ERPS.items():
        erps[name] = plugins.simulator(name, {"folder": str(folder / name), "start_on": START_ON, **options})
        given[name] = erps[name].start()
    catcher = Catcher()
    settings, secrets = _settings(erps, given, catcher.start())
    write(folder, settings, secrets)
    return GroupStage(folder, erps, catcher, opened(folder, plugins))


def _settings(
    erps: Mapping[str, Any], given: Mapping[str, Mapping[str, Any]], port: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what duehook.yaml says, and the secrets that it names."""
    secrets: dict[str, str] = {}
    connections: dict[str, Any] = {}
    for name, simulator in erps.items():
        held = {**given[name], **simulator.site_settings}
        for key in [key for key in held if is_secret_name(key)]:
            variable = f"GROUP_{name}_{key}".upper().replace(".", "_")
            secrets[variable], held[key] = held[key], {"env": variable}
        connections[name] = {"type": name, **held}
    companies = {code: each for name, simulator in erps.items() for code, each in _companies(name, simulator)}
    return {**common(port), "companies": companies, "connections": connections}, secrets


def _companies(name: str, simulator: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the companies of an ERP under its name: two ERPs may well have a company 1 each."""
    by_currency = {company.currency: company for company in COMPANIES}
    hold = simulator.hold_values[0]
    return [
        (
            f"{name}-{row['company']}",
            creditor(by_currency[row["currency"]], connection=name, code=row["company"], hold=hold),
        )
        for row in simulator.given("company")
    ]
