"""Secrets: passwords and tokens stand in no log, no message and no printed object, whatever goes wrong."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from duehook.core.errors import DuehookError
from duehook.core.testing.contract.erp import FaultyErp
from duehook.core.testing.contract.marks import silver
from duehook.core.testing.contract.under_test import Connector
from duehook.core.testing.faults import FaultKind

from .test_check import findings

pytestmark = silver
FAULTS: list[FaultKind] = ["html", "garbage", "half_page", "reset"]


def test_no_secret_is_said_in_any_log_message_or_error(
    erp: FaultyErp, connect: Callable[..., Connector], caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        said += [f"{each}" for each in findings(connect(erp))]
        for kind in FAULTS:
            erp.faults.set(kind, count=3)
            said += _said_by(connect(erp))
            erp.faults.clear()
        erp.faults.set("status", status=401, count=9)
        said += _said_by(connect(erp))
    everything = "\n".join([*said, caplog.text, repr(logged)])
    secrets = _secrets(connect(erp))
    assert secrets != []
    assert [each for each in secrets if each in everything] == []


def _said_by(connector: Connector) -> list[str]:
    """Let it check and read; return all that it says, and what is printed of its objects."""
    said = [repr(each) for each in findings(connector)]
    for stream in ("customer", "item"):
        try:
            connector.rows(stream)
        except DuehookError as error:
            said += ["".join(traceback.format_exception(error)), str(error.fix)]
    return [*said, *(repr(vars(source)) for source in connector.sources() if hasattr(source, "__dict__"))]


def _secrets(connector: Connector) -> list[str]:
    return [each.get_secret_value() for each in _fields(connector.config.settings) if each.get_secret_value()]


def _fields(settings: BaseModel) -> Iterator[Any]:
    for name in type(settings).model_fields:
        held = getattr(settings, name)
        if isinstance(held, BaseModel):
            yield from _fields(held)
        elif isinstance(held, SecretStr):
            yield held
