"""What the kit's tests get of a live ERP or a cassette: a connector, and nobody who lets things happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from duehook.core.plugins import Plugins
from duehook.core.testing.contract.fixtures import connector_type, installed, pytest_generate_tests
from duehook.core.testing.contract.marks import NOT_ASKED
from duehook.core.testing.contract.under_test import Connector
from duehook.core.wire.retry import resting_by
from duehook.core.wire.tapes import taped_by

from .cassette import Player, Recorder
from .modes import Mode, mode_of

__all__ = ["connector_type", "installed", "pytest_generate_tests"]
WHY: Final = f"{NOT_ASKED}it lets something happen in the ERP or knows all that is in it, as only a simulator can"


@pytest.fixture(scope="session")
def mode(pytestconfig: pytest.Config) -> Mode:
    """Give what the run is against."""
    found = mode_of(pytestconfig)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def taped(request: pytest.FixtureRequest, mode: Mode) -> Iterator[None]:
    """Record what a case asks, or play what was recorded of it."""
    file = f"{request.node.originalname}{_place(request)}.json"
    if mode.play:
        with taped_by(Player(mode.play / file)), resting_by(lambda seconds: None):
            yield
    elif mode.record and mode.veil:
        recorder = Recorder(mode.veil)
        with taped_by(recorder):
            yield
        recorder.write(mode.record / file)
    else:
        yield


@pytest.fixture
def connector(mode: Mode, connector_type: str, installed: Plugins, tmp_path: Path) -> Iterator[Connector]:
    """Give the connector on the ERP, which writes nothing."""
    found = Connector(installed, connector_type, mode.settings, str(tmp_path), read_only=True)
    yield found
    found.close()


@pytest.fixture
def writer(
    mode: Mode, connector_type: str, installed: Plugins, customer_to_write: tuple[str, str], *, tmp_path: Path
) -> Iterator[Connector]:
    """Give the connector on an ERP of which one customer may be written to."""
    found = Connector(installed, connector_type, mode.settings, str(tmp_path))
    yield found
    found.close()


@pytest.fixture
def reader(connector: Connector) -> Connector:
    """Give the connector on the ERP; here it is the same."""
    return connector


@pytest.fixture
def customer_to_write(mode: Mode) -> tuple[str, str]:
    """Give the customer that may be written to, by company and key."""
    if mode.write_to is None:
        pytest.skip(f"{NOT_ASKED}it writes, and --duehook-write-to names no test customer")
    return mode.write_to


@pytest.fixture
def hold_to_set(mode: Mode) -> str:
    """Give the hold that may be set."""
    if mode.hold is None:
        pytest.skip(f"{NOT_ASKED}it sets a hold, and --duehook-hold names none")
    return mode.hold


@pytest.fixture
def run_mark(mode: Mode) -> str:
    """Give what tells this run's writes from another's."""
    return mode.mark


def _only_simulated() -> NoReturn:
    pytest.skip(WHY)


@pytest.fixture
def erp() -> Any:
    """Leave out what asks for an ERP of one's own."""
    _only_simulated()


@pytest.fixture
def full() -> Any:
    """Leave out what breaks the wire."""
    _only_simulated()


@pytest.fixture(scope="module")
def simulators() -> Any:
    """Leave out what starts simulators."""
    _only_simulated()


@pytest.fixture(scope="module")
def still() -> Any:
    """Leave out what asks a simulator what it is."""
    _only_simulated()


@pytest.fixture(scope="module")
def played() -> Any:
    """Leave out what knows all that is in the ERP."""
    _only_simulated()


@pytest.fixture
def connect() -> Callable[..., Connector]:
    """Leave out what connects to ERPs of its own."""
    _only_simulated()


def _place(request: pytest.FixtureRequest) -> str:
    spec = getattr(request.node, "callspec", None)
    return f"-{spec.id}" if spec else ""
