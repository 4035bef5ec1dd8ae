"""What the writers ask of an account, by whichever way it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from duehook.plugins.netsuite.settings import NetsuiteSettings

Row = dict[str, Any]


class Records(Protocol):
    """Looks at records, changes and makes them."""

    def fields(self, kind: str) -> Mapping[str, Any]:
        """Return the fields of a type of record that the role sees; ConnectorRefused where it sees none."""

    def record(self, kind: str, key: str) -> Row | None:
        """Return a record; None when NetSuite says that there is none."""

    def patch(self, kind: str, key: str, values: Mapping[str, Any]) -> None:
        """Change fields of a record, once."""

    def put(self, kind: str, external: str, values: Mapping[str, Any]) -> None:
        """Make the record of an external id, or make it so, once."""


class WrittenSite(Protocol):
    """An account that is written to."""

    @property
    def settings(self) -> NetsuiteSettings:
        """Return the connection's settings."""

    @property
    def service(self) -> Records:
        """Return what its records are changed by."""

    def member(self, company: int, customer: int) -> Row | None:
        """Return a customer in a subsidiary with its hold; None where there is none."""

    def document(self, number: int) -> Row | None:
        """Return the type, customer and subsidiary of a document; None where there is none."""

    def close(self) -> None:
        """Hang up."""
