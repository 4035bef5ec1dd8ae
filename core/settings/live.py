"""What still stands between the settings and live letters (RULES §9, rule 31)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from duehook.core.hookspecs import Finding

from .model import CompanySettings, Settings


def before_live(settings: Settings, currencies: Mapping[str, Collection[str]]) -> list[Finding]:
    """Return what `duehook go-live` needs, each with whether it is there.

    `currencies` are those of each company's open items. What is missing is an error in live mode
    and a warning before it; a live company without a mailbox or an account must not send.
    """
    severity: Literal["error", "warning"] = "error" if settings.mode == "live" else "warning"
    found = (
        []
        if settings.companies
        else [Finding("companies", False, "no company is configured", "write companies: in duehook.yaml")]
    )
    for code, company in settings.companies.items():
        for subject, ok, message, advice in _needs(code, company, currencies.get(code, ())):
            found.append(Finding(f"company {code}: {subject}", ok, message, None if ok else advice, severity))
    return found


def _needs(code: str, company: CompanySettings, currencies: Collection[str]) -> Iterator[tuple[str, bool, str, str]]:
    at = f"companies.{code}"
    mailbox = company.mailbox
    yield (
        "mailbox",
        mailbox is not None,
        mailbox.address if mailbox else "letters would have no sender who can be answered",
        f"write {at}.mailbox.address",
    )
    for currency in sorted(currencies):
        account = company.bank_account(currency)
        text = account.bank if account else f"open items in {currency} have no account to be paid into"
        yield f"bank account {currency}", account is not None, text, f"add {currency} to {at}.bank_accounts"
    if not currencies:
        text = f"{len(company.bank_accounts)} written; no open items are known yet"
        yield "bank accounts", bool(company.bank_accounts), text, f"write {at}.bank_accounts"
    named = bool(company.legal_name and company.address and company.address.lines)
    text = "letters name the creditor" if named else "letters would not name the creditor in full"
    yield "legal name and address", named, text, f"write {at}.legal_name and {at}.address"
