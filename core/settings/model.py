"""duehook.yaml as frozen models: what each key means and what it is when nobody writes it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from duehook.core.calendar import Calendar
from duehook.core.errors import ConfigError, NotFound
from duehook.core.hookspecs import ConnectionConfig

from .values import (
    Country,
    Currency,
    DatabaseUrl,
    Days,
    Duration,
    Iban,
    Language,
    MailAddress,
    Model,
    Name,
    Share,
    Weekday,
    Weekly,
    Zone,
)

Mode = Literal["shadow", "pilot", "live"]
Serves = Literal["customers", "contacts", "invoices", "payments", "write_back"]
OURS: Final = ("base", "files")  # of Settings, and no keys of the file
ALL_SERVES: tuple[Serves, ...] = ("customers", "contacts", "invoices", "payments", "write_back")


class PilotCustomer(Model):
    """A customer who gets real letters in pilot mode."""

    company: Name
    customer: Name


class Defaults(Model):
    """What holds where neither policy nor connection says otherwise (RULES §9)."""

    grace_days: Days = Field(0, description="days past the due date before an item ripens")
    fresh_for: Duration = Field(timedelta(hours=4), description="age of an import that spares asking the ERP again")
    notice_valid_for: Days = Field(3, description="business days a notice waits for an ERP that is down")
    notice_waits: Days = Field(3, description="days a notice may wait before it is decided anew")
    clearing_days: Days = Field(5, description="days until received cash counts for the release of a hold")
    hold_grace_days: Days = Field(10, description="days after a release before the same rule may hold again")
    reopen_grace: Days = Field(5, description="business days a reopened item waits before it is dunned")
    first_live_notices: int = Field(100, ge=0, description="notices of a first live run above which it is refused")
    bad_rows: Share = Field(Decimal("0.01"), description="share of bad rows that stops an import")
    balance_drop: Share = Field(Decimal("0.2"), description="sudden fall of the open balance that stops an import")
    lookback: Duration = Field(timedelta(days=1), description="how far an incremental import reads back")


class ErpCompany(Model):
    """Where a company's ledger is: the connection, and the ERP's own code for the company."""

    connection: Name
    code: Name


class PostalAddress(Model):
    """The creditor's address as it is printed on letters."""

    lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: Country | None = None


class CompanyCalendar(Model):
    """The days the company is closed: the country's holidays and days of its own."""

    country: Country | None = None
    subdivision: str | None = None
    closed: tuple[date, ...] = ()
    weekend: tuple[Weekday, ...] | None = Field(None, description="weekday numbers, Monday 0; else the country's")

    @model_validator(mode="after")
    def _exists(self) -> Self:
        try:
            self.build()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def build(self) -> Calendar:
        """Return the calendar of core/calendar."""
        return Calendar(self.country, self.subdivision, closed=self.closed, weekend=self.weekend)


class Mailbox(Model):
    """The mailbox that exists and answers: sender and Reply-To of every mail (rule 31)."""

    address: MailAddress
    name: str | None = None
    phone: str | None = None


class CompanyBankAccount(Model):
    """An account the debtor may pay into, one a currency."""

    currency: Currency
    bank: Name
    iban: Iban | None = None
    bic: str | None = None
    account: str | None = Field(None, description="number and routing where there is no IBAN")

    @model_validator(mode="after")
    def _payable(self) -> Self:
        if not (self.iban or self.account):
            raise ValueError("write `iban`, or `account` where there is none")
        return self


class HoldSettings(Model):
    """The credit hold: which value is set in the ERP, through which connection (rules 25, 26)."""

    value: Name
    connection: Name | None = Field(None, description="else the company's own")
    auto_release: bool = Field(False, description="release without a person's approval")


class CompanySettings(Model):
    """One creditor: what the ERP lacks of it, and how it collects."""

    erp: ErpCompany
    codes: dict[str, Name] = Field({}, description="its code in other connections, where it differs")
    legal_name: str | None = None
    address: PostalAddress | None = None
    vat_id: str | None = None
    register_number: str | None = None
    timezone: Zone | None = Field(None, description="else the site's")
    language: Language = "en"
    calendar: CompanyCalendar = CompanyCalendar()
    mailbox: Mailbox | None = None
    bank_accounts: tuple[CompanyBankAccount, ...] = ()
    policy: Name = "default"
    aging: Name = "standard"
    hold: HoldSettings | None = None
    logo: str | None = Field(None, description="PNG, JPEG or SVG beside duehook.yaml")

    def bank_account(self, currency: str) -> CompanyBankAccount | None:
        """Return the account that debts of this currency are paid into."""
        return next((account for account in self.bank_accounts if account.currency == currency), None)


