"""A server that answers SuiteQL from tables in SQLite, and keeps a few records: no more than the tests ask.

The tables have the columns of real accounts, as far as those are known; what a statement asks beyond is an error, as
in NetSuite. Dates are text, so that Oracle's formats are a matter of length.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from duehook.core.testing.simulator import Reply, Request, SimulatorServer, json_reply
from duehook.plugins.netsuite.settings import NetsuiteSettings

Row = dict[str, Any]
Answer = Callable[[Request, str], Reply | None]
TABLES = {
    "transaction": "id type tranid entity trandate duedate closedate currency terms otherrefnum memo status voided "
    "posting lastmodifieddate custbody_dispute",
    "transactionline": "id transaction mainline subsidiary entity foreignamount foreignamountunpaid "
    "foreignpaymentamountunused",
    "transactionaccountingline": "transaction transactionline accountingbook account amount amountunpaid "
    "paymentamountunused posting",
    "account": "id accttype",
    "NextTransactionLineLink": "previousdoc previousline nextdoc nextline linktype foreignamount",
    "customer": "id entityid companyname isperson firstname lastname altname email phone terms currency parent "
    "category entitystatus language creditlimit creditholdoverride oncredithold lastmodifieddate defaultbillingaddress "
    "vatregnumber",
    "customersubsidiaryrelationship": "id entity subsidiary isprimarysub",
    "contact": "id company entityid firstname lastname email phone contactrole isinactive lastmodifieddate",
    "entityaddress": "nkey addr1 addr2 addr3 city state zip country",
    "subsidiary": "id name legalname currency country federalidnumber iselimination isinactive",
    "currency": "id symbol",
    "term": "id name daysuntilnetdue daysuntilexpiry discountpercent",
    "transactioninstallment": "transaction seqnum duedate amount amountdue",
    "contactrole": "id name",
    "dual": "dummy",
}
AMOUNTS = "foreignamount foreignamountunpaid foreignpaymentamountunused amount amountunpaid paymentamountunused".split()
SEEN = {"invoice", "creditmemo", "customerpayment", "customerdeposit", "journalentry", "contact", "note", "customer"}
RECORD_OF = {"CustInvc": "invoice", "CustCred": "creditmemo", "CustPymt": "customerpayment",
             "CustDep": "customerdeposit", "Journal": "journalentry"}  # fmt: skip
NOW = "2026-03-02 15:45:00"
LINKS: dict[str, list[Any]] = {"links": []}


class Stub:
    """An account. `special` may answer a request in the place of the tables, given the statement it asks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tables = sqlite3.connect(":memory:", check_same_thread=False)
        self.tables.create_function(
            "TO_CHAR", 2, lambda held, form: held and str(held)[: 10 if len(form) == 10 else 19]
        )
        self.tables.create_function("NVL", 2, _nvl)
        self.tables.create_function("TO_DATE", 2, lambda held, form: held)
        self.tables.create_function("TO_TIMESTAMP", 2, lambda held, form: held)
        for name, columns in TABLES.items():
            typed = ", ".join(f'"{each}" {"" if each in AMOUNTS else _type(each)}' for each in columns.split())
            self.tables.execute(f'CREATE TABLE "{name}" ({typed})')
        self.put("dual", dummy="X")
        self.records: dict[str, Row] = {}
        self.fields: dict[str, list[str]] = {kind: [] for kind in SEEN}
        self.fields["customer"] = ["creditHoldOverride"]
        self.asked: list[str] = []
        self.requests: list[Request] = []
        self.special: Answer = lambda request, statement: None
        self.server = SimulatorServer(self.handle, clock=lambda: datetime(2026, 3, 2, 23, 45, tzinfo=UTC))
        self.url = self.server.start()
        self.base()

    def base(self) -> None:
        """Give one subsidiary in EUR, one in USD, a term and a customer of both."""
        self.put("currency", id=1, symbol="USD")
        self.put("currency", id=4, symbol="EUR")
        self.put("subsidiary", id=3, name="Example GmbH", currency=4, country="DE", iselimination="F")
        self.put("subsidiary", id=6, name="Example Inc.", currency=1, country="US", iselimination="F")
        self.put("subsidiary", id=9, name="Elimination", currency=1, iselimination="T")
        self.put("term", id=2, name="Net 30", daysuntilnetdue=30)
        self.put("account", id=119, accttype="AcctRec")
        self.put("account", id=1, accttype="Bank")
        self.customer(77)

    def customer(self, number: int, *subsidiaries: int, **more: Any) -> None:
        """Make a customer that belongs to subsidiaries, 3 and 6 where none are said."""
        held = {
            "id": number, "entityid": f"C{number}", "companyname": f"Customer {number}", "currency": 4, "terms": 2,
            "creditholdoverride": "AUTO", "lastmodifieddate": "2026-01-05 10:00:00", "isperson": "F",
        }  # fmt: skip
        self.put("customer", **{**held, **more})
        for place, subsidiary in enumerate(subsidiaries or (3, 6)):
            self.put("customersubsidiaryrelationship", id=number * 10 + place, entity=number, subsidiary=subsidiary)

    def document(
        self, number: int, kind: str = "CustInvc", amount: str = "100", left: str = "100", **more: Any
    ) -> None:
        """Make a document of customer 77 in subsidiary 3 with its own line; `left` is unpaid, or unused."""
        head = {
            "id": number, "type": kind, "tranid": f"N{number}", "entity": 77, "trandate": "2026-02-01", "currency": 4,
            "posting": "T", "lastmodifieddate": "2026-02-01 09:00:00", "voided": "F", "status": "A", "terms": 2,
            "duedate": "2026-03-03" if kind == "CustInvc" else None,
        }  # fmt: skip
        subsidiary = more.pop("subsidiary", 3)
        unpaid, unused = (left, None) if kind == "CustInvc" else (None, left)
        self.put("transaction", **{**head, **more})
        self.put("transactionline", id=0, transaction=number, mainline="T", subsidiary=subsidiary, foreignamount=amount,
                 foreignamountunpaid=unpaid, foreignpaymentamountunused=unused)  # fmt: skip
        self.put("transactionaccountingline", transaction=number, transactionline=0, accountingbook=1, account=119,
                 amount=amount, amountunpaid=unpaid, paymentamountunused=unused, posting="T")  # fmt: skip

    def journal_line(self, number: int, line: int, amount: str, left: str, **more: Any) -> None:
        """Add a line on receivables to a journal, which is made with its first one."""
        if not self.tables.execute('SELECT 1 FROM "transaction" WHERE id = ?', (number,)).fetchall():
            self.put("transaction", id=number, type="Journal", tranid=f"J{number}", trandate="2026-02-01", currency=4,
                     posting="T", lastmodifieddate="2026-02-01 09:00:00")  # fmt: skip
        debit = not amount.startswith("-")
        sides = {"foreignamountunpaid": left} if debit else {"foreignpaymentamountunused": left}
        held = {"id": line, "transaction": number, "mainline": "F", "subsidiary": 3, "entity": 77}
        self.put("transactionline", **{**held, "foreignamount": amount, **sides, **more})
        self.put("transactionaccountingline", transaction=number, transactionline=line, accountingbook=1, account=119,
                 amount=amount, amountunpaid=left if debit else None, paymentamountunused=None if debit else left,
                 posting="T")  # fmt: skip

    def apply(self, payment: int, invoice: int, amount: str) -> None:
        """Link a payment or credit to what it was applied to."""
        self.put("NextTransactionLineLink", nextdoc=payment, nextline=1, previousdoc=invoice, previousline=0,
                 linktype="Payment", foreignamount=amount)  # fmt: skip

    def put(self, table: str, **row: Any) -> None:
        """Add a row."""
        names = ", ".join(f'"{name}"' for name in row)
        with self.lock:
            self.tables.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', tuple(row.values())
            )

    def change(self, statement: str) -> None:
        """Let something happen, as SQL."""
        with self.lock:
            self.tables.execute(statement)

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        self.requests.append(request)
        statement = json.loads(request.body)["q"] if request.path.endswith("/suiteql") else ""
        self.asked += [statement] if statement else []
        found = self.special(request, statement)
        if found is not None:
            return found
        if statement:
            return self._queried(request, statement)
        place = unquote(request.path).partition("/record/v1/")[2]
        if place.startswith("metadata-catalog/"):
            return self._described(place.partition("/")[2])
        return self._record(request, place)

    def _queried(self, request: Request, statement: str) -> Reply:
        if {name.lower(): text for name, text in request.headers.items()}.get("prefer") != "transient":
            return refused(400, "Prefer: transient is missing")
        try:
            with self.lock:
                cursor = self.tables.execute(in_sqlite(statement))
                names = [each[0] for each in cursor.description]
                rows = cursor.fetchall()
        except sqlite3.Error as error:
            return refused(400, f"Invalid search query. Unknown identifier: {error}")
        items = [
            LINKS | {name: str(held) for name, held in zip(names, row, strict=True) if held is not None} for row in rows
        ]
        return page(items)

    def _described(self, kind: str) -> Reply:
        if kind not in self.fields:
            return refused(404, "Record type is not supported or not permitted")
        return json_reply({"type": "object", "properties": {name: {} for name in self.fields[kind]}})

    def _customer(self, place: str) -> Row | None:
        kind, _, key = place.partition("/")
        if kind != "customer":
            return None
        with self.lock:
            rows = self.tables.execute("SELECT creditholdoverride FROM customer WHERE id = ?", (key,)).fetchall()
        return {"id": key, "creditHoldOverride": {"id": rows[0][0], "refName": rows[0][0].title()}} if rows else None

    def _transaction(self, place: str) -> Row | None:
        record, _, key = place.partition("/")
        with self.lock:
            rows = self.tables.execute('SELECT type FROM "transaction" WHERE id = ?', (key,)).fetchall()
        return {"id": key} if rows and RECORD_OF.get(rows[0][0]) == record else None

    def _record(self, request: Request, place: str) -> Reply:
        if request.method == "GET":
            found = self.records.get(place) or self._customer(place) or self._transaction(place)
            return json_reply(found) if found is not None else refused(404, "It does not exist.", "NONEXISTENT_ID")
        values = json.loads(request.body)
        kind, _, key = place.partition("/")
        if kind == "customer":
            self.change(
                f"UPDATE customer SET creditholdoverride = '{values['creditHoldOverride']['id']}' WHERE id = {key}"
            )
        else:
            self.records.setdefault(place, {}).update(values)
        return Reply(b"", 204)


