"""A ledger with the ERP's own tables, and the sources that a test opens on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from duehook.plugins.jde.sources import JdeSource

from .ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "jde.db")) as made:
        yield made


@pytest.fixture
def opened() -> Iterator[list[JdeSource]]:
    sources: list[JdeSource] = []
    yield sources
    for source in sources:
        source.close()
