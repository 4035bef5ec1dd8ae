"""Commands as a person types them, where duehook.yaml lies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from duehook.core.cli import main

Out = pytest.CaptureFixture[str]


def run(*line: str, ends: int = 0) -> None:
    assert main(["--actor", "ann", *line]) == ends


def asked(capsys: Out, *line: str, ends: int = 0) -> Any:
    capsys.readouterr()
    run(*line, "--json", ends=ends)
    return json.loads(capsys.readouterr().out)
