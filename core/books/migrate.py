"""Bring the books to this version's tables with alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from duehook.core.errors import ConfigError

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_246_001


def config(tx: Connection | None = None) -> Config:
    """Return alembic's configuration for the scripts that ship with Duehook."""
    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.attributes["connection"] = tx
    return settings


def head() -> str:
    """Return the newest revision this version knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current(tx: Connection) -> str | None:
    """Return the revision the books are at; None for empty books."""
    return MigrationContext.configure(tx).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade the books in one transaction; two at once wait for each other.

    Raises ConfigError when the books were made by a newer Duehook.
    """
    with engine.connect().execution_options(duehook_write="durable") as tx, tx.begin():
        if engine.dialect.name == "postgresql":
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _refuse_newer(tx)
        command.upgrade(config(tx), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the books back to an earlier revision; `base` empties them."""
    with engine.connect().execution_options(duehook_write="durable") as tx, tx.begin():
        command.downgrade(config(tx), revision)


def _refuse_newer(tx: Connection) -> None:
    at = current(tx)
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if at is not None and at not in known:
        raise ConfigError(
            f"the books are at revision {at}, which is newer than this Duehook ({head()}); nothing was changed.",
            fix="install the version that wrote them, or a later one.",
        )
