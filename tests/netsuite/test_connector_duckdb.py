"""Whatever the connector sends as SuiteQL runs on DuckDB too, over tables of the columns of real accounts.

sqlglot reads each statement as Oracle's and says it in DuckDB's words: an engine that others wrote then finds each
column, joins and compares by types, and must give the rows that SQLite gave.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from duehook.core.records import Stream
from duehook.core.testing.simulator import Reply, Request

from .connected import Connected
from .stubbed import Stub

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "netsuite"
SEED_OF = {
    "transaction": "transaction", "transactionline": "transaction_line", "account": "account", "currency": "currency",
    "transactionaccountingline": "tran_acct_line", "customer": "customer", "subsidiary": "subsidiary",
    "customersubsidiaryrelationship": "customer_subsidiary_relationship", "entityaddress": "entity_address",
}  # fmt: skip
RECORDS = {
    "transaction": ("invoice", "creditmemo", "customerpayment"), "contact": ("contact",), "term": ("term",),
    "contactrole": ("contactrole",), "customer": ("customer",),
}  # fmt: skip
# What no list has: by the documents of the table of links, by settings, and what every table has.
TOLD = {
    "transaction": "custbody_dispute voided", "dual": "dummy", "term": "id", "contact": "id", "contactrole": "id",
    "NextTransactionLineLink": "previousdoc previousline previoustype nextdoc nextline nexttype linktype foreignamount",
    "transactioninstallment": "transaction seqnum duedate amount amountdue",
}  # fmt: skip
WHOLE = set(
    "id transaction transactionline subsidiary entity currency account accountingbook previousdoc previousline nextdoc "
    "nextline company contactrole parent terms nkey defaultbillingaddress category entitystatus seqnum".split()
)
AMOUNTS = {"creditlimit", "discountpercent", "daysuntilnetdue", "daysuntilexpiry"}
STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")
FORMATS = {"YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DD HH24:MI:SS": "%Y-%m-%d %H:%M:%S"}
SUITEAPP = "customrecord_3805_dunning_procedure"  # which an account may not have
Sent = list[tuple[str, list[dict[str, Any]]]]


def columns() -> dict[str, set[str]]:
    """Return the columns of each table, as real accounts and NetSuite's descriptions of records list them."""
    described = json.loads((DATA / "oracle_records.json").read_text(encoding="utf-8"))["records"]
    found = {table: set(names.split()) for table, names in TOLD.items()}
    for table, seed in SEED_OF.items():
        lines = (DATA / "fivetran_seeds" / f"netsuite2_{seed}_data.csv").read_text(encoding="utf-8").splitlines()
        found.setdefault(table, set()).update(next(csv.reader(lines)))
    for table, names in RECORDS.items():
        for name in names:
            listed = described[name]["fields"] + described[name]["searchColumns"]
            found[table] |= {str(each["internalId"]).lower() for each in listed}
    return found


def kind_of(column: str) -> str:
    """Return the type of a column."""
    if column in WHOLE:
        return "BIGINT"
    if column in AMOUNTS or "amount" in column:
        return "DECIMAL(18,4)"
    return "TIMESTAMP" if column.endswith("date") else "VARCHAR"


@pytest.fixture(scope="module")
def sent() -> Iterator[tuple[Stub, Sent]]:
    """Give all that the connector asks of an account, with what SQLite answered."""
    stub = Stub()
    fill(stub)
    answered = answering(stub)
    settings: dict[str, Any] = {"instalments_table": "transactioninstallment", "companies": ["3", "6"], "dispute": {
        "field": "custbody_dispute"}}  # fmt: skip
    for more in ({}, settings):
        account = Connected(stub, **more)
        use(account)
        account.close()
    stub.server.stop()
    yield stub, answered
    stub.tables.close()


