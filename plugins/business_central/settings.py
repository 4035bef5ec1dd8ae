"""What duehook.yaml says of a Business Central connection.

What differs from site to site, and what could not be proved beforehand, is a setting with the usual value, and
`check` tries it. A name with a dot, such as `hold.values`, is the nested one.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind
from duehook.core.settings.connector import CodeListSettings, Codes, ConnectorSettings, nested
from duehook.core.settings.entra import URL, EntraSettings

CLOUD: Final = "https://api.businesscentral.dynamics.com"
SERVICE: Final = r"^[A-Za-z_]\w{0,127}$"
COLUMN: Final = r"^[A-Za-z_]\w{0,127}$"
HoldValue = Literal["Ship", "Invoice", "All"]
_KINDS: Final[dict[str, ItemKind]] = {
    "Invoice": "invoice", "Credit Memo": "credit_note", "Payment": "on_account", "Refund": "on_account",
    "Finance Charge Memo": "fee", "Reminder": "fee",
}  # fmt: skip
_SETTLING: Final[dict[str, AllocationKind]] = {
    "Application": "cash", "Payment Discount": "discount", "Payment Discount Tolerance": "discount",
    "Payment Tolerance": "write_off", "Appln. Rounding": "write_off",
}  # fmt: skip


class CodeLists(CodeListSettings):
    """What the site's codes mean.

    Document types and kinds of detailed entries stand under the names that Business Central shows. A cash application
    whose other side is no payment is a credit. `status_by_reason` says which dispute status a reason of ours is
    written as; without it, the reason in capitals.
    """

    kind_by_type: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=_KINDS.copy)
    allocation_by_type: Annotated[dict[str, AllocationKind], Codes] = Field(default_factory=_SETTLING.copy)
    class_by_payment_method: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    state_by_salesperson: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    dispute_by_status: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    status_by_reason: Annotated[dict[str, str], Codes] = Field(default_factory=dict)


class HoldSettings(ConnectorSettings):
    """Which values of Blocked may be set; `check` refuses All, which stops cash from being posted (rule 25)."""

    values: tuple[HoldValue, ...] = Field(("Ship", "Invoice"), min_length=1)


class BusinessCentralSettings(EntraSettings):
    """One environment of Business Central.

    `base_url` stands for `https://api.businesscentral.dynamics.com/v2.0/<tenant>/<environment>`, which is what
    `tenant` and `environment` make where it is not written. `companies` limits what is read to these, by name or id;
    `company_currencies` says a company's currency, by name or id, where companyInformation does not.

    API v2.0 has no posted payments and no ledger entries: the pages 25 and 573, published as OData web services, are
    named as `ledger_entries` and `detailed_entries`; page 124 as `comments`, for notes. `promise` and `dispute` are the
    columns of page 25 that take a promised day and a dispute status; `on_hold` is the code that a dunning block is
    written as into its On_Hold. None: not read, not written. `test_customer` (`CRONUS/10000`) is one that `check`
    may write to: its own Blocked again, and a marked note.
    """

    extra: ClassVar[str] = "business-central"

    base_url: str | None = Field(None, pattern=URL)
    environment: str | None = Field(None, pattern=r"^[^\s/?#]+$")
    ca_file: str | None = None
    companies: tuple[str, ...] = ()
    company_currencies: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    ledger_entries: str | None = Field(None, pattern=SERVICE)
    detailed_entries: str | None = Field(None, pattern=SERVICE)
    comments: str | None = Field(None, pattern=SERVICE)
    promise: str | None = Field(None, pattern=COLUMN)
    dispute: str | None = Field(None, pattern=COLUMN)
    on_hold: str | None = Field(None, min_length=1, max_length=3)
    page_size: int = Field(5_000, ge=1, le=20_000)
    lookback_days: int = Field(1, ge=1, le=366)
    history_months: int = Field(24, ge=0, le=600)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(120, gt=0, le=600)
    patience_seconds: float = Field(120, gt=0, le=3600)
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1, le=5)
    hold: HoldSettings | None = Field(default_factory=HoldSettings)
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")
    test_customer: str | None = Field(None, pattern=r"^.+/[^/]+$")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `hold.values: …` as `hold: {values: …}`."""
        return nested(data, {"state_by_salesperson": "codes.state_by_salesperson"})

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.base_url and not (self.tenant and self.environment):
            raise ValueError("say where it is: tenant and environment, or base_url")
        if self.detailed_entries and not self.ledger_entries:
            raise ValueError("detailed_entries are read beside ledger_entries: name both web services")
        return self

    @property
    def root(self) -> str:
        """Return the address of the environment without a slash at its end."""
        return (self.base_url or f"{CLOUD}/v2.0/{self.tenant}/{self.environment}").rstrip("/")

    @property
    def scopes(self) -> list[str]:
        """Return what a token is asked for: Business Central itself, whatever the environment."""
        return [self.scope or f"{CLOUD}/.default"]

    def reads(self, identity: str, name: str) -> bool:
        """Say whether a company is among those that are read."""
        wanted = {each.casefold() for each in self.companies}
        return not wanted or identity.casefold() in wanted or name.casefold() in wanted

    def currency_of(self, identity: str, name: str) -> str | None:
        """Return a company's currency, where the settings say it."""
        return self.company_currencies.get(identity) or self.company_currencies.get(name)
