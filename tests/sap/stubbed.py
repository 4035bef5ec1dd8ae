"""A server that gives prepared lines of the cube and of nothing else, and a connector of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.under_test import Connector
from duehook.core.testing.simulator import Reply, Request, SimulatorServer, json_reply

DAY = "/Date(1772409600000)/"  # 2026-03-02
LINE = {
    "CompanyCode": "1010", "FiscalYear": "2026", "AccountingDocument": "100", "AccountingDocumentItem": "001",
    "Customer": "17", "DebitCreditCode": "S", "AccountingDocumentType": "DR", "TransactionCurrency": "EUR",
    "CompanyCodeCurrency": "EUR", "AmountInTransactionCurrency": "100.000", "AmountInCompanyCodeCurrency": "100.000",
    "DocumentDate": DAY, "PostingDate": DAY, "IsCleared": False, "NetDueDate": DAY,
}  # fmt: skip
TOLD_BY = ("IsCleared", "InvoiceReference", "ClearingIsReversed")
TELLING = "(IsCleared eq true or InvoiceReference ne '' or ClearingIsReversed eq true)"
PLUGINS = load_plugins(())
Answer = Callable[[Request], Reply | None]


class Stub:
    """Gives the cube's rows behind a key and under the few conditions that tell them apart; `special` goes first."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = [LINE | row for row in rows]
        self.asked: list[Request] = []
        self.special: Answer = lambda request: None
        self.tells_apart = True  # False: gives also the lines that tell of nothing that was taken off
        self.server = SimulatorServer(self.handle)
        self.url = self.server.start()

    def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        found = self.special(request)
        if found is not None:
            return found
        if "Cube" not in request.path:
            return json_reply({"d": {"results": []}}, headers=[("x-csrf-token", "t")])
        rows = self._found({name: held[0] for name, held in parse_qs(request.query).items()})
        return json_reply({"d": {"results": rows, "__count": str(len(rows))}})

    def give_where(self, condition: str, *rows: dict[str, Any]) -> None:
        """Answer what is asked under a condition, and not behind a key, with these rows."""

        def special(request: Request) -> Reply | None:
            where = parse_qs(request.query).get("$filter", [""])[0]
            if condition not in where or " gt '" in where:
                return None
            return json_reply({"d": {"results": rows, "__count": str(len(rows))}})

        self.special = special

    def _found(self, query: dict[str, str]) -> list[dict[str, Any]]:
        where = query.get("$filter", "")
        if " gt '" in where:
            return []
        rows = self.rows
        if TELLING in where:
            where = where.replace(TELLING, "")
            rows = [row for row in rows if any(map(row.get, TOLD_BY)) or not self.tells_apart]
        if "IsCleared eq false" in where and "ge datetime" not in where:
            rows = [row for row in rows if not row["IsCleared"]]
        for name in ("InvoiceReference", "AccountingDocument", "AccountingDocumentType"):
            ask = f"{name} eq '"
            if ask in where:
                rows = [row for row in rows if f"{ask}{row.get(name)}'" in where]
        return [row for row in rows if row.get("InvoiceReference")] if "InvoiceReference ne ''" in where else rows

    def connector(self, **other: Any) -> Connector:
        settings = {
            "base_url": self.url, "client": "100", "user": "u", "password": "p", "calls_per_second": 1000,
            "companies": {"1010": {"name": "A", "currency": "EUR"}}, **other,
        }  # fmt: skip
        return Connector(PLUGINS, "sap", settings, "/")

    def open_amounts(self) -> tuple[dict[str, Decimal], Decimal]:
        """Read what is open by item, and the sum of the totals."""
        connector = self.connector()
        source = connector.source("item")
        totals = [total for page in source.totals(source.upper_bound()) for total in page]
        read = {row["key"]: row["open_amount"] for row in connector.rows("item") if row["open_amount"]}
        assert {total.document: total.open_amount for total in totals if total.open_amount} == read
        keys = {key for page in source.keys("item") for _, key in page.keys}
        assert read.keys() <= keys
        return read, sum((total.open_amount for total in totals), Decimal(0))


def pays(number: str, amount: str, **more: Any) -> dict[str, Any]:
    """Return a credit line of a payment's document."""
    return {
        "AccountingDocument": number, "AccountingDocumentType": "DZ", "DebitCreditCode": "H",
        "AmountInTransactionCurrency": amount, "AmountInCompanyCodeCurrency": amount, **more,
    }  # fmt: skip


def of(document: str, *, year: str = "2026", line: str = "001") -> dict[str, str]:
    """Return what refers to an invoice."""
    return {"InvoiceReference": document, "InvoiceReferenceFiscalYear": year, "InvoiceItemReference": line}


def cleared(by: str, on: str = DAY) -> dict[str, Any]:
    """Return what tells that a line was cleared by a document."""
    return {"IsCleared": True, "ClearingDate": on, "ClearingAccountingDocument": by, "ClearingDocFiscalYear": "2026"}
