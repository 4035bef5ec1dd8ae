"""Documentation: what an ERP's admin must grant, what can be written, and what is not covered, are written down."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import gold
from duehook.core.testing.contract.under_test import Connector

pytestmark = gold


@pytest.fixture
def readme(connector: Connector) -> str:
    """Give the page beside the plugin's code."""
    file = connector.plugins.home(connector.type) / "README.md"
    assert file.exists(), f"{file.name} is missing beside the plugin's code"
    return file.read_text(encoding="utf-8")


def test_every_right_to_ask_for_is_documented(readme: str, erp: WrittenErp) -> None:
    assert erp.rights
    assert [right for right, word in erp.rights.items() if word not in readme] == []


def test_every_kind_of_write_is_documented_with_whether_it_can_be_done(readme: str) -> None:
    assert [kind for kind in get_args(CommandKind) if f"`{kind}`" not in readme] == []


def test_the_known_limits_are_documented(readme: str, erp: WrittenErp) -> None:
    assert "## Known limits" in readme
    assert [name for name, reason in erp.lacks.items() if reason not in " ".join(readme.split())] == []


def test_the_typed_mark_is_in_the_package(connector: Connector) -> None:
    home = connector.plugins.home(connector.type)
    assert [folder for folder in (home, *home.parents[:2]) if Path(folder, "py.typed").exists()] != []
