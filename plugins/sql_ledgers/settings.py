"""What duehook.yaml says of a connection to a ledger that is read by SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from duehook.core.settings.connector import Codes, ConnectorSettings, nested
from duehook.core.settings.values import Zone
from duehook.core.wire.sql import DialectName

EventType = Literal["NOTE", "HOLD", "PROMISE", "DISPUTE", "BLOCK", "LEVEL"]
EVENTS: Final[tuple[EventType, ...]] = ("NOTE", "HOLD", "PROMISE", "DISPUTE", "BLOCK", "LEVEL")
NAME: Final = r"^[^\"\[\];']{1,128}$"
FLAT: Final = {"odbc": "connection_string", "files": "tables"}


def listed(value: Any) -> Any:
    """Take JSON text as what it says, and words with commas between them as a list: settings may come as plain text."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") else [part.strip() for part in value.split(",") if part.strip()]


class CompanySettings(ConnectorSettings):
    """A company of the ERP, where no table says what it is called and which currency it has."""

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class StagingSettings(ConnectorSettings):
    """The site's own table that rows are queued in, and what its program carries out of it.

    `table` stands in `schema`, else in `data_schema`. A write looks for `look_seconds` whether the program has carried
    it out; that may take `patience_hours`, then a person is asked. `user` and `password` are those who may add rows,
    where the reading user may not.
    """

    table: str = Field("CMOUT", pattern=NAME)
    schema_: str | None = Field(None, alias="schema", pattern=NAME)
    events: Annotated[tuple[EventType, ...], BeforeValidator(listed)] = EVENTS
    look_seconds: float = Field(2, ge=0, le=60)
    patience_hours: float = Field(24, gt=0, le=720)
    connection_string: SecretStr | None = None
    user: str | None = None
    password: SecretStr | None = None


class HoldSettings(ConnectorSettings):
    """Which holds the connection may set; another's is neither overwritten nor released."""

    values: Annotated[tuple[str, ...], BeforeValidator(listed)] = ("Y",)


class SqlLedgerSettings(ConnectorSettings):
    """One database of an ERP, read over ODBC (`connection_string`, or `dsn` with `user` and `password`).

    `data_schema` is the library or owner of the ERP's tables; `timezone` the zone of the machine that stamps rows.
    `template` is the site's own copy of the connector's ledger.yaml, counted from the folder of duehook.yaml; `columns`
    and `tables` name what the template leaves to the site, "" what the site does not have; `codes` go over its lists.
    `companies` are those that no table names. `ccsid` casts every text on Db2 for i whose files are tagged 65535.
    Without `staging` nothing is written.
    """

    connection_string: SecretStr | None = None
    dsn: str | None = Field(None, pattern=r"^[^;{}]+$")
    user: str | None = None
    password: SecretStr | None = None
    dialect: DialectName = "db2i"
    data_schema: str = Field(pattern=NAME)
    timezone: Zone = "UTC"
    ccsid: int | None = Field(None, ge=1, le=65534)
    page_size: int = Field(5_000, ge=1, le=20_000)
    login_seconds: int = Field(15, ge=1)
    statement_seconds: float = Field(300, gt=0)
    lookback_days: int = Field(1, ge=0, le=366)
    history_months: int = Field(24, ge=0, le=600)
    clock_query: str | None = None
    template: str | None = Field(None, min_length=1)
    columns: dict[str, str] = Field(default_factory=dict)
    tables: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, Annotated[dict[str, str | None], Codes]] = Field(default_factory=dict)
    companies: Annotated[tuple[CompanySettings, ...], BeforeValidator(listed)] = ()
    staging: StagingSettings | None = None
    hold: HoldSettings = Field(default_factory=HoldSettings)

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `columns.hold: …` as `columns: {hold: …}`, and the dialect of a driver made for one database."""
        made = nested(nested(data), FLAT)
        text = made.get("connection_string") if isinstance(made, Mapping) else None
        if isinstance(text, str) and "dialect" not in made:
            found = [name for name in ("sqlite", "postgresql") if name in text.lower()]
            made |= {"dialect": found[0]} if found else {}
        return made

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.connection_string and not self.dsn:
            raise ValueError("say how the database is read: connection_string, or dsn with user and password")
        if self.connection_string and self.dsn:
            raise ValueError("connection_string and dsn exclude each other")
        if self.ccsid and self.dialect != "db2i":
            raise ValueError("ccsid is for the dialect db2i")
        return self

    @property
    def history_days(self) -> int:
        """Return how far back of the first reading closed rows are given."""
        return self.history_months * 365 // 12

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone that change stamps are written in."""
        return ZoneInfo(self.timezone)

    def names(self) -> Mapping[str, str]:
        """Return what a template may name as `{name}` beside the site's own columns and tables."""
        return {}

    def values(self) -> Mapping[str, Any]:
        """Return what a template may name as `:name` beside the days: the settings that only some types have."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name not in SqlLedgerSettings.model_fields
        }
