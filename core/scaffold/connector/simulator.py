"""The simulated Acme: its REST interface over Duehook's book, with faults and rights that can be withdrawn.

Written from Acme's documentation, not from the mapping: a mistake made twice would find no fault.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from urllib.parse import parse_qsl

from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, BookSimulator
from duehook.core.testing.simulator import Reply, Request, json_reply

Raw = dict[str, Any]
KEY: Final = "simulated-acme-key"
RESOURCES: Final[Mapping[str, Stream]] = {
    "companies": "company",
    "terms": "payment_term",
    "rates": "exchange_rate",
    "customers": "customer",
    "contacts": "contact",
    "invoices": "item",
    "payments": "payment",
    "applications": "allocation",
}
# What Acme calls a field of the book's rows, where it is not called the same.
_EVERYWHERE: Final = {
    "key": "id", "changed_at": "changed", "posted_on": "posted", "company_currency": "local_currency",
    "company_amount": "local_amount", "vat_id": "vat", "tax_id": "vat", "valid_on": "valid",
}  # fmt: skip
NAMES: Final[Mapping[Stream, Mapping[str, str]]] = {
    "company": {"company": "id", "register_number": "register"},
    "payment_term": {"net_days": "days"},
    "exchange_rate": {"from_currency": "from", "to_currency": "to"},
    "customer": {"key": "number", "credit_limit": "limit"},
    "item": {
        "kind": "type", "item_class": "class", "open_amount": "open", "tax_amount": "tax", "due_on": "due",
        "discount_amount": "discount", "company_open_amount": "local_open", "document_no": "number",
        "document_type": "series", "fiscal_year": "year", "document_on": "date", "discount_on": "discount_until",
        "cleared_on": "cleared", "payment_method": "method", "business_unit": "unit", "disputed_amount": "disputed",
        "last_dunned_on": "dunned",
    },
    "payment": {"unapplied_amount": "unapplied", "received_on": "received", "reversed_on": "reversed"},
    "allocation": {"item": "invoice", "kind": "type", "allocated_on": "date"},
}  # fmt: skip
_DATES: Final[Mapping[Stream, str]] = {"item": "date", "payment": "received", "allocation": "date"}
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {
        "active": "OK", "legal": "LAW", "insolvent": "INS", "deceased": "DEC", "intercompany": "ICO",
        "one_time": "ONE", "do_not_contact": "DNC",
    },
    "kind": {
        "invoice": "INV", "credit_note": "CRN", "on_account": "CASH", "fee": "FEE", "chargeback": "CHB",
        "cash": "CASH", "credit": "CRN", "discount": "DISC", "write_off": "WOFF", "deduction": "DED", "fx": "FX",
    },
    "item_class": {
        "normal": "N", "direct_debit": "D", "draft": "B", "retainage": "R", "down_payment": "A", "unposted": "U",
        "intercompany": "I", "chargeback": "C",
    },
}  # fmt: skip


class AcmeSimulator(BookSimulator):
    """One Acme server. The book's rows are what its connector shall read (`given`), for it has a field for each."""

    lacks: Mapping[str, str] = {"sign-in that runs out": "a key for Acme is valid until somebody withdraws it"}
    rights: Mapping[str, str] = {resource: f"read {resource}" for resource in RESOURCES}

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves."""
        super().__init__(options)
        self._held: dict[Stream, list[Raw]] = {}
        self._spoiled: set[str] = set()

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection; a simulator need not be spared."""
        return {"base_url": f"{url}/api", "api_key": KEY, "calls_per_second": "1000"}

    def carried(self, changes: Sequence[Change]) -> None:
        """Forget the rows that were made of the book as it was."""
        self._held.clear()

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let an invoice have a date that there is not."""
        self._spoiled.add(item)
        self._held.clear()

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let a payment and its applications have a date that there is not."""
        self.spoil(payment)

    def answer(self, request: Request) -> Reply:
        """Answer `GET /api/RESOURCE?after=…&limit=…` and the filters `ids`, `open`, `changed_from`, `changed_to`."""
        resource = request.path.removeprefix("/api/")
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self.error(401)
        if resource not in RESOURCES:
            return self.error(404)
        if resource in self.denied:
            return self.error(403)
        asked = dict(parse_qsl(request.query))
        fits = _filter(asked)
        found = [raw for raw in self._rows(RESOURCES[resource]) if fits(raw)]
        page = {"self": request.query, "left": len(found), "rows": found[: int(asked["limit"])]}
        return Reply(json.dumps(page, default=str).encode())

    def error(self, status: int) -> Reply:
        """Word an error as Acme does."""
        return json_reply({"error": {"status": status, "message": "see the manual"}}, status)

    def shrunk(self, reply: Reply) -> Reply:
        """Lose the page's last row."""
        page = json.loads(reply.body)
        return json_reply({**page, "rows": page["rows"][:-1]})

    def _rows(self, stream: Stream) -> list[Raw]:
        """Return the stream's rows in the order of their ids."""
        if stream not in self._held:
            self._held[stream] = sorted((self._raw(stream, row) for row in self.given(stream)), key=itemgetter("id"))
        return self._held[stream]

    def _raw(self, stream: Stream, row: Mapping[str, Any]) -> Raw:
        names = {**_EVERYWHERE, **NAMES.get(stream, {})}
        raw: Raw = {
            names.get(name, name): CODES.get(name, {}).get(value, value) if isinstance(value, str) else value
            for name, value in row.items()
        }
        if "address" in raw:
            held = raw["address"]
            raw["address"] = {"street": held["lines"], "zip": held["postal_code"], "city": held["city"],
                              "country": held["country"]}  # fmt: skip
        if stream == "exchange_rate":
            raw["id"] = f"{raw['from']}-{raw['to']}-{raw['valid']}"
        if stream == "customer":
            raw["id"] = "@".join(filter(None, (raw["number"], raw.get("company"))))
        if stream in _DATES and self._spoiled & {row["key"], row.get("payment")}:
            raw[_DATES[stream]] = "2026-02-31"
        return raw


def _filter(asked: Mapping[str, str]) -> Callable[[Raw], bool]:
    """Return what tells the rows that a question is about; what has no change stamp always is."""
    after, ids = asked.get("after", ""), frozenset(asked.get("ids", "").split(",")) - {""}
    since, until = (
        datetime.fromisoformat(asked[name]) if name in asked else None for name in ("changed_from", "changed_to")
    )

    def fits(raw: Raw) -> bool:
        at = raw.get("changed")
        return (
            raw["id"] > after
            and (not ids or raw["id"] in ids)
            and (since is None or at is None or at >= since)
            and (until is None or at is None or at <= until)
            and ("open" not in asked or bool(raw["open"] or raw["local_open"]))
        )

    return fits
