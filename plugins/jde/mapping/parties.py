"""F0010, F0014, F0015, F03012 with its joins, F0111 with phones and mail → the records of people and terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Row
from duehook.plugins.jde import tables
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import amount, number, text, whole

from .site import GLOBAL_COMPANY, Mapped, People, Raw, Site, mapped

_RATE_STEP: Final = Decimal("1e-12")
Lines = Mapping[tuple[int, int], Sequence[Mapping[str, Any]]]


def companies(raws: Iterable[Raw], site: Site) -> Mapped:
    """Map F0010; company 00000 holds JDE's defaults and is no creditor."""

    def one(raw: Raw) -> Iterator[Row]:
        company, name, currency = map(text, raw)
        if company != GLOBAL_COMPANY:
            yield {"company": company, "name": name or company, "currency": currency}

    return mapped(raws, tables.COMPANY, one)


def payment_terms(raws: Iterable[Raw], site: Site) -> Mapped:
    """Map F0014; the blank term is JDE's "none given"."""
    percent = Decimal(1).scaleb(-site.settings.discount_percent_decimals)

    def one(raw: Raw) -> Iterator[Row]:
        code, told, net_days, discount, discount_days = raw
        if (key := text(code)) is not None:
            off = amount(discount, percent)
            yield {
                "key": key,
                "text": text(told) or "",
                "net_days": whole(net_days or 0),
                "discount_percent": off or None,
                "discount_days": whole(discount_days or 0) if off else None,
            }

    return mapped(raws, tables.PAYMENT_TERM, one, patch=site.patch("payment_term"))


def exchange_rates(raws: Iterable[Raw], site: Site) -> Mapped:
    """Map F0015; rates agreed with one customer (CXAN8) are left out, and so is a rate of zero."""
    scale = Decimal(1).scaleb(-site.settings.rate_decimals)
    divide = site.settings.rate_method == "divide"

    def one(raw: Raw) -> Iterator[Row]:
        from_currency, to_currency, agreed_with, kind, valid, rate = raw[:6]
        value = number(rate) * scale
        valid_on = site.days[valid]
        if whole(agreed_with or 0) or not value or valid_on is None:
            return
        row = {
            "from_currency": text(from_currency),
            "to_currency": text(to_currency),
            "valid_on": valid_on,
            "rate": (1 / value).quantize(_RATE_STEP) if divide else value,
        }
        yield row | {"rate_type": text(kind)} if text(kind) else row

    return mapped(raws, tables.EXCHANGE_RATE, one)


class CustomerMapping:
    """Maps rows of `Queries.customers`; the row of company 00000 governs where no other does.

    `people` says who stands behind the codes of collector and credit manager.
    """

    def __init__(self, site: Site, people: People | None = None) -> None:
        self._site = site
        self._people = people or People()
        self._patch = site.patch("customer")

    def rows(self, raws: Iterable[Raw]) -> Mapped:
        """Map a page."""
        return mapped(raws, tables.CUSTOMER, self._rows, patch=self._patch)

    def _rows(self, raw: Raw) -> Iterator[Row]:
        found = dict(zip(tables.CUSTOMER_ROW, raw, strict=False))
        codes, number_of = self._site.settings.codes, whole(found["AIAN8"])
        company, alpha_name = text(found["AICO"]), text(found["ABALPH"])
        address = self._address(found)
        yield {
            "company": None if company == GLOBAL_COMPANY else company,
            "key": str(number_of),
            "name": text(found["WWMLNM"]) or alpha_name or str(number_of),
            "state": self._state(found),
            "payer": _other(found["AIARPY"], number_of),
            "parent": _other(found["MAPA8"], number_of),
            "collector": text(found["AICLMG"]),
            "credit_manager": text(found["AICMGR"]),
            "terms": text(found["AITRAR"]),
            "currency": text(found["AICRCD"]),
            "credit_limit": self._limit(found["AIACL"]),
            "limit_currency": text(found["AIAMCR"]) or text(found["AICRCD"]),
            "hold": text(found["AIHOLD"]),
            "dunning_block": self._block(found["AIDNLT"]),
            "language": codes.language.get(text(found["ABLNGP"]) or ""),
            "country": address["country"] if address else None,
            "tax_id": text(found["ABTAX"]),
            "address": address,
            "extra": self._extra(found, alpha_name),
            "changed_at": self._changed_at(found),
        }

    def _state(self, found: dict[str, Any]) -> str:
        codes = self._site.settings.codes
        message = text(found["AITSTA"]) or text(found["ABCM"]) or ""
        by_message = codes.state_by_credit_message.get(message)
        return by_message or codes.state_by_search_type.get(text(found["ABAT1"]) or "", "active")

    def _limit(self, raw: Any) -> Decimal | None:
        settings = self._site.settings
        limit = amount(raw, Decimal(1).scaleb(-settings.credit_limit_decimals))
        return limit if limit or settings.credit_limit_zero == "zero" else None

    def _block(self, notice: Any) -> str | None:
        blocked = self._site.settings.notice_flag_blocks and text(notice) == "N"
        return "no notices (AIDNLT N)" if blocked else None

    def _address(self, found: dict[str, Any]) -> Row | None:
        lines = tuple(line for place in "1234" if (line := text(found[f"ALADD{place}"])))
        city, postal_code, country = text(found["ALCTY1"]), text(found["ALADDZ"]), text(found["ALCTR"])
        if not (lines or city or postal_code):
            return None
        code = self._site.settings.codes.country.get(country or "", country)
        return {
            "lines": lines,
            "postal_code": postal_code,
            "city": city,
            "region": text(found["ALADDS"]),
            "country": code if code and len(code) == 2 else None,
        }

    def _extra(self, found: dict[str, Any], alpha_name: str | None) -> dict[str, str]:
        told = {
            "alpha_name": alpha_name,
            "search_type": text(found["ABAT1"]),
            "credit_message": text(found["ABCM"]),
            "temporary_credit_message": text(found["AITSTA"]),
            "hold_invoices": text(found["AIHDAR"]),
            "delinquency_policy": text(found["AIPLY"]),
            "collector_name": self._people.collectors.get(text(found["AICLMG"]) or ""),
            "credit_manager_name": self._people.credit_managers.get(text(found["AICMGR"]) or ""),
        }
        return {name: value for name, value in told.items() if value}

    def _changed_at(self, found: dict[str, Any]) -> Any:
        stamps = self._site.stamps
        instants = (stamps.at(found[f"{prefix}UPMJ"], found[f"{prefix}UPMT"]) for prefix in ("AI", "AB", "AL"))
        return max((instant for instant in instants if instant), default=None)


