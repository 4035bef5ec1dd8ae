"""The pytest plugin: `pytest --duehook-connector=TYPE` runs the kit and prints the grade.

Installed with Duehook, it does nothing until that option is given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

CASES: Final = Path(__file__).parent / "cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the kit."""
    group = parser.getgroup("duehook", "Duehook's contract kit for connectors")
    group.addoption("--duehook-connector", metavar="TYPE", help="Run the kit on the connector of this type.")
    group.addoption(
        "--duehook-plugin",
        metavar="MODULE",
        action="append",
        default=[],
        help="Load this module as a plugin, where the connector is not installed.",
    )
    for name, told in (
        ("setting", "the connection has this setting too"),
        ("option", "the simulator has this option too"),
    ):
        group.addoption(
            f"--duehook-{name}", metavar="NAME=VALUE", action="append", default=[], help=f"Run the kit where {told}."
        )
    group.addoption("--duehook-grade", metavar="FILE", help="Write the grade that was earned, as JSON.")


def pytest_configure(config: pytest.Config) -> None:
    """Take the kit's own tests where none are named, and what runs and reports them."""
    config.addinivalue_line("markers", "duehook_grade(name): the grade that asks for this test")
    config.addinivalue_line("markers", "duehook_feature(name): what an ERP must have for this test to apply")
    if not config.getoption("--duehook-connector"):
        return
    from . import fixtures, report

    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(CASES)]
    config.option.importmode = "importlib"
    config.pluginmanager.register(fixtures, "duehook-contract-fixtures")
    config.pluginmanager.register(report.Report(config), "duehook-contract-report")
