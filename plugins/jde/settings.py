"""What duehook.yaml says of a JD Edwards connection.

Marks of the site that nobody can know from outside (signs, scales, code lists) are settings with
the usual value; `check` tries them on the data. A flat list of settings will do as well: a name with a
dot, such as `ais.base_url`, is the nested one, and FLAT holds the short names that a simulator prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator

from duehook.core.records import CustomerState, ItemClass, ItemKind, Purpose
from duehook.core.settings.connector import CodeListSettings, Codes, ConnectorSettings, nested
from duehook.core.settings.values import Zone
from duehook.core.wire.sql import DialectName

from . import tables
from .writing.settings import DisputeSettings, NoteSettings, PromiseSettings

Sign = Literal["auto", "negative", "positive"]
DayForm = Literal["yyyyMMdd", "yyyy-MM-dd", "MM/dd/yyyy", "dd/MM/yyyy", "dd.MM.yyyy", "CYYDDD"]
FLAT: Final = {  # names for settings that come as a flat list, such as the simulator's
    "odbc": "connection_string",
    "ais_url": "ais.base_url",
    "ais_user": "ais.username",
    "ais_password": "ais.password",
    "ais_environment": "ais.environment",
    "ais_role": "ais.role",
    "hold_orchestration": "ais.hold_orchestration",
}
CODE_LIST: Final = r"^\w{1,4}/\w{1,2}$"
SCHEMA: Final = r"^[^\"\[\];]{1,128}$"
_KINDS: Final[dict[str, ItemKind]] = {
    "RI": "invoice",
    "RM": "credit_note",
    "RU": "on_account",
    "RF": "fee",
    "RB": "chargeback",
    "R5": "chargeback",
    "R1": "invoice",
}
_CLASSES: Final[dict[str, ItemClass]] = {"RB": "chargeback", "R5": "chargeback", "R1": "draft"}
_STATUSES: Final[dict[str, ItemClass]] = {"R": "retainage", "D": "draft", "E": "draft", "G": "draft", "X": "draft"}
_DISPUTES: Final[dict[str, str]] = {
    "DA": "disputed",
    "DG": "damaged goods",
    "GR": "goods returned",
    "PD": "price",
    "SS": "short shipment",
}
# What JDE reckons by: no promise and no dispute may stand there.
_LEDGERS: Final = {column.name for column in tables.ITEM.columns} - {"RPCORC", "RPVR01", "RPRMK"}
_LANGUAGES: Final[dict[str, str]] = {"E": "en", "F": "fr", "G": "de", "S": "es", "I": "it", "DU": "nl"}


class DataServiceSettings(ConnectorSettings):
    """How the AIS data service is asked for rows, and how it writes them.

    `page_size` is its maxPageSize; `list_size` how many values one condition names. `days` is how a date
    comes, `days_asked` how one is written into a condition. `amounts`: whether their decimals are `applied`
    or they come as `stored`. `order`: rows are asked for in key order, or come so by themselves.
    """

    page_size: int = Field(500, ge=1, le=10_000)
    list_size: int = Field(100, ge=1, le=1_000)
    days: DayForm = "yyyyMMdd"
    days_asked: DayForm = "yyyyMMdd"
    amounts: Literal["applied", "stored"] = "applied"
    order: Literal["asked", "native"] = "asked"


class AisSettings(ConnectorSettings):
    """How the AIS server is reached, and what it is asked to do there.

    `device_name` ties the token to a name instead of to this machine's address. `hold_orchestration`
    names the orchestration that sets F03012.HOLD; without it holds are not written. `test_address`
    is an address-book number that `check` may write a marked note to.
    """

    base_url: str = Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")
    username: str = Field(min_length=1)
    password: SecretStr
    device_name: str = Field("duehook", min_length=1, max_length=40)
    environment: str | None = None
    role: str | None = "*ALL"
    token_minutes: float = Field(20, gt=0, le=24 * 60)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(60, gt=0, le=60)  # the first look at a lost reply comes a minute after it
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1)
    note_structure: str = "ABGT"
    note_form: str = "P01012_W01012A"
    note_version: str = "ZJDE0001"
    note_name: str = "Collections"
    hold_orchestration: str | None = Field(None, pattern=r"^[\w.\- ]+$")
    test_address: int | None = Field(None, gt=0)
    data_service: DataServiceSettings = Field(default_factory=lambda: DataServiceSettings())

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `data_service.page_size: …` as `data_service: {page_size: …}`."""
        return nested(data)


class CodeLists(CodeListSettings):
    """What the site's codes mean: document types, pay statuses, instruments and the like."""

    kind_by_document_type: Annotated[Mapping[str, ItemKind], Codes] = Field(default_factory=_KINDS.copy)
    class_by_document_type: Annotated[Mapping[str, ItemClass], Codes] = Field(default_factory=_CLASSES.copy)
    class_by_pay_status: Annotated[Mapping[str, ItemClass], Codes] = Field(default_factory=_STATUSES.copy)
    class_by_instrument: Annotated[Mapping[str, ItemClass], Codes] = Field(default_factory=dict)
    posted: Annotated[Mapping[str, str], Codes] = Field(default_factory=lambda: {"D": "posted"})
    block_by_pay_status: Annotated[Mapping[str, str], Codes] = Field(default_factory=lambda: {"H": "held"})
    dispute_by_pay_status: Annotated[Mapping[str, str], Codes] = Field(default_factory=lambda: {"T": "disputed taxes"})
    dispute_by_reason: Annotated[Mapping[str, str], Codes] = Field(default_factory=_DISPUTES.copy)
    state_by_search_type: Annotated[Mapping[str, CustomerState], Codes] = Field(default_factory=dict)
    state_by_credit_message: Annotated[Mapping[str, CustomerState], Codes] = Field(default_factory=dict)
    purpose_by_contact_type: Annotated[Mapping[str, Purpose], Codes] = Field(default_factory=dict)
    language: Annotated[Mapping[str, str], Codes] = Field(default_factory=_LANGUAGES.copy)
    country: Annotated[Mapping[str, str], Codes] = Field(default_factory=dict)