class ContactMapping:
    """Maps F0111 rows with their phones and mail addresses; each address is a contact of its own.

    Line 0 is the customer itself, so it serves the purpose `main` beside what its type says.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._patch = site.patch("contact")

    def rows(self, raws: Iterable[Raw], *, phones: Iterable[Raw], emails: Iterable[Raw]) -> Mapped:
        """Map a page."""
        numbers, addresses = by_line(phones, tables.PHONE), by_line(emails, tables.EMAIL)
        return mapped(raws, tables.WHO, lambda raw: self._rows(raw, numbers, addresses), patch=self._patch)

    def _rows(self, raw: Raw, phones: Lines, emails: Lines) -> Iterator[Row]:
        customer, line, name, kind, title, day, time = raw[:7]
        place = (whole(customer), whole(line))
        shared = {
            "customer": str(place[0]),
            "name": text(name) or "",
            "purposes": self._purposes(place[1], text(kind)),
            "phone": _phone(phones.get(place, ())),
            "role": text(title),
            "extra": {"contact_type": text(kind)} if text(kind) else {},
            "changed_at": self._site.stamps.at(day, time),
        }
        addresses = [found for found in emails.get(place, ()) if _is_mail(found)]
        key = f"{place[0]}|{place[1]}"
        yield shared | {"key": key, "email": text(addresses[0]["EAEMAL"]) if addresses else None}
        for further in addresses[1:]:
            yield shared | {"key": f"{key}|{whole(further['EARCK7'])}", "email": text(further["EAEMAL"])}

    def _purposes(self, line: int, kind: str | None) -> tuple[str, ...]:
        purpose = self._site.settings.codes.purpose_by_contact_type.get(kind or "")
        found = ("main",) if line == 0 else ()
        return (purpose, *found) if purpose and purpose not in found else found


def by_line(raws: Iterable[Raw], table: Table) -> Lines:
    """Sort phones or mail addresses by customer and who's-who line; an unreadable one is left out."""
    found: dict[tuple[int, int], list[Mapping[str, Any]]] = defaultdict(list)
    names = [column.name for column in table.columns]
    for raw in raws:
        named = dict(zip(names, raw, strict=True))
        try:
            place = (whole(named[f"{table.prefix}AN8"]), whole(named[f"{table.prefix}IDLN"]))
        except BadRecord:
            continue
        found[place].append(named)
    return found


def _phone(lines: Sequence[Mapping[str, Any]]) -> str | None:
    for line in lines:
        if text(line["WPPHTP"]) != "FAX" and (digits := text(line["WPPH1"])):
            return f"{text(line['WPAR1']) or ''} {digits}".strip()
    return None


def _is_mail(line: Mapping[str, Any]) -> bool:
    return text(line["EAETP"]) in {"E", None} and "@" in (text(line["EAEMAL"]) or "")


def _other(raw: Any, itself: int) -> str | None:
    """Return another address number as a key; none, or the customer itself, as None."""
    found = whole(raw or 0)
    return str(found) if found and found != itself else None
