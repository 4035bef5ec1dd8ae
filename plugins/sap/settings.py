"""What duehook.yaml says of an SAP S/4HANA connection.

What differs from system to system, and what the dossier could not prove, is a setting with the usual
value, and `check` tries it. A name with a dot, such as `services.items`, is the nested one.
"""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from duehook.core.settings.connector import ConnectorSettings, nested
from duehook.plugins.sap_lines.codes import CodeLists, CompanyFacts, TermFacts

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"


class Services(ConnectorSettings):
    """The services' names, for sites that publish them under others; None: not there.

    `path` is what stands before a service's name; for OData v4 `path_v4` has {service} in it.
    """

    path: str = "/sap/opu/odata/sap"
    path_v4: str = "/sap/opu/odata4/sap/{service}/srvd_a2x/sap/{service}/0001"
    business_partner: str = "API_BUSINESS_PARTNER"
    items: str = "API_OPLACCTGDOCITEMCUBE_SRV"
    credit: str | None = "API_CRDTMBUSINESSPARTNER"
    dispute: str | None = None


class HoldSettings(ConnectorSettings):
    """How a credit hold is written (rule 25).

    credit: CreditAccountIsBlocked with the hold's value as its reason. order: the central order block of
    A_Customer.
    """

    by: Literal["credit", "order"] = "credit"


class PartySettings(ConnectorSettings):
    """What tells customers of several ERPs for one party (`duehook party find`), read only where it is asked for.

    `bank_accounts` are read as IBAN and kept as hashes; `duns_type` is the type of identification under which the site
    keeps DUNS numbers.
    """

    bank_accounts: bool = False
    duns_type: str | None = Field(None, min_length=1, max_length=6)


class NoteSettings(ConnectorSettings):
    """Which long text takes the notes: one of the customer, or of the customer in its company."""

    text_id: str = Field("0001", min_length=1, max_length=4)
    language: str = Field("EN", min_length=2, max_length=2)
    by_company: bool = False


class DisputeSettings(ConnectorSettings):
    """The names of the dispute service, which SAP does not publish; `check` tries them.

    `entity` and what stands behind it are names; a case counts while its status is one of `open_status`.
    """

    entity: str = "DisputeCase"
    key: str = "CaseUUID"
    company: str = "CompanyCode"
    year: str = "FiscalYear"
    document: str = "AccountingDocument"
    line: str = "AccountingDocumentItem"
    customer: str = "Customer"
    amount: str = "DisputedAmount"
    reason: str = "CaseReason"
    status: str = "CaseStatus"
    title: str = "CaseTitle"
    title_length: int = Field(60, ge=1)
    reference: str = "ExternalReference"
    open_status: tuple[str, ...] = ("01",)


class JournalEntryNames(ConnectorSettings):
    """The names in the WSDL of "Journal Entry – Change": as SAP's own is known to have them, and `check` tries them.

    `operation` is an operation, what stands behind it are elements of its message.
    """

    operation: str = "JournalEntryBulkChangeRequest_In"
    header: str = "MessageHeader"
    id: str = "ID"
    uuid: str = "UUID"
    created: str = "CreationDateTime"
    sender: str = "SenderBusinessSystemID"
    item: str = "JournalEntryDebtorCreditorItem"
    item_key: str = "ItemKey"
    document: str = "AccountingDocument"
    company: str = "CompanyCode"
    year: str = "FiscalYear"
    line: str = "AccountingDocumentItemID"
    change: str = "DunningBlockingReasonCodeChange"
    value: str = "DunningBlockingReasonCode"
    requested: str = "FieldValueChangeIsRequested"

    def places(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return the settings of the names that are looked for in the message, each behind a path of it."""
        return [
            ((), ("header", "item")),
            ((self.header,), ("id", "uuid", "created")),
            ((self.item,), ("header", "item_key", "change")),
            ((self.item, self.item_key), ("document", "company", "year", "line")),
            ((self.item, self.change), ("value", "requested")),
        ]


class JournalEntrySettings(ConnectorSettings):
    """The SOAP service "Journal Entry – Change (Asynchronous)", which writes the dunning block of one item.

    `wsdl` is the file downloaded from the site's own system (its communication arrangement of SAP_COM_0002), and
    counts from the folder of duehook.yaml. `endpoint` is a path of `base_url`. A block is written as `reason`; None: as
    the command says; it is lifted by the code `lifted_as`. A write looks for what became of it for `look_seconds`; it
    may come for `patience_minutes`, then a person is asked. `business_system` is the sender's, for sites that let SAP
    send confirmations there.
    """

    wsdl: str = Field(min_length=1)
    endpoint: str = Field("/sap/bc/srt/scs_ext/sap/journalentrybulkchangerequest_", pattern=r"^/[^\s?#]*$")
    reason: str | None = Field(None, min_length=1, max_length=1)
    lifted_as: str = Field("", max_length=1)
    look_seconds: float = Field(20, ge=0, le=600)
    patience_minutes: float = Field(60, gt=0, le=10_080)
    business_system: str | None = Field(None, min_length=1, max_length=60)
    names: JournalEntryNames = Field(default_factory=JournalEntryNames)

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `names.item: …` as `names: {item: …}`."""
        return nested(data)


class SapSettings(ConnectorSettings):
    """One S/4HANA system and client.

    Either `user` and `password`, or `token_url`, `client_id` and `client_secret`. `client` is SAP's own
    (Mandant): without it another client's data may answer, silently. `account_type_field` tells customer
    items from others; `item_filter` is added to every reading of items as it is written. Limits and blocks
    are those of `credit_segment`. `questions_at_once` go as one `$batch` where many rows are looked up; with 1
    each goes by itself, as it does where a system takes no `$batch`. `mapping` counts from the folder of
    duehook.yaml; its code lists go over `codes`.
    """

    base_url: str = Field(pattern=URL)
    client: str | None = Field(None, pattern=r"^\d{3}$")
    odata: Literal["v2", "v4"] = "v2"
    user: str | None = None
    password: SecretStr | None = None
    token_url: str | None = Field(None, pattern=URL)
    client_id: str | None = None
    client_secret: SecretStr | None = None
    ca_file: str | None = None
    services: Services = Field(default_factory=Services)
    companies: dict[str, CompanyFacts] = Field(default_factory=dict)
    terms: dict[str, TermFacts] = Field(default_factory=dict)
    account_type_field: str = "FinancialAccountType"
    account_type: str = "D"
    item_filter: str = ""
    page_size: int = Field(5_000, ge=1, le=10_000)
    lookback_days: int = Field(1, ge=1, le=366)
    full_customers_days: int = Field(7, ge=1, le=366)
    history_months: int = Field(24, ge=0, le=600)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(120, gt=0, le=600)
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1)
    questions_at_once: int = Field(20, ge=1, le=100)
    credit_segment: str = Field("0000", max_length=10)
    hold: HoldSettings | None = Field(default_factory=HoldSettings)
    party: PartySettings = Field(default_factory=PartySettings)
    dispute: DisputeSettings = Field(default_factory=DisputeSettings)
    journal_entry_change: JournalEntrySettings | None = None
    notes: NoteSettings | None = Field(default_factory=NoteSettings)
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `services.items: …` as `services: {items: …}`."""
        return nested(data)

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        basic, token = bool(self.user), bool(self.token_url)
        if basic == token:
            raise ValueError("say how to sign in: user and password, or token_url, client_id and client_secret")
        if basic and self.password is None:
            raise ValueError("password is missing beside user")
        if token and not (self.client_id and self.client_secret):
            raise ValueError("client_id and client_secret are missing beside token_url")
        return self
