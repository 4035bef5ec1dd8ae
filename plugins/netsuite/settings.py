"""What duehook.yaml says of a NetSuite account.

What differs from account to account, and what the documents leave open, is a setting with the usual value,
and `check` tries it. A name with a dot, such as `promise.date_field`, is the nested one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator

from duehook.core.records import AllocationKind, CustomerState, ItemClass, Purpose
from duehook.core.settings.connector import Codes, ConnectorSettings, nested

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
NAME: Final = r"^[A-Za-z][A-Za-z0-9_]{0,127}$"
COLUMN: Final = r"^[A-Za-z][A-Za-z0-9_]*\.[A-Za-z][A-Za-z0-9_]*$"
HoldValue = Literal["ON", "OFF"]
MOST: Final = 1_000  # rows that SuiteQL gives at once
_TBA: Final = ("consumer_key", "consumer_secret", "token_id", "token_secret")
_OAUTH2: Final = ("client_id", "certificate_id", "private_key_file")
_SETTLING: Final[dict[str, AllocationKind]] = {
    "CustPymt": "cash", "CustDep": "cash", "DepAppl": "cash", "CustRfnd": "cash", "CustCred": "credit",
    "Journal": "credit",
}  # fmt: skip


class CodeLists(ConnectorSettings):
    """What the account's codes mean; lists are named by their internal ids, transaction types by their codes.

    `dispute_value` says which value of a dispute field that is a list a reason of ours is written with.
    """

    class_by_field: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    class_by_type: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    class_by_terms: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    allocation_by_type: Annotated[dict[str, AllocationKind], Codes] = Field(default_factory=_SETTLING.copy)
    state_by_status: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    state_by_category: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    purpose_by_contact_role: Annotated[dict[str, Purpose], Codes] = Field(default_factory=dict)
    dispute_by_value: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    dispute_value: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    level_by_value: Annotated[dict[str, int], Codes] = Field(default_factory=dict)
    language: Annotated[dict[str, str], Codes] = Field(default_factory=dict)


class InstalmentColumns(ConnectorSettings):
    """The columns of the table of instalments, for accounts that call them otherwise."""

    transaction: str = Field("transaction", pattern=NAME)
    number: str = Field("seqnum", pattern=NAME)
    due: str = Field("duedate", pattern=NAME)
    amount: str = Field("amount", pattern=NAME)
    open_amount: str = Field("amountdue", pattern=NAME)
    company_amount: str | None = Field(None, pattern=NAME)
    company_open_amount: str | None = Field(None, pattern=NAME)


class PromiseFields(ConnectorSettings):
    """The custom body fields of invoices that take a promise to pay."""

    date_field: str = Field(pattern=NAME)
    amount_field: str | None = Field(None, pattern=NAME)


class DisputeFields(ConnectorSettings):
    """The custom body field of invoices that takes a dispute: free text, or a list."""

    field: str = Field(pattern=NAME)


class DunningFields(ConnectorSettings):
    """The body fields in which NetSuite's own letters, a SuiteApp, keep what they sent: level, day, and a pause (T)."""

    level_field: str = Field(pattern=NAME)
    date_field: str | None = Field(None, pattern=NAME)
    paused_field: str | None = Field(None, pattern=NAME)


class OnlyCompany(ConnectorSettings):
    """The company of an account without OneWorld: under which id, name and currency it goes."""

    id: str = Field("1", pattern=r"^[1-9]\d{0,17}$")
    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class HoldSettings(ConnectorSettings):
    """Which values of Hold (creditHoldOverride) may be set; AUTO is none."""

    values: tuple[HoldValue, ...] = Field(("ON",), min_length=1)