def fill(stub: Stub) -> None:
    """Put in something of each kind."""
    for number in range(100, 112):
        stub.document(number)
    stub.document(200, "CustPymt", "-100", "-40")
    stub.document(201, "CustCred", "-30", "-30", lastmodifieddate="2026-03-02 09:00:00")
    stub.document(202, "CustDep", "-10", "-10")
    stub.apply(200, 100, "60")
    stub.journal_line(300, 1, "50", "50")
    stub.put("contactrole", id=-10, name="Primary")
    stub.put("contact", id=9, company=77, entityid="P", firstname="Ada", email="a@example.com", contactrole=-10,
             isinactive="F", lastmodifieddate="2026-02-01 10:00:00")  # fmt: skip
    stub.put("entityaddress", nkey=5, addr1="Main St 1", city="Bonn", zip="53111", country="DE")
    stub.customer(80, creditlimit="5000", defaultbillingaddress=5, email="b@example.com")
    stub.put("transactioninstallment", transaction=100, seqnum=1, duedate="2026-03-03", amount="100", amountdue="100")


def answering(stub: Stub) -> Sent:
    """Keep each statement with the rows that answered it."""
    found: Sent = []

    def special(request: Request, statement: str) -> Reply | None:
        if not statement or SUITEAPP in statement or "SYSDATE" in statement:
            return None
        reply = stub._queried(request, statement)
        rows = json.loads(reply.body).get("items", []) if reply.status == 200 else []
        found.append((statement, [{name: held for name, held in row.items() if name != "links"} for row in rows]))
        return reply

    stub.special = special
    return found


def use(account: Connected) -> None:
    """Let a connection do all that it does by reading."""
    for stream in STREAMS:
        source = account.source(stream)
        done = account.pages(stream)[-1].position
        account.pages(stream, done)
        list(source.keys(stream))
        source.lookup(stream, [("3", "100"), ("3", "300"), ("3", "77"), ("", "9"), ("", "77|email"), ("3", "4711")])
        list(source.totals(source.upper_bound()))
        list(source.check())
        list(source.discover())
    list(account.target.check())
    account.target.current_hold("3", "77")


@pytest.fixture(scope="module")
def duck(sent: tuple[Stub, Sent]) -> Iterator[Any]:
    """Give DuckDB with the tables of a real account, and the stub's rows in them."""
    if not DATA.exists():
        pytest.skip("the column lists of real accounts are not on this machine")
    made, (stub, _) = duckdb.connect(), sent
    for table, names in columns().items():
        typed = ", ".join(f'"{name}" {kind_of(name)}' for name in sorted(names))
        made.execute(f'CREATE TABLE "{table}" ({typed})')
        cursor = stub.tables.execute(f'SELECT * FROM "{table}"')
        held = [each[0] for each in cursor.description]
        quoted = ", ".join(f'"{name}"' for name in held)
        for row in cursor.fetchall():
            made.execute(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(row))})', list(row))
    yield made
    made.close()


def in_duckdb(statement: str) -> str:
    """Return a statement in DuckDB's words."""
    parsed = sqlglot.parse_one(statement, read="oracle")
    for each in list(parsed.find_all(exp.ToChar)):  # which sqlglot does not translate
        each.replace(exp.TimeToStr(this=each.this, format=exp.Literal.string(FORMATS[each.args["format"].name])))
    return parsed.sql(dialect="duckdb", identify=True)


def plain(held: Any) -> str:
    """Return a value so that two engines' numbers are alike."""
    try:
        return str(Decimal(str(held)).normalize() + 0)
    except InvalidOperation:
        return str(held)


def test_every_statement_gives_the_same_rows_on_another_engine(duck: Any, sent: tuple[Stub, Sent]) -> None:
    _, answered = sent
    statements = {statement: rows for statement, rows in answered if not statement.startswith("SELECT *")}
    assert len(statements) > 60
    unlike = {}
    for statement, rows in statements.items():
        cursor = duck.execute(in_duckdb(statement))
        names = [each[0].lower() for each in cursor.description]
        found = [
            {name: plain(held) for name, held in zip(names, row, strict=True) if held is not None}
            for row in cursor.fetchall()
        ]
        wanted = [{name.lower(): plain(held) for name, held in row.items()} for row in rows]
        if found != wanted:
            unlike[statement] = (found, wanted)
    assert unlike == {}


def test_every_table_that_is_looked_over_whole_is_there(duck: Any, sent: tuple[Stub, Sent]) -> None:
    whole = {statement for statement, _ in sent[1] if statement.startswith("SELECT *")}
    assert len(whole) == 3
    for statement in whole:
        assert duck.execute(in_duckdb(statement)).fetchall()
