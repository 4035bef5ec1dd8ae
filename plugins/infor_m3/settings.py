"""What duehook.yaml says of an Infor M3 connection.

What differs from site to site, and what the dossier could not prove, is a setting with the usual value,
and `check` tries it. A name with a dot, such as `contacts.employer_type`, is the nested one.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose
from duehook.core.settings.connector import Codes, ConnectorSettings, nested

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
DIVISION: Final = re.compile(r"[A-Za-z0-9]{1,3}\Z")
_LANGUAGES: Final[dict[str, str]] = {"GB": "en", "US": "en", "SE": "sv", "DK": "da", "CZ": "cs"}
_CODES: Final[dict[str, ItemKind]] = {"20": "on_account"}
_EMAILS: Final[dict[str, Purpose]] = {"02": "main"}
_UNITS: Final[dict[str, int]] = {"0": 1, "1": 1}


def _listed(value: Any) -> Any:
    """Read `AAA,BBB` as a list, for settings that come as plain text."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed: Final = BeforeValidator(_listed)


class CodeLists(ConnectorSettings):
    """What the site's codes mean: transaction codes (TRCD), information types (IVTP), payment methods (PYCD) and more.

    An information type goes before a transaction code; what neither names is an invoice, or a credit note below zero.
    `block_by_…` say which of M3's own codes stop reminders, and what that block is called: BLPR and CLCD of customers,
    CLST and CLCD of invoices; an empty word is no block.
    """

    kind_by_transaction_code: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=_CODES.copy)
    kind_by_information_type: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=dict)
    money_codes: Annotated[tuple[str, ...], Listed] = Field(("20",), min_length=1)
    class_by_information_type: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    class_by_payment_method: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    allocation_by_information_type: Annotated[dict[str, AllocationKind], Codes] = Field(default_factory=dict)
    state_by_free_field: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    purpose_by_contact_type: Annotated[dict[str, Purpose], Codes] = Field(default_factory=dict)
    language: Annotated[dict[str, str], Codes] = Field(default_factory=_LANGUAGES.copy)
    block_by_reminder_code: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    block_by_customer_collection: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    block_by_collection_status: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    block_by_collection: Annotated[dict[str, str], Codes] = Field(default_factory=dict)


class RateSettings(ConnectorSettings):
    """Which exchange rates are read (CRTP), and what they are quoted for.

    `units` says for how many units a rate is by its factor (RAFA); a rate whose method (DMCU) is among `dividing`
    says how much of the foreign currency a unit of the division's is.
    """

    types: Annotated[tuple[str, ...], Listed] = Field(("1",), min_length=1)
    units: Annotated[dict[str, int], Codes] = Field(default_factory=_UNITS.copy)
    dividing: Annotated[tuple[str, ...], Listed] = ("2",)


class ContactSettings(ConnectorSettings):
    """Which people of CRS618 are customers', and which e-mail addresses of CRS111.

    People are those whose employer type (ERTP) is this; None: of any type. `email_types` says which types of address
    (EMTP) stand under customers' numbers, and what they may be written to about; none: no address is read.
    """

    employer_type: str | None = "1"
    email_types: Annotated[dict[str, Purpose], Codes] = Field(default_factory=_EMAILS.copy)


class NoteSettings(ConnectorSettings):
    """Where notes go: appended to the customer's text (AddText), or as a text block each (CRS980MI).

    `file`, `transfer_file` and `user` are what CRS980MI asks for beside; `language` is the texts'.
    """

    mode: Literal["AddText", "CRS980MI"] = "AddText"
    file: str = Field("OCUSMA00", max_length=10)
    transfer_file: str = Field("OSYTXH", max_length=10)
    user: str = Field("DUEHOOK", max_length=10)
    language: str = Field("", max_length=2)


class M3Settings(ConnectorSettings):
    """One company (CONO) of one M3.

    `mode` basic signs in by `user` and `password` at `base_url`, which goes up to and with /m3api-rest; ionapi by the
    file that the gateway's admin downloads. `divisions` limits what is read; none: all that the user sees.
    `exportmi` reads the ledger by EXPORTMI, with changes; without it every reading is whole. `promise` and
    `dispute_category` say where the site keeps these: CUSEXTMI, and a category of additional information (ARS251).
    `local_column` is FSLEDG's column with what a record came to in the division's currency; None: there is none.
    `state_field` is the field of a customer that `codes.state_by_free_field` is about. Contacts are read whole every
    `full_contacts_days`, for people are listed in no other way; 0: every time. `cash_discounts` asks for the cash
    discount of every item with a cash discount term (TECD).
    """

    mode: Literal["basic", "ionapi"] = "basic"
    base_url: str | None = Field(None, pattern=URL)
    user: str | None = Field(None, min_length=1)
    password: SecretStr | None = None
    version: Literal["v2", "v1"] = "v2"
    ionapi_file: str | None = Field(None, min_length=1)
    ca_file: str | None = None
    company: str = Field(pattern=r"^\d{1,3}$")
    divisions: Annotated[tuple[str, ...], Listed] = ()
    division_names: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    division_currencies: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    exportmi: bool = True
    separator: str = Field("^", min_length=1, max_length=1)
    bulk: bool = True
    bulk_size: int = Field(150, ge=1, le=150)
    page_size: int = Field(1_000, ge=1, le=10_000)
    rows_at_once: int = Field(10_000, ge=50, le=100_000)
    lookback_hours: float = Field(24, ge=0.2, le=24 * 31)
    full_contacts_days: int = Field(1, ge=0, le=31)
    history_months: int = Field(24, ge=0, le=600)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(60, gt=0, le=600)
    calls_per_second: float = Field(5, gt=0)
    calls_at_once: int = Field(2, ge=1)
    closed_code: str = Field("9", pattern=r"^\d$")
    cash_discounts: bool = True
    local_column: str | None = Field("ACAM", pattern=r"^[A-Z0-9]{4}$")
    rates: RateSettings | None = Field(default_factory=RateSettings)
    state_field: str = Field("CFC3", pattern=r"^[A-Z0-9]{4}$")
    stop_code: str | None = Field("1", pattern=r"^[1-9]$")
    stop_user: str = Field("DUEHOOK", max_length=10)
    notes: NoteSettings | None = Field(default_factory=NoteSettings)
    promise: Literal["cusextmi"] | None = None
    dispute_category: str | None = Field(None, min_length=1, max_length=3)
    contacts: ContactSettings = Field(default_factory=ContactSettings)
    codes: CodeLists = Field(default_factory=CodeLists)
    mapping: str | None = Field(None, min_length=1, description="the site's own field mapping; see `duehook map check`")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `contacts.employer_type: …` as `contacts: {employer_type: …}`, and `note_mode` as the notes' mode."""
        return nested(data, {"note_mode": "notes.mode"})

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if self.mode == "basic" and not (self.base_url and self.user and self.password):
            raise ValueError("basic signs in by base_url, user and password")
        if self.mode == "ionapi" and not self.ionapi_file:
            raise ValueError("ionapi signs in by ionapi_file")
        wrong = [code for code in self.divisions if not DIVISION.match(code)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is no division: up to three letters and digits")
        return self