class JdeSettings(ConnectorSettings):
    """One JD Edwards EnterpriseOne database, and the AIS server beside it.

    It is read over ODBC (`connection_string`, or `dsn` with `user` and `password`), or by the AIS data service
    where only `ais` is given; `read_by` says which where both are. `timezone` is the zone of the
    machine that stamps UPMJ and UPMT. `ccsid` casts every text on Db2 for i whose files are tagged
    65535. `dialect` has a default in form only: it must be said unless the connection string names
    a driver made for one database. `amounts`: `currency` scales by F0013, `hundredths` by two decimals
    always, `plain` where the files show real decimals. `mapping` counts from the folder of duehook.yaml; its
    code lists go over `codes`. `notes`, `promise` and `dispute` say how these are written through AIS; without
    `promise` or `dispute` the site has no place for them.
    """

    read_by: Literal["odbc", "ais"] = "odbc"
    connection_string: SecretStr | None = None
    dsn: str | None = Field(None, pattern=r"^[^;{}]+$")
    user: str | None = None
    password: SecretStr | None = None
    dialect: DialectName = "oracle"
    data_schema: str = Field("", pattern=SCHEMA)
    control_schema: str | None = Field(None, pattern=SCHEMA)
    timezone: Zone = "UTC"
    ccsid: int | None = Field(None, ge=1, le=65534)
    page_size: int = Field(5_000, ge=1, le=50_000)
    login_seconds: int = Field(15, ge=1)
    statement_seconds: int = Field(300, ge=1)
    lookback_days: int = Field(1, ge=0, le=366)
    history_months: int = Field(24, ge=0, le=600)
    clock_query: str | None = None
    amounts: Literal["currency", "hundredths", "plain"] = "currency"
    currency_decimals: Annotated[dict[str, int], Codes] = Field(default_factory=dict)
    f03b14_sign: Sign = "auto"
    rate_decimals: int = Field(0, ge=0, le=15)
    rate_method: Literal["multiply", "divide"] = "multiply"
    discount_percent_decimals: int = Field(1, ge=-2, le=7)
    credit_limit_decimals: int = Field(0, ge=0, le=4)
    credit_limit_zero: Literal["none", "zero"] = "none"
    parent_structure: str = Field("", pattern=r"^\w{0,3}$")
    notice_flag_blocks: bool = True
    collector_codes: str | None = Field("01/CL", pattern=CODE_LIST, description="the codes (F0005) of collectors")
    credit_manager_codes: str | None = Field("01/CR", pattern=CODE_LIST, description="those of credit managers")
    reminder_count: Literal["RMDS", "NBRR", "none"] = "RMDS"
    reminder_date: Literal["RDDJ", "RDSJ", "none"] = "RDDJ"
    codes: CodeLists = Field(default_factory=lambda: CodeLists())
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")
    ais: AisSettings | None = None
    notes: NoteSettings = Field(default_factory=lambda: NoteSettings())
    promise: PromiseSettings | None = None
    dispute: DisputeSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `ais.base_url: …` as `ais: {base_url: …}`, the dialect of a driver made for one database, the way."""
        made = nested(data, FLAT)
        if isinstance(made, dict) and "read_by" not in made and made.get("ais"):
            made |= {} if made.get("connection_string") or made.get("dsn") else {"read_by": "ais"}
        text = made.get("connection_string") if isinstance(made, dict) else None
        if isinstance(text, str) and "dialect" not in made:
            found = [name for name in ("sqlite", "postgresql") if name in text.lower()]
            made |= {"dialect": found[0]} if found else {}
        return made

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.read_by == "ais":
            if self.ais is None:
                raise ValueError("`read_by: ais` reads by the AIS data service: add `ais:` with base_url and user")
            return self
        if not self.connection_string and not self.dsn:
            raise ValueError(
                "say how the site is read: connection_string, or dsn with user and password; "
                "or `ais:` and no database, to read by the AIS data service"
            )
        if not self.data_schema:
            raise ValueError("data_schema must be said: the owner or library of the business data, such as PRODDTA")
        if "dialect" not in self.model_fields_set:
            raise ValueError("dialect must be said: db2i, oracle, sqlserver, sqlite or postgresql")
        if self.connection_string and self.dsn:
            raise ValueError("connection_string and dsn exclude each other")
        if self.ccsid and self.dialect != "db2i":
            raise ValueError("ccsid is for the dialect db2i")
        return self

    @model_validator(mode="after")
    def _apart(self) -> Self:
        columns = [column for part in (self.promise, self.dispute) if part for column in part.columns]
        shared = ", ".join(sorted({column for column in columns if columns.count(column) > 1}))
        if shared:
            raise ValueError(f"promise and dispute name {shared} twice: each value needs a column of its own")
        ledgers = ", ".join(sorted(_LEDGERS.intersection(columns)))
        if ledgers:
            raise ValueError(f"{ledgers} is JDE's own: name user-reserved columns, such as RPURDT or RPURC1")
        return self

    @property
    def history_days(self) -> int:
        """Return how far back of the first reading closed rows are given."""
        return self.history_months * 365 // 12

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone that change stamps are written in."""
        return ZoneInfo(self.timezone)