class PolicyChoice(Model):
    """Policies that outrank the company's: of a customer group, of one debtor."""

    groups: dict[str, Name] = Field({}, description="customer group: policy")
    debtors: dict[str, Name] = Field({}, description="connection/company/customer: policy")

    @model_validator(mode="after")
    def _keys(self) -> Self:
        for key in self.debtors:
            if len([part for part in key.split("/", 2) if part]) != 3:
                raise ValueError(f"{key!r} names no debtor; write connection/company/customer")
        return self


class Schedule(Model):
    """When the loop runs, in each company's own time; see `duehook schedule`."""

    nightly: Weekly | None = Field(
        None, description="import, tie_out, aging and dun, one after the other; mails go by deliver_every"
    )
    import_: Weekly | None = Field(None, alias="import")
    tie_out: Weekly | None = None
    aging: Weekly | None = None
    dun: Weekly | None = None
    deliver: Weekly | None = None
    deliver_every: Duration = timedelta(minutes=5)

    @model_validator(mode="after")
    def _pace(self) -> Self:
        if self.deliver_every < timedelta(seconds=10):
            raise ValueError("deliver_every is at least 10 s")
        return self


class Connection(BaseModel):
    """One connection: the plugin's type, what it is used for, and the plugin's own settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    type: str
    serves: tuple[Serves, ...] = ALL_SERVES
    settings: SerializeAsAny[BaseModel]


class Settings(Model):
    """The whole of duehook.yaml. Paths in it count from the file's own folder, `base`."""

    version: Literal[1] = 1
    mode: Mode = Field("shadow", description="shadow: nothing leaves; pilot: the listed customers; live (rule 23)")
    pilot: tuple[PilotCustomer, ...] = ()
    catch_all: MailAddress | None = Field(None, description="where all mail goes that may not go to the debtor")
    database: DatabaseUrl = Field("sqlite:///duehook.db", description="sqlite:///file or postgresql://user@host/name")
    archive: str = Field("archive", description="folder of the letters and mails as they went out")
    rules: str = Field("rules", description="folder of your own policy packs, beside those that ship")
    timezone: Zone = "UTC"
    defaults: Defaults = Defaults()
    companies: dict[str, CompanySettings] = Field({}, description="our company code: the company")
    policies: PolicyChoice = PolicyChoice()
    connections: dict[str, Connection] = Field({}, description="name: the connection, by its plugin's keys")
    mail: dict[str, Any] = Field({}, description="the mail channel's settings")
    letters: dict[str, Any] = Field({}, description="the letter channel's settings")
    without_plugins: tuple[Name, ...] = Field((), description="plugins that keep no letter back when they do not load")
    schedule: Schedule = Schedule()
    base: Path = Field(Path(), exclude=True)
    files: tuple[Path, ...] = Field((), exclude=True)  # those that its references led to

    def company(self, code: str) -> CompanySettings:
        """Return a company by our code."""
        if code not in self.companies:
            known = ", ".join(self.companies) or "none"
            raise NotFound(f"there is no company {code!r} in duehook.yaml; it has {known}.")
        return self.companies[code]

    def connection(self, name: str) -> ConnectionConfig:
        """Return what a plugin is given to build its objects of."""
        found = self.used_connection(name)
        return ConnectionConfig(name, found.type, found.settings, str(self.base))

    def used_connection(self, name: str) -> Connection:
        """Return a connection with what it is used for."""
        if name not in self.connections:
            known = ", ".join(self.connections) or "none"
            raise NotFound(f"there is no connection {name!r} in duehook.yaml; it has {known}.")
        return self.connections[name]

    def code_in(self, connection: str, company: str) -> str:
        """Return the code that a connection knows our company by."""
        settings = self.company(company)
        return settings.codes.get(connection, settings.erp.code)

    def companies_of(self, connection: str) -> dict[str, str]:
        """Return {the connection's code: our code} of the companies whose ledger or data it has."""
        return {
            self.code_in(connection, ours): ours
            for ours, settings in self.companies.items()
            if connection == settings.erp.connection or connection in settings.codes
        }

    def zone(self, company: str) -> str:
        """Return the time zone a company's days are counted in."""
        return self.company(company).timezone or self.timezone

    def is_test(self, company: str, customer: str) -> bool:
        """Say whether nothing real may leave for this customer (rule 23)."""
        return self.mode == "shadow" or (self.mode == "pilot" and not self.in_pilot(company, customer))

    def in_pilot(self, company: str, customer: str) -> bool:
        """Say whether the customer is listed for pilot mode."""
        return PilotCustomer(company=company, customer=customer) in self.pilot

    def channel(self, name: str) -> dict[str, Any]:
        """Return a channel's settings, paths in them still as written."""
        return {"mail": self.mail, "letter": self.letters}.get(name, {})

    def path(self, text: str) -> Path:
        """Return a path of the file, counted from its folder."""
        return self.base / text
