"""Customers as company codes know them, their own addresses and the people there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.records import CustomerState
from duehook.core.wire.odata.dialect import Unreadable
from duehook.plugins.sap_ecc.client.tables import Row
from duehook.plugins.sap_ecc.site import EccSite

from .values import amount, bare, day, text_or_none

Mapped = tuple[list[dict[str, Any]], list[BadRow]]


@dataclass(frozen=True)
class Master:
    """What customers are joined from."""

    customers: Mapping[str, Row] = field(default_factory=dict)
    dunning: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    addresses: Mapping[str, Row] = field(default_factory=dict)
    credit: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True)
class CustomerMapping:
    """Makes a customer of each row of KNB1."""

    site: EccSite

    def rows(self, companies: Iterable[Row], master: Master) -> Mapped:
        """Return customers, and those that cannot be read."""
        rows: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for each in companies:
            try:
                rows.append(self._row(each, master))
            except BadRecord as error:
                bad.append(BadRow(error.message, dict(each), bare(each["KUNNR"]), each["BUKRS"]))
        return rows, bad

    def _row(self, row: Row, master: Master) -> dict[str, Any]:
        own = master.customers.get(row["KUNNR"])
        if own is None:
            raise BadRecord(f"KNA1 has no customer {row['KUNNR']}, though KNB1 has.")
        codes = self.site.settings.codes
        payer, parent = text_or_none(row, "KNRZB"), text_or_none(row, "KNRZE")
        return {
            "company": row["BUKRS"],
            "key": bare(row["KUNNR"]),
            "name": own["NAME1"] or bare(row["KUNNR"]),
            "state": self._state(own),
            "payer": bare(payer) if payer else None,
            "parent": bare(parent) if parent else None,
            "group": text_or_none(own, "KONZS"),
            "collector": text_or_none(row, "BUSAB"),
            "terms": text_or_none(row, "ZTERM"),
            "language": codes.language.get(own["SPRAS"]) if own["SPRAS"] else None,
            "tax_id": text_or_none(own, "STCEG"),
            "country": text_or_none(own, "LAND1"),
            "address": _address(own, master.addresses.get(own["ADRNR"])),
            **self._dunning(master.dunning.get((row["KUNNR"], row["BUKRS"]))),
            **self._credit(row["BUKRS"], master.credit.get(row["KUNNR"], ())),
        }

    def _state(self, own: Row) -> CustomerState:
        codes = self.site.settings.codes
        by_block = codes.state_by_order_block.get(own["AUFSD"])
        return by_block or codes.state_by_account_group.get(own.get("KTOKD", ""), "active")

    def _dunning(self, row: Row | None) -> dict[str, Any]:
        if row is None:
            return {}
        block, level = row["MANSP"], row["MAHNS"]
        return {
            "dunning_block": self.site.settings.codes.block.get(block, block) if block else None,
            "dunning_level": int(level) or None if level.isdecimal() else None,
            "last_dunned_on": _sure(day("MADAT", row["MADAT"])),
        }

    def _credit(self, company: str, rows: Sequence[Row]) -> dict[str, Any]:
        """Return limit and block of the company code's credit control area: a limit of 0 is none (rule 3)."""
        row = credit_row(self.site, company, rows)
        if row is None:
            return {}
        currency = self.site.currency_of(company)
        limit = _sure(amount("KLIMK", row["KLIMK"], currency, self.site.decimals)) or Decimal(0)
        return {
            "credit_limit": limit or None,
            "limit_currency": currency if limit else None,
            "hold": text_or_none(row, "CRBLB"),
        }


def credit_row(site: EccSite, company: str, rows: Sequence[Row]) -> Row | None:
    """Return the row of KNKK that governs a customer in a company code: by its area, or the only one."""
    area = site.credit_area(company)
    if area is not None:
        return next((row for row in rows if row["KKBER"] == area), None)
    return rows[0] if len(rows) == 1 else None


def _address(own: Row, row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    street = " ".join(part for part in (row.get("STREET"), row.get("HOUSE_NUM1")) if part)
    return {
        "lines": (street,) if street else (),
        "postal_code": text_or_none(row, "POST_CODE1"),
        "city": text_or_none(row, "CITY1"),
        "region": text_or_none(row, "REGION"),
        "country": text_or_none(row, "COUNTRY") or text_or_none(own, "LAND1"),
    }


def _sure(held: Any) -> Any:
    if isinstance(held, Unreadable):
        raise held.refuse()
    return held


def own_contacts(site: EccSite, customers: Iterable[Row], emails: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """Return the customers' own addresses that have an e-mail, which serve as main."""
    languages = site.settings.codes.language
    return [
        {
            "key": f"{bare(row['KUNNR'])}|email",
            "customer": bare(row["KUNNR"]),
            "name": row["NAME1"],
            "purposes": ("main",),
            "email": email,
            "language": languages.get(row["SPRAS"]),
        }
        for row in customers
        if (email := _first(emails.get(row["ADRNR"], ())))
    ]


def people(site: EccSite, rows: Iterable[Row], emails: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """Return the people at customers, each with what the site's codes make of his function."""
    purposes = site.settings.codes.purpose_by_function
    return [
        {
            "key": row["PARNR"],
            "customer": bare(row["KUNNR"]),
            "name": " ".join(part for part in (row["NAMEV"], row["NAME1"]) if part),
            "purposes": (purposes[row["PAFKT"]],) if row["PAFKT"] in purposes else (),
            "email": _first(emails.get(row["PRSNR"], ())),
            "phone": text_or_none(row, "TELF1"),
        }
        for row in rows
    ]


def _first(rows: Sequence[Row]) -> str | None:
    """Return the address that is marked as the usual one, else the first."""
    ordered = sorted(rows, key=lambda row: (not row["FLGDEFAULT"], row["CONSNUMBER"]))
    return next((row["SMTP_ADDR"] for row in ordered if row["SMTP_ADDR"]), None)
