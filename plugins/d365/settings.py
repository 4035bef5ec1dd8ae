"""What duehook.yaml says of a Dynamics 365 Finance & Operations connection.

What differs from site to site, and what the dossier could not prove, is a setting with the usual value,
and `check` tries it. A name with a dot, such as `sets.settlements`, is the nested one.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, model_validator

from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose
from duehook.core.settings.connector import CodeListSettings, Codes, ConnectorSettings, nested
from duehook.core.settings.entra import URL, EntraSettings

SET: Final = r"^[A-Za-z_]\w{0,127}$"
HoldValue = Literal["Invoice", "All", "Payment", "Requisition"]
_KINDS: Final[dict[str, ItemKind]] = {
    "Sales": "invoice", "Cust": "invoice", "Payment": "on_account", "Interest": "fee", "CollectionLetter": "fee",
}  # fmt: skip
_SETTLING: Final[dict[str, AllocationKind]] = {
    "Payment": "cash", "CashDisc": "discount", "WriteOff": "write_off", "Settlement": "deduction",
}  # fmt: skip
_LEVELS: Final[dict[str, int]] = {
    "CollectionLetter1": 1, "CollectionLetter2": 2, "CollectionLetter3": 3, "CollectionLetter4": 4, "Collection": 5,
}  # fmt: skip


class Sets(ConnectorSettings):
    """The entity sets' names, for sites that publish them under others; None: not there.

    `changed_transactions` (CustTransBiEntities) has the same rows as `transactions` with a change stamp;
    where it is named, transactions are read from it alone. `open_navigation` is the navigation from an open
    row to its transaction, as $metadata calls it; None reads the transactions by key.
    """

    open_transactions: str | None = Field("CustTransOpens", pattern=SET)
    open_navigation: str | None = Field("CustTransaction", pattern=SET)
    transactions: str = Field("CustTransactions", pattern=SET)
    changed_transactions: str | None = Field(None, pattern=SET)
    settlements: str | None = Field(None, pattern=SET)
    disputes: str | None = Field("CustDisputes", pattern=SET)
    exchange_rates: str | None = Field("ExchangeRates", pattern=SET)
    ledgers: str | None = Field(None, pattern=SET)
    attachments: str | None = Field("CustomerAttachmentsV2", pattern=SET)


class CodeLists(CodeListSettings):
    """What the site's codes mean: transaction types, payment modes, credit statuses and the like.

    A transaction of a type in `beside_types` is what a settlement posted beside an invoice: an item only while
    something of it is open. `reason_code` says which reason code of F&O a reason of ours is written with.
    """

    kind_by_type: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=_KINDS.copy)
    beside_types: tuple[str, ...] = ("ExchAdjustment", "CashDisc", "WriteOff", "Settlement")
    allocation_by_type: Annotated[dict[str, AllocationKind], Codes] = Field(default_factory=_SETTLING.copy)
    class_by_type: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    class_by_payment_mode: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    level_by_letter: Annotated[dict[str, int], Codes] = Field(default_factory=_LEVELS.copy)
    state_by_credit_status: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    purpose_by_job_title: Annotated[dict[str, Purpose], Codes] = Field(default_factory=dict)
    purpose_by_address_purpose: Annotated[dict[str, Purpose], Codes] = Field(default_factory=dict)
    dispute_by_reason: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    reason_code: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    language: Annotated[dict[str, str], Codes] = Field(default_factory=dict)


class HoldSettings(ConnectorSettings):
    """Which values of OnHoldStatus may be set; `check` refuses those that stop cash from being posted (rule 25)."""

    values: tuple[HoldValue, ...] = Field(("Invoice",), min_length=1)


class D365Settings(EntraSettings):
    """One F&O environment.

    Sign-in by `client_secret`, or by `certificate_file` with `key_file` (PEM both). `authority` is written where it is
    not Microsoft's public one with `tenant`, such as AD FS. `companies` limits what is read to these dataAreaIds,
    which stand in every question: where they are more than forty, limit what the client's user may see instead.
    `company_currencies` says each company's currency, which LegalEntities does not. `test_customer`
    (`usmf/US-001`) is one that `check` may write to: its own hold status again, and a marked note.
    Customers and contacts that fill more than a page are read whole every `full_customers_days`; 0: every time.
    """

    extra: ClassVar[str] = "d365"

    base_url: str = Field(pattern=URL)
    ca_file: str | None = None
    companies: tuple[str, ...] = Field((), max_length=40)
    company_currencies: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    sets: Sets = Field(default_factory=Sets)
    page_size: int = Field(5_000, ge=1, le=10_000)
    lookback_days: int = Field(1, ge=1, le=366)
    history_months: int = Field(24, ge=0, le=600)
    full_customers_days: int = Field(1, ge=0, le=31)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(120, gt=0, le=600)
    patience_seconds: float = Field(120, gt=0, le=3600)
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1)
    hold: HoldSettings | None = Field(default_factory=HoldSettings)
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")
    test_customer: str | None = Field(None, pattern=r"^\w{1,4}/.+$")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `sets.settlements: …` as `sets: {settlements: …}`."""
        return nested(data)

    @property
    def root(self) -> str:
        """Return the address of the environment without a slash at its end."""
        return self.base_url.rstrip("/")

    @property
    def scopes(self) -> list[str]:
        """Return what a token is asked for: the environment itself."""
        return [self.scope or f"{self.root}/.default"]

    @property
    def areas(self) -> tuple[str, ...]:
        """Return the companies that are read as F&O writes them in data: small letters. Empty: all."""
        return tuple(sorted({code.lower() for code in self.companies}))

    def currency_of(self, area: str) -> str | None:
        """Return a company's currency, where the settings say it."""
        return self.company_currencies.get(area) or self.company_currencies.get(area.upper())
