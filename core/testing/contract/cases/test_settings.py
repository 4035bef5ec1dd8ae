"""Settings: what a person writes is kept, a slip of the pen is named, and a secret stays one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from duehook.core.testing.contract.marks import bronze
from duehook.core.testing.contract.under_test import Connector

pytestmark = bronze
SOUNDS_SECRET = re.compile(r"password|secret|passphrase|private_key|api_key")


def test_settings_survive_being_written_and_read_again(connector: Connector) -> None:
    held = connector.config.settings
    written = json.dumps(held.model_dump(mode="json", exclude_unset=True) | _revealed(held))
    assert type(held).model_validate(json.loads(written)) == held


def test_a_setting_that_does_not_exist_is_refused_by_name(connector: Connector) -> None:
    model = type(connector.config.settings)
    with pytest.raises(ValidationError, match="no_such_setting"):
        model.model_validate({**connector.settings, "no_such_setting": 1})


def test_what_sounds_secret_is_typed_as_secret(connector: Connector) -> None:
    found = [name for name, held in _fields(connector.config.settings) if SOUNDS_SECRET.search(name)]
    shown = [name for name, held in _fields(connector.config.settings) if isinstance(held, str) and name in found]
    assert shown == [], "make these SecretStr"


def test_no_secret_shows_in_what_is_printed_of_the_settings(connector: Connector) -> None:
    held = connector.config.settings
    secrets = [each.get_secret_value() for _, each in _fields(held) if isinstance(each, SecretStr)]
    printed = f"{held!r} {held} {connector.config!r}"
    assert [each for each in secrets if each and each in printed] == []


def _fields(settings: BaseModel) -> Iterator[tuple[str, Any]]:
    for name in type(settings).model_fields:
        held = getattr(settings, name)
        yield name, held
        if isinstance(held, BaseModel):
            yield from _fields(held)


def _revealed(settings: BaseModel) -> dict[str, Any]:
    """Return the settings that hold secrets with the secrets in them, as a file would."""
    found: dict[str, Any] = {}
    for name in settings.model_fields_set:
        held = getattr(settings, name)
        if isinstance(held, SecretStr):
            found[name] = held.get_secret_value()
        elif isinstance(held, BaseModel):
            found[name] = held.model_dump(mode="json", exclude_unset=True) | _revealed(held)
    return found
