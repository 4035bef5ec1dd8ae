"""What duehook.yaml says of an Oracle Fusion Cloud Receivables connection.

What differs from site to site, and what the documents leave open, is a setting with the usual value, and `check`
tries it. A name with a dot, such as `profile.version`, is the nested one.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from duehook.core.money import is_currency
from duehook.core.records import CustomerState, ItemClass, ItemKind
from duehook.core.settings.connector import CodeListSettings, Codes, ConnectorSettings, nested

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
NAME: Final = r"^[A-Za-z_]\w{0,127}$"
CHILD: Final = r"^([A-Za-z_]\w{0,127})?$"
MOST: Final = 500  # rows that Fusion gives at once; it cuts a larger limit without a word


def _listed(value: Any) -> Any:
    """Read a list that comes as JSON text, as a simulator prints it."""
    return json.loads(value) if isinstance(value, str) and value.lstrip().startswith("[") else value


class BusinessUnit(ConnectorSettings):
    """A business unit, which is a company here: its name as documents bear it, and the currency of its ledger.

    `org_id` is its number, by which extracts (BICC) name it.
    """

    name: str = Field(min_length=1, max_length=200)
    currency: str
    org_id: str | None = Field(None, pattern=r"^\d{1,18}$", coerce_numbers_to_str=True)

    @field_validator("currency")
    @classmethod
    def _is_one(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError(f"{code} is no ISO 4217 currency")
        return code


class CodeLists(CodeListSettings):
    """What the site's codes mean: transaction types, account statuses, and reasons of disputes.

    A transaction type that is not listed is an invoice. `dispute_reason` says with which of Fusion's reasons one of
    ours is written.
    """

    kind_by_type: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=dict)
    class_by_type: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    state_by_status: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    dispute_reason: Annotated[dict[str, str], Codes] = Field(default_factory=dict)


class Columns(ConnectorSettings):
    """Names of attributes that the documents leave open; null: there is none."""

    changed: str = Field("LastUpdateDate", pattern=NAME)
    posted: str | None = Field("AccountingDate", pattern=NAME)
    conversion_rate: str | None = Field("ConversionRate", pattern=NAME)
    purchase_order: str | None = Field("PurchaseOrder", pattern=NAME)
    credit_memo_currency: str = Field("CreditMemoCurrency", pattern=NAME)
    credit_memo_balance: str = Field("TransactionBalanceDue", pattern=NAME)
    accounted: str | None = Field("AccountedAmount", pattern=NAME)
    reversed: str | None = Field("ReversalDate", pattern=NAME)


class Profile(ConnectorSettings):
    """Elements of the customer profile (SOAP) that the documents leave open; null: there is none.

    `version` is sent back with a change where a profile has it, so that a user who was quicker wins.
    """

    party: str | None = Field("PartyNumber", pattern=NAME)
    collector: str | None = Field("CollectorName", pattern=NAME)
    analyst: str | None = Field("CreditAnalystName", pattern=NAME)
    hold: str = Field("CreditHold", pattern=NAME)
    limit: str | None = Field("CreditLimit", pattern=NAME)
    limit_currency: str | None = Field("CreditCurrencyCode", pattern=NAME)
    status: str | None = Field("AccountStatusValue", pattern=NAME)
    terms: str | None = Field("PaymentTerms", pattern=NAME)
    id: str | None = Field("CustomerAccountProfileId", pattern=NAME)
    version: str | None = Field("ObjectVersionNumber", pattern=NAME)


class NoteSettings(ConnectorSettings):
    """The REST child of an invoice that takes notes, and what its attributes are called."""

    child: str = Field(pattern=NAME)
    text: str = Field("NoteTxt", pattern=NAME)


class FusionSettings(ConnectorSettings):
    """One pod of Fusion Cloud.

    Sign-in by `user` and `password` (basic), or by an assertion that `key_file` signs and `token_url` takes (jwt);
    where `sign_in` does not say, a `key_file` means the second. `business_units` are the companies that are read.
    `known_invoice` and `known_credit_memo` are numbers of such that are surely there: where the user lacks a duty role
    Fusion answers with nothing at all, and only by these can it be told.
    `query_and` is what stands between two conditions of `q`. `credit_memo_installments` is the child of credit memos
    with their instalments; empty: there is none, and they are read of the accounts' activities. `credit_memo_sign`
    says how their balances come. `receipt_applications` and `credit_memo_applications` are the children of the
    accounts' activities that show what was applied to what; empty: there is none. `dispute_reason` is the reason of
    disputes whose own is not among `codes.dispute_reason`; `promise_attribute` a flexfield's segment of promises that
    takes our mark. `rows_at_once` is how many rows one question may list the numbers of (1 where the pod takes no
    lists), and `party_by` says by what contacts find their parties: by CustomerId of the account's activities, or by
    the profile, one question each. `read_by: bicc` reads items from the extracts that land in `bicc_folder`, and the
    rest over REST.
    """

    base_url: str = Field(pattern=URL)
    sign_in: Literal["basic", "jwt"] | None = None
    user: str | None = Field(None, min_length=1)
    password: SecretStr | None = None
    client_id: str | None = Field(None, min_length=1)
    key_file: str | None = Field(None, min_length=1)
    token_url: str | None = Field(None, pattern=URL)
    scope: str | None = Field(None, min_length=1)
    ca_file: str | None = None
    business_units: Annotated[tuple[BusinessUnit, ...], BeforeValidator(_listed)] = Field(min_length=1)
    known_invoice: str | None = Field(None, min_length=1)
    known_credit_memo: str | None = Field(None, min_length=1)
    timezone: str = "UTC"
    read_by: Literal["rest", "bicc"] = "rest"
    bicc_folder: str | None = Field(None, min_length=1)
    release: str = Field("11.13.18.05", pattern=r"^[\w.]{1,40}$")
    rest_version: str = Field("4", pattern=r"^\d{1,2}$")
    query_and: str = Field(";", min_length=1, max_length=5)
    credit_memo_installments: str = Field("receivablesCreditMemoInstallments", pattern=CHILD)
    receipt_applications: str = Field("standardReceiptApplications", pattern=CHILD)
    credit_memo_applications: str = Field("creditMemoApplications", pattern=CHILD)
    credit_memo_sign: Literal["negative", "positive"] = "negative"
    columns: Columns = Field(default_factory=Columns)
    profile: Profile = Field(default_factory=Profile)
    page_size: int = Field(MOST, ge=1, le=MOST)
    rows_at_once: int = Field(100, ge=1, le=100)
    party_by: Literal["account", "profile"] = "account"
    lookback_hours: float = Field(24, ge=0.2, le=24 * 31)
    history_months: int = Field(24, ge=0, le=600)
    full_customers_days: int = Field(1, ge=0, le=31)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(120, gt=0, le=600)
    patience_seconds: float = Field(120, gt=0, le=3600)
    calls_per_second: float = Field(5, gt=0)
    calls_at_once: int = Field(2, ge=1)
    holds: bool = True
    promises: bool = True
    disputes: bool = True
    payment_method: str | None = Field("Check", min_length=1)
    promise_attribute: str | None = Field(None, pattern=NAME)
    dispute_reason: str | None = Field(None, min_length=1)
    notes: NoteSettings | None = None
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `profile.version: …` as `profile: {version: …}`."""
        return nested(data)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name} is no time zone; write one such as Europe/Berlin")
        return name

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if self.by_assertion and not (self.client_id and self.key_file and self.token_url):
            raise ValueError("jwt signs in by client_id, key_file and token_url")
        if not self.by_assertion and not (self.user and self.password):
            raise ValueError("basic signs in by user and password")
        if self.read_by == "bicc" and not self.bicc_folder:
            raise ValueError("say where the extracts land: bicc_folder")
        names = [unit.name for unit in self.business_units]
        if len(set(names)) != len(names):
            raise ValueError("a business unit is named twice")
        return self

    @property
    def by_assertion(self) -> bool:
        """Say whether a token is got by an assertion."""
        return self.sign_in == "jwt" or (self.sign_in is None and self.key_file is not None)

    @property
    def root(self) -> str:
        """Return the pod's address without a slash at its end."""
        return self.base_url.rstrip("/")

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the business units' calendar."""
        return ZoneInfo(self.timezone)

    @property
    def currencies(self) -> dict[str, str]:
        """Return each business unit's currency by its name."""
        return {unit.name: unit.currency for unit in self.business_units}