def _nvl(held: Any, other: Any) -> Any:
    if held is None:
        return other
    try:
        return float(held) if isinstance(other, int) else held
    except ValueError:
        return held


def page(items: list[Row]) -> Reply:
    """Return rows as SuiteQL gives them."""
    told = {"links": [], "count": len(items), "hasMore": False, "items": items, "offset": 0, "totalResults": len(items)}
    return json_reply(told)


def refused(status: int, detail: str, code: str = "INVALID_PARAMETER") -> Reply:
    """Return a refusal in NetSuite's form."""
    told = {"type": "https://example", "title": "Bad", "status": status,
            "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}  # fmt: skip
    return json_reply(told, status)


def in_sqlite(statement: str) -> str:
    """Return a statement as SQLite reads it."""
    said = re.sub(r"FETCH FIRST (\d+) ROWS ONLY", r"LIMIT \1", statement.replace("SYSDATE", f"'{NOW}'"))
    return re.sub(r"\btransaction\b", '"transaction"', said)


def settings_of(stub: Stub, **more: Any) -> NetsuiteSettings:
    """Return a connection to it, signed by a token."""
    given = {
        "account": "1234567_SB1", "base_url": stub.url, "timezone": "America/Los_Angeles", "calls_per_second": 10_000,
        "consumer_key": "ck", "consumer_secret": "cs-secret", "token_id": "ti", "token_secret": "ts-secret",
    }  # fmt: skip
    return NetsuiteSettings.model_validate({**given, **more})


def _type(column: str) -> str:
    whole = {"id", "entity", "subsidiary", "transaction", "transactionline", "previousdoc", "previousline", "nextdoc",
             "nextline", "company", "nkey", "seqnum", "currency", "terms", "parent", "account"}  # fmt: skip
    return "INTEGER" if column in whole else "TEXT"
