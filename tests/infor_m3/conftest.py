"""What tests of the simulated M3 ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .simulated import M3, running


@pytest.fixture
def m3(tmp_path: Path) -> Iterator[M3]:
    """Give an M3 of one's own."""
    with running(tmp_path) as found:
        yield found
