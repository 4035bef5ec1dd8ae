"""Payments, deposits and refunds as payments, and links between documents as allocations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.plugins.netsuite.settings import CodeLists
from duehook.plugins.netsuite.tables import MONEY
from duehook.plugins.netsuite.values import NOTHING, Source, amount, day, flag, instant, required, status, text

from .items import Currencies

Row = dict[str, Any]
REFUND = "CustRfnd"
VOID = "|void"


@dataclass(frozen=True)
class CashMapping:
    """Makes payments of transactions of money, and allocations of what they were applied to."""

    codes: CodeLists
    currencies: Currencies
    zone: tzinfo
    patch: Patch | None = None

    def payments(self, row: Source) -> Iterator[Row]:
        """Yield the payment that a transaction is, and its reversal where it was voided."""
        made = self._payment(row)
        if self.patch is not None:
            self.patch(row, made)
        if not is_voided(row) or not made["amount"]:
            yield made
            return
        on = day(row, "closedate") or _modified_on(row, self.zone) or made["received_on"]
        yield {**made, "reversed_on": on, "unapplied_amount": NOTHING}
        own = made["company_amount"]
        yield {
            **made,
            "key": f"{made['key']}{VOID}",
            "amount": -made["amount"],
            "company_amount": None if own is None else -own,
            "unapplied_amount": NOTHING,
            "received_on": on,
            "posted_on": on,
            "reversal_of": made["key"],
        }

    def allocation(self, link: Source, company: str | None) -> Row | None:
        """Return what a link took off a document; None where it took off none that is an item."""
        found = amount(link, "foreignamount")
        if not found:
            return None
        kind = self.codes.allocation_by_type.get(required(link, "nexttype"))
        if kind is None or company is None:
            return None
        currency = self.currencies.currency(required(link, "currency"))
        if currency is None:
            raise BadRecord(f"currency {link['currency']} has no symbol in the table currency.")
        owed_to_them = link.get("previoustype") in {"CustCred", "CustPymt", "CustDep"}
        return {
            "company": company,
            "key": key_of(link),
            "item": str(link["previousdoc"]),
            "payment": str(link["nextdoc"]) if link["nexttype"] in MONEY else None,
            "kind": kind,
            "currency": currency,
            "amount": -abs(found) if owed_to_them else abs(found),
            "allocated_on": day(link, "trandate") or required(link, "trandate"),
            "changed_at": instant(link, "modified", self.zone),
        }

    def _payment(self, row: Source) -> Row:
        company, whole = required(row, "subsidiary"), amount(row, "foreignamount")
        if whole is None:
            raise BadRecord("foreignamount is empty.")
        currency = self.currencies.currency(required(row, "currency"))
        if currency is None:
            raise BadRecord(f"currency {row['currency']} has no symbol in the table currency.")
        sign = -1 if row.get("doctype") == REFUND else 1
        on = day(row, "trandate") or required(row, "trandate")
        return {
            "company": company,
            "key": str(row["id"]),
            "customer": required(row, "entity"),
            "currency": currency,
            "amount": sign * abs(whole),
            "unapplied_amount": sign * abs(amount(row, "unused") or NOTHING),
            **self._in_company(row, company, currency, sign * abs(whole)),
            "received_on": on,
            "posted_on": on,
            "reference": text(row, "tranid"),
            "changed_at": instant(row, "modified", self.zone),
        }

    def _in_company(self, row: Source, company: str, currency: str, whole: Decimal) -> Row:
        own, found = self.currencies.currency_of(company), amount(row, "companyamount")
        if own is None:
            return {"company_currency": None, "company_amount": None}
        if found is None:
            return {"company_currency": own, "company_amount": whole if own == currency else None}
        return {"company_currency": own, "company_amount": abs(found) if whole >= 0 else -abs(found)}


def key_of(link: Source) -> str:
    """Return an allocation's key: both documents with their lines."""
    return "|".join(str(link[name]) for name in ("nextdoc", "nextline", "previousdoc", "previousline"))


def is_voided(row: Source) -> bool:
    """Say whether a transaction was voided: by its flag, or by its status."""
    return flag(row, "voided") or status(row) == "V"


def _modified_on(row: Source, zone: tzinfo) -> Any:
    changed = instant(row, "modified", zone)
    return changed.astimezone(zone).date() if changed else None
