"""What the kit's tests ask for: a simulated ERP, and the connector on a connection to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from duehook.core.plugins import Plugins
from duehook.core.wire.retry import resting_by

from .choices import offer
from .erp import SimulatedErp, WrittenErp
from .loading import load_plugins, named_values
from .running import Simulators
from .scenes.acts import company_of, issue
from .under_test import Connector

START: Final = date(2026, 3, 2)
MOVED: Final = timedelta(days=14)
SMALL: Final = {"customers": 20, "items": 0, "start_on": START}
PLAYED: Final = {"customers": 60, "items": 500, "start_on": START}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is asked of each variant, flaw or half reference once for each."""
    offer(metafunc)


@pytest.fixture(scope="session")
def connector_type(request: pytest.FixtureRequest) -> str:
    """Give the type that the kit looks at."""
    return str(request.config.getoption("--duehook-connector"))


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Plugins:
    """Give the installed plugins and those named on the command line."""
    return load_plugins(request.config.getoption("--duehook-plugin"))


@pytest.fixture(scope="module")
def simulators(
    installed: Plugins, connector_type: str, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Simulators]:
    """Give what starts simulators of the connector's type."""
    options = named_values(pytestconfig.getoption("--duehook-option"))
    running = Simulators(installed, connector_type, partial(tmp_path_factory.mktemp, connector_type), options=options)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def waited() -> Iterator[list[float]]:
    """Let connectors try again at once, and give the seconds that they would have waited."""
    seconds: list[float] = []
    with resting_by(seconds.append):
        yield seconds


@pytest.fixture
def erp(simulators: Simulators) -> Iterator[SimulatedErp]:
    """Give an ERP of one's own with some customers and next to no documents."""
    erp = simulators.start(**SMALL)
    yield erp
    simulators.end(erp)


@pytest.fixture
def full(simulators: Simulators) -> Iterator[SimulatedErp]:
    """Give such an ERP in its fullest set-up."""
    erp = simulators.full(**SMALL)
    yield erp
    simulators.end(erp)


@pytest.fixture(scope="module")
def still(simulators: Simulators) -> SimulatedErp:
    """Give an ERP in its fullest set-up, only to be asked what it is."""
    return simulators.full(**SMALL)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def played(simulators: Simulators) -> SimulatedErp:
    """Give an ERP that has been at work for two weeks, with every oddity of a book; only to be read."""
    erp = simulators.start(**PLAYED)
    erp.advance_to(START + MOVED)
    return erp


@pytest.fixture
def connect(
    request: pytest.FixtureRequest, connector_type: str, simulators: Simulators, tmp_path: Path
) -> Iterator[Callable[..., Connector]]:
    """Give a function that connects to an ERP, some settings being others; all are closed at the end."""
    opened: list[Connector] = []
    plugins: Plugins = request.getfixturevalue("installed")
    asked = named_values(request.config.getoption("--duehook-setting"))

    def to(erp: SimulatedErp, **other: Any) -> Connector:
        called = {erp.settings_called.get(name, name): value for name, value in other.items()}
        settings = {**simulators.settings(erp), **erp.site_settings, **asked, **called}
        opened.append(Connector(plugins, connector_type, settings, str(tmp_path)))
        return opened[-1]

    yield to
    for connector in opened:
        connector.close()


@pytest.fixture
def connector(erp: SimulatedErp, connect: Callable[..., Connector]) -> Connector:
    """Give the connector on the test's own ERP."""
    return connect(erp)


@pytest.fixture
def reader(played: SimulatedErp, connect: Callable[..., Connector]) -> Connector:
    """Give the connector on the ERP that has been at work."""
    return connect(played)


@pytest.fixture
def writer(connector: Connector) -> Connector:
    """Give the connector on an ERP that may be written to."""
    return connector


@pytest.fixture
def customer_to_write(erp: SimulatedErp) -> tuple[str, str]:
    """Give a customer that may be written to, by company and key."""
    with erp.act() as book:
        invoice = issue(book, "100.00")
    return company_of(erp, invoice), invoice.customer


@pytest.fixture
def hold_to_set(erp: WrittenErp) -> str:
    """Give a hold that may be set."""
    return erp.hold_values[0]


@pytest.fixture
def run_mark() -> str:
    """Give what tells this run's writes from another's."""
    return "simulated"
