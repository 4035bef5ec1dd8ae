"""What a site's codes mean, and the facts that a site writes where SAP does not tell them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from duehook.core.records import AllocationKind, CustomerState, ItemClass, ItemKind, Purpose
from duehook.core.settings.connector import CodeListSettings, Codes, ConnectorSettings

_KINDS: Final[dict[str, ItemKind]] = {
    "DG": "credit_note", "RG": "credit_note", "DZ": "on_account", "ZP": "on_account", "DA": "invoice",
    "DR": "invoice", "RV": "invoice",
}  # fmt: skip
_SPECIAL: Final[dict[str, ItemClass]] = {
    "A": "down_payment", "F": "down_payment", "W": "draft", "R": "draft", "G": "retainage",
}  # fmt: skip
_LANGUAGES: Final[dict[str, str]] = {"EN": "en", "DE": "de", "FR": "fr", "ES": "es", "IT": "it", "NL": "nl"}


class CompanyFacts(ConnectorSettings):
    """What SAP publishes no service for: a company code's name and currency."""

    name: str = ""
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")


class TermFacts(ConnectorSettings):
    """What a payment term means (T052): days net, and days and percent of the discount."""

    text: str = ""
    net_days: int = Field(0, ge=0, le=3650)
    discount_days: int | None = Field(None, ge=0, le=3650)
    discount_percent: Decimal | None = Field(None, ge=0, lt=100)


class CodeLists(CodeListSettings):
    """What the site's codes mean: document types, special G/L indicators, blocks and the like."""

    kind_by_document_type: Annotated[dict[str, ItemKind], Codes] = Field(default_factory=_KINDS.copy)
    payment_document_types: tuple[str, ...] = ("DZ", "ZP", "AB")
    netting_document_types: tuple[str, ...] = ("AB",)
    allocation_by_reason: Annotated[dict[str, AllocationKind], Codes] = Field(default_factory=dict)
    class_by_document_type: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    class_by_special_gl: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=_SPECIAL.copy)
    class_by_payment_method: Annotated[dict[str, ItemClass], Codes] = Field(default_factory=dict)
    block: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    dispute_by_reason: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    state_by_order_block: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    state_by_account_group: Annotated[dict[str, CustomerState], Codes] = Field(default_factory=dict)
    purpose_by_function: Annotated[dict[str, Purpose], Codes] = Field(default_factory=dict)
    language: Annotated[dict[str, str], Codes] = Field(default_factory=_LANGUAGES.copy)