class NetsuiteSettings(ConnectorSettings):
    """One NetSuite account.

    Sign-in by a token (`consumer_key`, `consumer_secret`, `token_id`, `token_secret`), or by OAuth 2.0 with a
    certificate (`client_id`, `certificate_id`, `private_key_file`, a PEM). `base_url` is written where it is not the
    account's own host. `timezone` is the account's: change stamps are in it. `companies` limits what is read to these
    subsidiaries, by internal id; an account without OneWorld has none: `company` (`id`, `name`, `currency`) is what its
    company goes by. `class_field` is the custom body field that tells direct debits, drafts and the like from other
    invoices, by `codes.class_by_field`. `missing_columns` (`transaction.otherrefnum`) are not asked for:
    columns that the account's features or the role's permissions leave out; `check` names them. `test_customer`
    (`3/1205`) is one that `check` may write to: its own hold again, and a marked note. `read_by: soap` reads and writes
    by SuiteTalk in the place of SuiteQL and the record API; `wsdl_folder` keeps the account's WSDL.
    """

    account: str = Field(pattern=r"^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$")
    base_url: str | None = Field(None, pattern=URL)
    timezone: str
    sign_in: Literal["tba", "oauth2"] | None = None
    consumer_key: str | None = Field(None, min_length=1)
    consumer_secret: SecretStr | None = None
    token_id: str | None = Field(None, min_length=1)
    token_secret: SecretStr | None = None
    client_id: str | None = Field(None, min_length=1)
    certificate_id: str | None = Field(None, min_length=1)
    private_key_file: Path | None = None
    private_key_passphrase: SecretStr | None = None
    ca_file: str | None = None
    read_by: Literal["suiteql", "soap"] = "suiteql"
    wsdl_folder: str | None = Field(None, min_length=1)
    companies: tuple[str, ...] = ()
    company: OnlyCompany | None = None
    accounting_book: str = Field("1", pattern=r"^\d+$")
    deposits: bool = True
    journals: bool = True
    class_field: str | None = Field(None, pattern=NAME)
    instalments_table: str | None = Field(None, pattern=NAME)
    instalment_columns: InstalmentColumns = Field(default_factory=InstalmentColumns)
    rates_table: str | None = Field(None, pattern=NAME)
    address_table: str | None = Field("entityaddress", pattern=NAME)
    missing_columns: tuple[Annotated[str, Field(pattern=COLUMN)], ...] = ()
    page_size: int = Field(MOST, ge=1, le=MOST)
    lookback_days: int = Field(1, ge=1, le=366)
    history_months: int = Field(24, ge=0, le=600)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(120, gt=0, le=600)
    patience_seconds: float = Field(120, gt=0, le=3600)
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1, le=4)
    notes: Literal["note", "phonecall"] | None = "note"
    hold: HoldSettings | None = Field(default_factory=HoldSettings)
    dunning: DunningFields | None = None
    promise: PromiseFields | None = None
    dispute: DisputeFields | None = None
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")
    test_customer: str | None = Field(None, pattern=r"^\d+/\d+$")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `promise.date_field: …` as `promise: {date_field: …}`."""
        return nested(data)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; write the account's as America/Los_Angeles")
        return name

    @field_validator("companies")
    @classmethod
    def _are_ids(cls, companies: tuple[str, ...]) -> tuple[str, ...]:
        for each in companies:
            if not (each.isascii() and each.isdigit()):
                raise ValueError(f"{each!r} is no subsidiary's internal id; write its number")
        return companies

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        names = {"tba": _TBA, "oauth2": _OAUTH2}[self.signs_in_by]
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise ValueError(f"sign-in by {self.signs_in_by} also needs {', '.join(missing)}")
        if self.sign_in is None and self.client_id and self.consumer_key:
            raise ValueError("say which sign-in counts: `sign_in: tba` or `sign_in: oauth2`")
        if self.read_by == "soap" and self.signs_in_by != "tba":
            raise ValueError("SOAP knows no OAuth 2.0: `read_by: soap` goes with `sign_in: tba`")
        return self

    @model_validator(mode="after")
    def _is_of_suiteql(self) -> Self:
        if self.company and self.companies:
            raise ValueError("`company` is for an account without OneWorld, which has no `companies`")
        if self.company and self.read_by == "soap":
            raise ValueError("an account without OneWorld (`company`) is not read by SOAP: leave out `read_by`")
        if self.rates_table and self.read_by == "soap":
            raise ValueError("rates are not read by SOAP: leave out `rates_table`")
        return self

    @property
    def signs_in_by(self) -> Literal["tba", "oauth2"]:
        """Return how the connection signs in: as it says, else by what it has."""
        return self.sign_in or ("oauth2" if self.client_id and not self.consumer_key else "tba")

    @property
    def realm(self) -> str:
        """Return the account as tokens name it: 1234567_SB1."""
        return self.account.upper().replace("-", "_")

    @property
    def root(self) -> str:
        """Return the address of the account's services without a slash at its end."""
        host = self.account.lower().replace("_", "-")
        return (self.base_url or f"https://{host}.suitetalk.api.netsuite.com").rstrip("/")

    @property
    def zone(self) -> ZoneInfo:
        """Return the account's time zone."""
        return ZoneInfo(self.timezone)
