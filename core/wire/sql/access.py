"""What a connection's settings say of its database."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from .dialects import DialectName


class Access(Protocol):
    """What a connection's settings say of its database."""

    @property
    def dialect(self) -> DialectName:
        """Return how the database is spoken to."""

    @property
    def connection_string(self) -> SecretStr | None:
        """Return the whole ODBC connection string, where there is one."""

    @property
    def dsn(self) -> str | None:
        """Return the data source, where there is no connection string."""

    @property
    def user(self) -> str | None:
        """Return who signs in there."""

    @property
    def password(self) -> SecretStr | None:
        """Return the user's password."""

    @property
    def data_schema(self) -> str:
        """Return the schema or library of the ERP's tables."""

    @property
    def login_seconds(self) -> int:
        """Return how long signing in may take."""

    @property
    def statement_seconds(self) -> float:
        """Return how long a statement may take."""
