"""What a site configures in duehook.yaml."""

from __future__ import annotations

from .loading import load
from .model import (
    CompanyBankAccount,
    CompanySettings,
    Connection,
    Defaults,
    HoldSettings,
    Mailbox,
    Mode,
    Schedule,
    Settings,
)
from .values import Slot

__all__ = [
    "CompanyBankAccount",
    "CompanySettings",
    "Connection",
    "Defaults",
    "HoldSettings",
    "Mailbox",
    "Mode",
    "Schedule",
    "Settings",
    "Slot",
    "load",
]
