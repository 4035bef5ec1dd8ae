"""The pytest plugin: `pytest --duehook-connector=TYPE` runs the kit and prints the grade.

Installed with Duehook, it does nothing until that option is given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from zlib import crc32

import pytest

CASES: Final = Path(__file__).parent / "cases"
# What the kit may run against beside the connector's simulator; see modes.py.
OPTIONS: Final = {
    "live": ("FILE", "Ask a live ERP: a YAML file with the settings of a connection. Nothing is written into it."),
    "against": ("TEXT", "What the live ERP is, with its version, for the grade."),
    "write-to": ("COMPANY/CUSTOMER", "Also write into the live ERP: notes and a hold of this test customer only."),
    "hold": ("VALUE", "The hold that may be set on that customer, and is released again."),
    "record": ("FOLDER", "Record what the live ERP answers as a cassette."),
    "cassette": ("FOLDER", "Play a cassette in the place of an ERP."),
}


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
    for name, (value, told) in OPTIONS.items():
        group.addoption(f"--duehook-{name}", metavar=value, help=told)
    group.addoption(
        "--duehook-mask", metavar="FIELD", action="append", default=[],
        help="Mask the values of this field of the answers in the cassette; more than one may be.",
    )  # fmt: skip
    group.addoption("--duehook-grade", metavar="FILE", help="Write the grade that was earned, as JSON.")
    group.addoption(
        "--duehook-one-in", metavar="N", type=int, default=1,
        help="Run one test in N of the kit, always the same ones: sooner done, and no grade comes of it.",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Take the kit's own tests where none are named, and what runs and reports them."""
    config.addinivalue_line("markers", "duehook_grade(name): the grade that asks for this test")
    config.addinivalue_line("markers", "duehook_feature(name): what an ERP must have for this test to apply")
    if not config.getoption("--duehook-connector"):
        return
    from duehook.core.errors import DuehookError

    from . import fixtures
    from .grading.report import Report
    from .live import fixtures as live_fixtures
    from .live.modes import mode_of
    from .scenes import commands

    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(CASES)]
    config.option.importmode = "importlib"
    try:
        mode = mode_of(config)
    except DuehookError as error:
        raise pytest.UsageError(str(error)) from error
    given = fixtures if mode is None else live_fixtures
    config.pluginmanager.register(given, "duehook-contract-fixtures")
    config.pluginmanager.register(commands, "duehook-contract-commands")
    config.pluginmanager.register(Report(config), "duehook-contract-report")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep one test in so many, chosen by its name so that it is the same one in every process."""
    share = config.getoption("--duehook-one-in")
    if not config.getoption("--duehook-connector") or share < 2:
        return
    kept = [item for item in items if crc32(f"{item.path.name} {item.name}".encode()) % share == 0]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
