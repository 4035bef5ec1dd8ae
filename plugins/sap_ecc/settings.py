"""What duehook.yaml says of an SAP ECC connection.

What differs from system to system, and what the dossier could not prove, is a setting with the usual value, and
`check` tries it. A name with a dot, such as `soap.path`, is the nested one.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from duehook.core.settings.connector import Codes, ConnectorSettings
from duehook.plugins.sap_lines.codes import CodeLists, CompanyFacts, TermFacts

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
NAME: Final = r"^[A-Za-z0-9_/]+$"
_LANGUAGES: Final[dict[str, str]] = {"E": "en", "D": "de", "F": "fr", "S": "es", "I": "it", "N": "nl"}


def _told(held: Any) -> Any:
    """Read what comes as JSON in a text, for settings that come as plain text."""
    return json.loads(held) if isinstance(held, str) and held.lstrip().startswith(("{", "[")) else held


class EccCodes(CodeLists):
    """What the site's codes mean; languages are SAP's own, of one letter (SPRAS)."""

    language: Annotated[dict[str, str], Codes] = Field(default_factory=_LANGUAGES.copy)


class SoapSettings(ConnectorSettings):
    """Where SOAMANAGER has published the functions: {name} is a function's name in small letters."""

    path: str = Field("/sap/bc/srt/rfc/sap", pattern=r"^/[^\s?#]*[^\s?#/]$")
    service: str = "{name}"
    binding: str = "{name}"


class FunctionSettings(ConnectorSettings):
    """A function module of the site: what its parameters are called by what they take.

    `returns` is where it says what became of it, `tables` are empty ones that must be sent to be returned; `table`,
    `mark` and `text` name what a reader gives.
    """

    name: str = Field(pattern=NAME)
    parameters: Annotated[dict[str, str], BeforeValidator(_told)] = Field(default_factory=dict)
    returns: str = "RETURN"
    tables: tuple[str, ...] = ()
    table: str = "NOTES"
    mark: str = "MARK"
    text: str = "TEXT"


READERS: Final = {"add_note": "read_notes", "set_promise": "read_promises", "set_dispute": "read_disputes"}


class Functions(ConnectorSettings):
    """The site's own function modules: ECC has none of its own that writes such things and is released."""

    set_credit_hold: FunctionSettings | None = None
    release_credit_hold: FunctionSettings | None = None
    add_note: FunctionSettings | None = None
    set_dunning_block: FunctionSettings | None = None
    set_dunning_level: FunctionSettings | None = None
    set_promise: FunctionSettings | None = None
    set_dispute: FunctionSettings | None = None
    read_notes: FunctionSettings | None = None
    read_promises: FunctionSettings | None = None
    read_disputes: FunctionSettings | None = None

    @model_validator(mode="after")
    def _can_be_looked_for(self) -> Self:
        for write, read in READERS.items():
            if getattr(self, write) is not None and getattr(self, read) is None:
                raise ValueError(f"functions.{write} needs functions.{read}, by which what was written is found again")
        if (self.set_credit_hold is None) != (self.release_credit_hold is None):
            raise ValueError("functions.set_credit_hold and functions.release_credit_hold go together")
        return self


class EccSettings(ConnectorSettings):
    """One ECC system and client.

    `transport` soap needs `base_url`; rfc needs `host` and an RFC library that the site installs. `read_table` is the
    function that reads tables, or the site's own copy of it. `companies` limits what is read; the fields of T001 stand
    behind what it says. `credit_area` is the credit control area whose limit and block count, where a customer has more
    than that of his company code. `commit` calls BAPI_TRANSACTION_COMMIT behind each write.
    """

    transport: Literal["soap", "rfc"] = "soap"
    base_url: str | None = Field(None, pattern=URL)
    host: str | None = None
    system_number: str = Field("00", pattern=r"^\d{2}$")
    rfc_library: str = Field("pyrfc", min_length=1)
    client: str = Field(pattern=r"^\d{3}$")
    user: str = Field(min_length=1)
    password: SecretStr
    ca_file: str | None = None
    soap: SoapSettings = Field(default_factory=SoapSettings)
    read_table: str = Field("RFC_READ_TABLE", pattern=NAME)
    delimiter: str = Field("|", max_length=1)
    companies: Annotated[dict[str, CompanyFacts], BeforeValidator(_told)] = Field(default_factory=dict)
    terms: Annotated[dict[str, TermFacts], BeforeValidator(_told)] = Field(default_factory=dict)
    page_size: int = Field(5_000, ge=1, le=10_000)
    lookback_days: int = Field(1, ge=1, le=366)
    full_customers_days: int = Field(7, ge=1, le=366)
    history_months: int = Field(24, ge=0, le=600)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(300, gt=0, le=600)
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1)
    credit_area: str | None = Field(None, max_length=4)
    functions: Functions = Field(default_factory=Functions)
    commit: bool = True
    codes: EccCodes = Field(default_factory=EccCodes)

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `functions.add_note.name: …` as `functions: {add_note: {name: …}}`, however deep."""
        return _nested(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _reaches(self) -> Self:
        if self.transport == "soap" and not self.base_url:
            raise ValueError("base_url is missing, which transport soap needs")
        if self.transport == "rfc" and not self.host:
            raise ValueError("host is missing, which transport rfc needs")
        return self


def _nested(data: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, held in data.items():
        *outer, inner = str(name).split(".")
        at = made
        for part in outer:
            at[part] = dict(at.get(part) or {})
            at = at[part]
        at[inner] = held
    return made
