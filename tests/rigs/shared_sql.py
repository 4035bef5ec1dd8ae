"""Books that are opened in one process share what SQLAlchemy compiles.

Each test opens books of its own, and an engine of its own would compile the same statements anew for it. So an
engine takes over the dialect of the first of its kind that has met its server, and the statements compiled for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine

from duehook.core.books import Books


class SharedSql:
    """The dialects and compiled statements that engines have in common."""

    def __init__(self) -> None:
        self._dialects: dict[str, Dialect] = {}
        self._compiled: dict[Any, Any] = {}

    def join(self, engine: Engine) -> None:
        """Let an engine use what the others did, or be the one whose dialect the next ones take."""
        held = self._dialects.get(engine.dialect.name)
        if held is None or getattr(held, "server_version_info", None) is None:
            self._dialects[engine.dialect.name] = engine.dialect
            return
        engine.dialect = held
        engine.update_execution_options(compiled_cache=self._compiled)


@contextmanager
def sharing() -> Iterator[None]:
    """Let all books that are opened in the block share."""
    shared, opening = SharedSql(), Books.open

    def open(url: str, base: Path | None = None) -> Books:
        books = opening(url, base)
        shared.join(books.engine)
        return books

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Books, "open", open)
        yield
